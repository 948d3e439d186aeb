using RnnCodegen.Generators.Lowering;
using Buffer = RnnCodegen.Generators.Lowering.Buffer;

namespace RnnCodegen.Generators.Planning.Cuda;

/// <summary>
/// A time loop in one launch, with the weights of its products on chip: a cluster of blocks takes some samples through all steps, each
/// block makes a share of the units of every vector, and the vectors that products read go to all of its blocks.
/// </summary>
internal sealed class ResidentPlan
{
    private readonly DeviceMachine _machine;

    private ResidentPlan(TimeLoop loop, DeviceMachine machine, int cluster)
    {
        (_machine, Loop, Cluster) = (machine, loop, cluster);
        Products = [.. loop.Body.Where(i => i is Multiply or MultiplyBack).Select((i, n) => new ResidentProduct(i, n, machine, cluster))];
        Carried = [.. FindCarried()];
        var shared = 0;
        foreach (var product in Products)
        {
            product.IsMadeInStep = IsWrittenBefore(product);
            product.OperandStart = Take(2 * Samples * product.PaddedTerms);
        }

        Cleared = shared;
        foreach (var product in Products)
        {
            product.SumStart = Take(Samples * product.Groups * product.Own);
        }

        TotalStart = Take(HasSums ? Samples * Sizes.Max(Own) : 0);
        Fit();
        foreach (var product in Products)
        {
            product.WeightStart = Take(product.Columns * (product.TermsOfLane - product.TermsInRegisters) * machine.Threads);
        }

        SharedBytes = shared * sizeof(float);

        int Take(int floats)
        {
            var start = shared;
            shared += (floats + 3) / 4 * 4;
            return start;
        }
    }

    public TimeLoop Loop { get; }

    /// <summary>Blocks of a cluster.</summary>
    public int Cluster { get; }

    /// <summary>Samples at a time.</summary>
    public int Samples => _machine.Samples;

    public IReadOnlyList<ResidentProduct> Products { get; }

    /// <summary>Vectors whose newest value the thread of a unit holds: those that are read and written in the loop.</summary>
    public IReadOnlyList<CarriedVector> Carried { get; }

    /// <summary>Floats at the start of shared memory that begin as zeros.</summary>
    public int Cleared { get; }

    /// <summary>Where sums over samples are made, in floats.</summary>
    public int TotalStart { get; }

    /// <summary>Bytes of shared memory.</summary>
    public int SharedBytes { get; private set; }

    /// <summary>Whether a stage adds to sums over all rows.</summary>
    public bool HasSums => Stages.Any(s => s.Kernel.HasSums);

    private IEnumerable<Stage> Stages => Loop.Body.OfType<Stage>();

    private IEnumerable<int> Sizes => Stages.Select(s => s.Kernel.Stage.Size);

    /// <summary>
    /// The plan with the fewest blocks that hold the weights; null where none do, or where the loop has what threads of units cannot do.
    /// </summary>
    public static ResidentPlan? Create(TimeLoop loop, DeviceMachine machine)
    {
        if (!loop.Body.All(i => i is Multiply or MultiplyBack || (i is Stage stage && IsPointwise(stage))))
        {
            return null;
        }

        // More blocks are faster than weights in shared memory, which take a load for every four multiply-adds.
        for (var cluster = 1; cluster <= machine.MostBlocks; cluster *= 2)
        {
            var plan = new ResidentPlan(loop, machine, cluster);
            if (plan.Products.Count == 0 || !plan.IsComplete)
            {
                return null;
            }

            var inShared = plan.Products.Sum(p => p.WeightsInShared);
            if (inShared == 0 || (cluster == machine.MostBlocks && inShared <= machine.WeightsInShared))
            {
                return plan;
            }
        }

        return null;
    }

    /// <summary>Units of a vector that a block makes.</summary>
    public int Own(int size) => (size + Cluster - 1) / Cluster;

    /// <summary>Units of all samples that a thread makes.</summary>
    public int Items(int size) => ((Samples * Own(size)) + _machine.Threads - 1) / _machine.Threads;

