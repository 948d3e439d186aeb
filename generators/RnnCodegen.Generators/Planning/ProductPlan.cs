using RnnCodegen.Generators.Specs;

namespace RnnCodegen.Generators.Planning;

/// <summary>
/// How out[rows, N] = start + A[rows, K] B is computed: B's columns stand in panels, k by k, and a register tile of rows by one panel
/// runs over k.
/// </summary>
/// <param name="Name">Method name.</param>
/// <param name="K">Length of a sum.</param>
/// <param name="InputStride">Floats from one row of A to the next.</param>
/// <param name="OutputStride">Floats from one row of the result to the next.</param>
/// <param name="PanelColumns">Columns of a full panel.</param>
/// <param name="FullPanels">Number of full panels.</param>
/// <param name="LastColumns">Columns of one more, narrower panel; 0 where there is none.</param>
/// <param name="RowPanels">Full panels that a single row is multiplied with at a time.</param>
/// <param name="PackedOffset">First float of B in the packed weights.</param>
internal sealed record ProductPlan(
    string Name, int K, int InputStride, int OutputStride, int PanelColumns, int FullPanels, int LastColumns, int RowPanels,
    int PackedOffset)
{
    /// <summary>The calls a single row takes, in the order of the panels.</summary>
    public IReadOnlyList<RowCall> RowCalls
    {
        get
        {
            var repeats = FullPanels / RowPanels;
            var rest = FullPanels % RowPanels;
            return
            [
                .. repeats > 0 ? [new RowCall(0, RowPanels, PanelColumns, repeats)] : Array.Empty<RowCall>(),
                .. rest > 0 ? [new RowCall(repeats * RowPanels, rest, PanelColumns, 1)] : Array.Empty<RowCall>(),
                .. LastColumns > 0 ? [new RowCall(FullPanels, 1, LastColumns, 1)] : Array.Empty<RowCall>(),
            ];
        }
    }

    public int Columns => (PanelColumns * FullPanels) + LastColumns;

    /// <summary>Its size as a part of names, and its panels where others would do for a product without gates.</summary>
    public string Size => HasPanelsOfGates ? $"{K}x{Columns}By{PanelColumns}" : $"{K}x{Columns}";

    /// <summary>Whether the panels are others than those of a product of as many columns without gates.</summary>
    public bool HasPanelsOfGates { get; init; }

    /// <summary>Name of the method that computes a single row.</summary>
    public string RowName { get; init; } = $"{Name}Row";

    /// <summary>The plan without names and place: what its methods' texts are made of.</summary>
    public ProductPlan WithoutPlace() => this with { Name = "", RowName = "", PackedOffset = 0 };

    /// <summary>
    /// Whether B is read from beyond the second-level cache, step by step: its panels are walked forwards and backwards in turn, so that
    /// what the last step left is used first, and each panel's tiles ask for the next panel.
    /// </summary>
    public bool IsFar { get; init; }

    /// <summary>What B is kept as.</summary>
    public WeightFormatKind Format { get; init; }

    /// <summary>
    /// Floats that B takes, packed: two rows of k share one with bfloat16; with 8 bits, four do, and each column has a scale and an offset.
    /// </summary>
    public int PackedLength => Format switch
    {
        WeightFormatKind.BFloat16 => Columns * ((K + 1) / 2),
        WeightFormatKind.Int8 => Machine.Padded(Columns * ((K + 3) / 4)) + (2 * Machine.Padded(Columns)),
        _ => Columns * K,
    };

    /// <summary>The panel that holds a column, its first column and its width.</summary>
    public (int Panel, int First, int Width) PanelOf(int column)
    {
        var panel = Math.Min(column / PanelColumns, FullPanels);
        return (panel, panel * PanelColumns, panel < FullPanels ? PanelColumns : LastColumns);
    }

    /// <summary>
    /// The same product with reduced weights. bfloat16 keeps the panels; 8-bit weights are laid out by the runtime, which
    /// asks for whole vectors of <see cref="Int8Lanes"/> columns.
    /// </summary>
    public ProductPlan As(WeightFormatKind format, Machine target) => format switch
    {
        WeightFormatKind.BFloat16 => this with { Format = format },
        WeightFormatKind.Int8 => this with
        {
            Format = format, PanelColumns = Int8Lanes, FullPanels = (Columns + Int8Lanes - 1) / Int8Lanes, LastColumns = 0, RowPanels = 1,
            Int8Rows = Math.Min(8, Math.Max(1, target.FirstCache / K)),
        },
        _ => this,
    };

    /// <summary>Columns come in multiples of this with 8-bit weights: the runtime's <c>Int8Packer.Lanes</c>.</summary>
    public const int Int8Lanes = 8;

    /// <summary>
    /// Rows whose 8-bit activations are kept at a time, while each panel of weights passes over them: a first-level cache of them, and no
    /// more than eight.
    /// </summary>
    public int Int8Rows { get; init; }

    /// <summary>
    /// Plans a product of so many columns, in panels that hold a block of units of so many gates where those cost no more.
    /// </summary>
    public static ProductPlan Create(
        string name, int k, int columns, int gates, int inputStride, int outputStride, int packedOffset, Machine target)
    {
        var blocks = Blocks.Of(columns, target);
        var vectors = TileShape.PanelVectors(blocks.Vectors, gates, target);
        var panelColumns = vectors * target.Lanes;
        var fullPanels = blocks.Padded / panelColumns;
        return new ProductPlan(
            name, k, inputStride, outputStride, panelColumns, fullPanels, blocks.Padded - (fullPanels * panelColumns),
            TileShape.RowPanels(vectors, target), packedOffset)
        {
            HasPanelsOfGates = vectors != TileShape.PanelVectors(blocks.Vectors, 1, target),
            IsFar = target.Lanes > 1 && fullPanels > 1 && (long)k * blocks.Padded * sizeof(float) > target.SecondCache / 2,
        };
    }
}