    /// <summary>The carried vector that an operand's is; null where there is none.</summary>
    public CarriedVector? CarriedOf(Buffer buffer, int slot) => Carried.FirstOrDefault(c => c.Buffer == buffer && c.Slot == slot);

    /// <summary>The products whose result an operand's vector is, or is added to.</summary>
    public IEnumerable<(ResidentProduct Product, int Group)> ProductsInto(Buffer buffer, int slot) => Products
        .Where(p => p.Instruction is Multiply m && m.Out.Buffer == buffer)
        .Select(p => (Product: p, Group: slot - (((Multiply)p.Instruction).Out.Column / p.Units)))
        .Where(p => p.Group >= 0 && p.Group < p.Product.Groups);

    // Every operand of a product is made in the loop, either before all of its uses or after them; results go to vectors that are carried.
    private bool IsComplete => Products.All(p => Stages.Any(s => WritesTo(s, p.Operand.Buffer))
            && (p.Instruction is not MultiplyBack back || CarriedOf(back.In.Buffer, 0) is not null))
        && Stages.All(s => s.Places.Zip(s.Kernel.Operands, (place, operand) => (place, operand)).All(
            o => Carried.All(c => c.Buffer != o.place.Buffer || (o.operand.Row.Size == s.Kernel.Stage.Size && o.place.Column == 0))));

    private static bool IsPointwise(Stage stage) => stage.Kernel.Walks.Reductions.Count == 0
        && !stage.Kernel.Stores.Any(store => store.Value.IsOfRow || store.Target.Operand.Role == OperandRole.Statistics)
        && !stage.Kernel.Loads.Values.SelectMany(slots => slots).Any(slot => slot.Operand.Role == OperandRole.Statistics);

    private static bool WritesTo(Stage stage, Buffer buffer) =>
        stage.Kernel.Stores.Any(s => !s.IsSum && PlaceOf(stage, s.Target.Operand).Buffer == buffer);

    private static Place PlaceOf(Stage stage, Operand operand) => stage.Places[stage.Kernel.Operands.ToList().IndexOf(operand)];

    private bool IsWrittenBefore(ResidentProduct product) =>
        Loop.Body.TakeWhile(i => i != product.Instruction).OfType<Stage>().Any(s => WritesTo(s, product.Operand.Buffer));

    /// <summary>Walks the body: what is read and written in it, and whether reading comes first.</summary>
    private IEnumerable<CarriedVector> FindCarried()
    {
        var reads = new Dictionary<(Buffer, int), (Place Place, bool IsFirst, int Size)>();
        var writes = new HashSet<(Buffer, int)>();
        foreach (var instruction in Loop.Body)
        {
            if (instruction is MultiplyBack back)
            {
                if (back.Adds)
                {
                    Read(back.In, 0, back.Weights.Inputs);
                }

                writes.Add((back.In.Buffer, 0));
            }
            else if (instruction is Stage stage)
            {
                var size = stage.Kernel.Stage.Size;
                foreach (var slot in stage.Kernel.Loads.Values.SelectMany(s => s).Where(s => !s.Operand.IsShared))
                {
                    Read(PlaceOf(stage, slot.Operand), slot.Slot, size);
                }

                foreach (var (from, _) in stage.Kernel.Kept)
                {
                    Read(PlaceOf(stage, from), 0, size);
                }

                foreach (var store in stage.Kernel.Stores.Where(s => !s.IsSum))
                {
                    var place = PlaceOf(stage, store.Target.Operand);
                    if (store.Accumulates)
                    {
                        Read(place, store.Target.Slot, size);
                    }

                    writes.Add((place.Buffer, store.Target.Slot));
                }
            }
        }

        return reads.Where(r => writes.Contains(r.Key)).Select((r, n) => new CarriedVector(
            n, r.Key.Item1, r.Key.Item2, r.Value.Size, r.Value.Place, r.Value.IsFirst));

        void Read(Place place, int slot, int size)
        {
            if (!reads.ContainsKey((place.Buffer, slot)))
            {
                reads.Add((place.Buffer, slot), (place, !writes.Contains((place.Buffer, slot)), size));
            }
        }
    }