/// <summary>A row times neighbouring panels, repeated over further panels.</summary>
/// <param name="First">First panel.</param>
/// <param name="Panels">Panels a call.</param>
/// <param name="Columns">Columns of a panel.</param>
/// <param name="Repeats">Number of calls.</param>
internal sealed record RowCall(int First, int Panels, int Columns, int Repeats);

/// <summary>The register tiles: how many rows go with a panel, so that accumulators, weights and one broadcast stay in registers.</summary>
internal static class TileShape
{
    /// <summary>
    /// Cycles that a tile takes for one term of all its sums: its multiply-adds, its loads (a vector of weights each, and a broadcast a
    /// row), or the time until a sum can be added to again, whichever is longest.
    /// </summary>
    public static double Cycles(int rows, int vectors, Machine target) => Math.Max(
        target.Latency, Math.Max((double)rows * vectors / target.MultiplyAdds, (double)(rows + vectors) / target.Loads));

    /// <summary>
    /// Rows of the tile over a panel of so many vectors: those whose sums, weights and one broadcast fit the registers and cost least, and
    /// of equal ones the most; even, as an odd last row has its own kernel. 32 registers: 6 x 4 (24 sums, 4 weights, 1 broadcast), 8 x 3
    /// (24, 3, 1), 8 x 2, 8 x 1; 16 registers: 6 x 2 (12, 2, 1), 4 x 3 (12, 3, and the broadcast folds into memory operands), 8 x 1.
    /// </summary>
    public static int Rows(int vectors, Machine target) => new[] { 8, 6, 4, 2 }
        .Where(rows => (rows * vectors) + vectors + 1 <= target.Registers || rows == 2)
        .OrderBy(rows => Cycles(rows, vectors, target) / rows).First();

    /// <summary>
    /// The same with bfloat16 weights, whose mask takes one more register and whose halves are made in others: 32 registers: 4 x 4 (16, 4,
    /// 1, 1); 16 registers: 4 x 2 (8, 2, 1, 1), 2 x 3 (6, 3, 1, 1). Even, as an odd last row has its own kernel.
    /// </summary>
    public static int BFloat16Rows(int vectors, Machine target) => (target.Registers, vectors) switch
    {
        (32, >= 4) => 4,
        (16, 3) => 2,
        (16, 2) => 4,
        _ => Rows(vectors, target),
    };

    /// <summary>
    /// Row counts that get a tile of their own: the largest, then powers of two for what remains; single rows have their own kernel.
    /// </summary>
    public static IReadOnlyList<int> RowCounts(int vectors, Machine target) => RowCounts(Rows(vectors, target));

    /// <summary>The same from the largest count on.</summary>
    public static IReadOnlyList<int> RowCounts(int rows) => [rows, .. new[] { 4, 2 }.Where(r => r < rows)];

    /// <summary>
    /// Rows that are better done without the largest tile, by so many: two tiles of 4 x 2 vectors take less time than one of 6 x 2 and one
    /// of 2 x 2, whose four sums wait for each other; 0 where the largest tile always comes first.
    /// </summary>
    public static int RowsInFours(int rows, int vectors, Machine target) => rows == 6
        && 2 * Cycles(4, vectors, target) < Cycles(6, vectors, target) + Cycles(2, vectors, target) ? 8 : 0;

    /// <summary>
    /// Vectors a panel, so that few are left over for a narrow last panel: 4 or 3 with 32 registers, 3 or 2 with 16. A narrow tile does
    /// more loads for each multiplication, so its vectors count for more. Of equal ones, with 32 registers, that which holds a block of
    /// units of so many gates whole: a single row's cell then follows on any number of blocks.
    /// </summary>
    public static int PanelVectors(int vectors, int gates, Machine target) => Math.Min(
        vectors, Candidates(target).OrderBy(c => Cost(vectors, c)).ThenBy(c => target.Registers == 32 && c % gates != 0).First());

    /// <summary>What a row of so many vectors costs in panels, in tenths of a vector in a full one.</summary>
    public static int Cost(int vectors, Machine target) => Candidates(target).Min(c => Cost(vectors, c));