    /// <summary>Moves weights to shared memory, four terms of a lane at a time, until the rest fit the registers.</summary>
    private void Fit()
    {
        while (Products.Count > 0 && Products.Sum(p => p.Registers) > _machine.WeightsOfThread
            && Products.Where(p => p.TermsInRegisters > 0).OrderByDescending(p => p.Registers).FirstOrDefault() is { } largest)
        {
            largest.TermsInRegisters -= 4;
        }
    }
}

/// <summary>A vector that a thread holds for its units through the loop.</summary>
/// <param name="Index">Which of them.</param>
/// <param name="Buffer">The matrix.</param>
/// <param name="Slot">The vector of its row.</param>
/// <param name="Size">Units.</param>
/// <param name="Place">Where its first value is read.</param>
/// <param name="IsReadFirst">Whether a step reads it before it writes it.</param>
internal sealed record CarriedVector(int Index, Buffer Buffer, int Slot, int Size, Place Place, bool IsReadFirst);

/// <summary>A product of the loop: groups of units, of which a block makes a share, each a sum over terms that lanes share.</summary>
internal sealed class ResidentProduct
{
    private readonly int _threads;

    public ResidentProduct(Instruction instruction, int index, DeviceMachine machine, int cluster)
    {
        (Instruction, Index, _threads) = (instruction, index, machine.Threads);
        (Weights, Operand, Groups, Units, Terms) = instruction switch
        {
            Multiply m => (m.Weights, m.In, m.Weights.Blocks.Count, m.Weights.Units, m.Weights.Inputs),
            MultiplyBack m => (m.Weights, m.Out, 1, m.Weights.Inputs, m.Weights.Units * m.Weights.Blocks.Count),
            _ => throw new InvalidOperationException($"{instruction.GetType().Name} is no product."),
        };
        Own = (Units + cluster - 1) / cluster;

        // A multiply-add a weight and sample; a load of four terms a sample; shuffles that add up the lanes' sums.
        var best = double.MaxValue;
        for (var lanes = 1; lanes <= 32; lanes *= 2)
        {
            var columns = ((Groups * Own) + (machine.Threads / lanes) - 1) / (machine.Threads / lanes);
            var terms = (Terms + (4 * lanes) - 1) / (4 * lanes) * 4;
            var cost = (columns * terms / 4.0) + (terms / 4.0) + (columns * Math.Log(lanes, 2));
            if (cost < best)
            {
                (best, Lanes, Columns, TermsOfLane) = (cost, lanes, columns, terms);
            }
        }

        TermsInRegisters = TermsOfLane;
    }

    public Instruction Instruction { get; }

    public int Index { get; }

    public Weights Weights { get; }

    /// <summary>What it reads.</summary>
    public Place Operand { get; }

    /// <summary>Vectors of the result.</summary>
    public int Groups { get; }

    /// <summary>Units of each.</summary>
    public int Units { get; }

    /// <summary>Terms of a sum.</summary>
    public int Terms { get; }

    /// <summary>Units of each vector that a block makes.</summary>
    public int Own { get; }

    /// <summary>Threads that share a sum.</summary>
    public int Lanes { get; }

    /// <summary>Sums that a thread has a part in.</summary>
    public int Columns { get; }

    /// <summary>Terms of a thread's part, a multiple of four.</summary>
    public int TermsOfLane { get; }

    /// <summary>Those of them whose weights are in registers.</summary>
    public int TermsInRegisters { get; set; }

    /// <summary>Weights that a thread holds.</summary>
    public int Registers => Columns * TermsInRegisters;

    /// <summary>Weights of a block in shared memory.</summary>
    public int WeightsInShared => Columns * (TermsOfLane - TermsInRegisters) * _threads;

    /// <summary>Floats of a row of the operand, with zeros behind it.</summary>
    public int PaddedTerms => TermsOfLane * Lanes;

    /// <summary>Whether the operand is of the same step, rather than of the one before.</summary>
    public bool IsMadeInStep { get; set; }

    /// <summary>Where the operand's rows are in shared memory, in floats; two of each sample, which take turns.</summary>
    public int OperandStart { get; set; }

    /// <summary>Where the sums are.</summary>
    public int SumStart { get; set; }

    /// <summary>Where the weights are that no register holds.</summary>
    public int WeightStart { get; set; }
}