    private static int[] Candidates(Machine target) => target.Registers == 32 ? [4, 3] : target.Lanes == 1 ? [2] : [2, 3];

    private static int Cost(int vectors, int panel) =>
        (vectors / panel * panel * 10) + (vectors % panel) switch { 0 => 0, 1 => 16, 2 => 22, _ => 30 };

    /// <summary>
    /// Terms that a tile adds in one turn of its loop: at least 16 cycles of them, so that a loop over some hundred terms takes few enough
    /// turns for its end to be predicted, which otherwise costs the time of three terms or more. One, where a tile takes all registers: the
    /// compiler would spill.
    /// </summary>
    public static int TermsPerTurn(int rows, int vectors, Machine target) =>
        target.Lanes == 1 || TakesAllRegisters(rows, vectors, target) ? 1
        : new[] { 1, 2, 4 }.First(terms => terms == 4 || terms * Cycles(rows, vectors, target) >= 16);

    /// <summary>Whether a tile's sums, weights and one broadcast leave no register to the compiler.</summary>
    public static bool TakesAllRegisters(int rows, int vectors, Machine target) =>
        (rows * vectors) + vectors + 1 >= target.Registers;

    /// <summary>
    /// Floats of the next panel that a tile asks for with each term, so that four tiles, the rows of a small batch, ask for all of it.
    /// </summary>
    public static int FloatsAhead(int columns) => Math.Max(1, columns / 4);

    /// <summary>Panels that one row is multiplied with at a time, so that their sums hide the latency of a multiply-add.</summary>
    public static int RowPanels(int panelVectors, Machine target) => Math.Max(1, target.Chains / panelVectors);

    /// <summary>
    /// Sums that each vector of a single row's product is split into by k, so that enough additions are under way at a time: three quarters
    /// of a machine's chains hide the latency of a multiply-add nearly.
    /// </summary>
    public static int RowChains(int vectors, Machine target) =>
        4 * vectors >= 3 * target.Chains ? 1 : 8 * vectors >= 3 * target.Chains ? 2 : 4;
}

/// <summary>
/// How a weight gradient is computed: C[M, N] += L[rows, M]^T R[rows, N], a register tile of C at a time, over the rows. L is d(out) and R
/// is in, or, where that takes fewer vectors, the other way round.
/// </summary>
/// <param name="Name">Method name.</param>
/// <param name="IsTransposed">Whether L is in and R is d(out), so that C is the gradient's transpose.</param>
/// <param name="M">Rows of C: columns of L.</param>
/// <param name="LeftStride">Floats from one row of L to the next.</param>
/// <param name="RightStride">Floats from one row of R to the next.</param>
/// <param name="OutputStride">Floats from one row of C to the next.</param>
/// <param name="PanelColumns">Columns of a full tile.</param>
/// <param name="FullPanels">Number of full tiles beside each other.</param>
/// <param name="LastColumns">Columns of one more, narrower tile; 0 where there is none.</param>
internal sealed record OuterPlan(
    string Name, bool IsTransposed, int M, int LeftStride, int RightStride, int OutputStride, int PanelColumns, int FullPanels,
    int LastColumns)
{
    /// <summary>
    /// Rows taken at a time, so that a panel of R stays in the first-level cache while a block of L's columns passes over it.
    /// </summary>
    public const int RowsPerPass = 128;

    /// <summary>
    /// Columns of L that all panels of R meet before the next ones do: a pass over them takes a quarter of the second-level cache, and so
    /// stays there. A multiple of what any tile takes.
    /// </summary>
    public int BlockM { get; init; }

    /// <summary>Whether C stands beyond the second-level cache, so that tiles ask for their part of it before they add to it.</summary>
    public bool IsFar { get; init; }

    /// <summary>The gradient of a product with so many columns out and K columns in.</summary>
    public static OuterPlan Create(string name, int columns, int k, int outStride, int inStride, Machine target)
    {
        var transposed = k * TileShape.Cost(Blocks.Of(columns, target).Vectors, target)
            < columns * TileShape.Cost(Blocks.Of(k, target).Vectors, target);
        var (m, n) = transposed ? (k, columns) : (columns, k);
        var blocks = Blocks.Of(n, target);
        var panelColumns = TileShape.PanelVectors(blocks.Vectors, 1, target) * target.Lanes;
        var fullPanels = blocks.Padded / panelColumns;
        return new OuterPlan(
            name, transposed, m, transposed ? inStride : outStride, transposed ? outStride : inStride, Machine.Padded(n), panelColumns,
            fullPanels, blocks.Padded - (fullPanels * panelColumns))
        {
            IsFar = target.Lanes > 1 && (long)m * Machine.Padded(n) * sizeof(float) > target.SecondCache / 2,
            BlockM = target.SecondCache / 4 / sizeof(float) / RowsPerPass / TileRows * TileRows,
        };
    }

    // 8, 6, 4 and 2 divide it.
    private const int TileRows = 24;
}
