using RnnCodegen.Generators.Planning;

namespace RnnCodegen.Generators.Emission.CSharp;

/// <summary>Writes the register tiles: the only loops where the multiplications are.</summary>
internal sealed class TileEmitter(Machine target, KernelTable kernels)
{
    private readonly Dictionary<int, int[]> _vectors = [];

    public Machine Target => target;

    public int VectorCount(int columns) => VectorsOf(columns).Length;

    /// <summary>Name of the method that multiplies all but an odd last row with one panel.</summary>
    /// <param name="columns">Columns of the panel.</param>
    /// <param name="ahead">Whether it is told of the panel after it, and asks for that.</param>
    public string Sweep(int columns, bool ahead) => Request($"Rows{columns}{Suffix(ahead)}",
        (writer, name) => WriteSweep(writer, name, columns, ahead));

    /// <summary>Name of the method that multiplies all but an odd last row of two matrices with a panel each.</summary>
    public string PairSweep(int columns) => Request($"Pairs{columns}", (writer, name) => WritePairSweep(writer, name, columns));

    /// <summary>Name of the method that multiplies one row with neighbouring panels.</summary>
    public string Row(int panels, int columns) => Request($"Row{panels}x{columns}",
        (writer, name) => WriteRow(writer, name, panels, columns));

    /// <summary>Has a tile written once; returns its name, which says all of it.</summary>
    /// <param name="name">The name.</param>
    /// <param name="write">Writes it.</param>
    public string Request(string name, Action<SourceWriter, string> write)
    {
        kernels.Add(KernelKind.Tile, name, target, writer => write(writer, name));
        return name;
    }

    /// <summary>Floats of each vector of a panel.</summary>
    public int[] VectorsOf(int columns)
    {
        if (!_vectors.TryGetValue(columns, out var vectors))
        {
            var blocks = Blocks.Of(columns, target);
            _vectors.Add(columns, vectors =
                [.. Enumerable.Repeat(target.Lanes, blocks.Full / target.Lanes), .. blocks.Tail > 0 ? [blocks.Tail] : Array.Empty<int>()]);
        }

        return vectors;
    }

    /// <summary>Ends the name of a tile that asks for what comes next.</summary>
    public static string Suffix(bool ahead) => ahead ? "Ahead" : "";

    private void WriteSweep(SourceWriter writer, string name, int columns, bool ahead) => WriteSweep(writer, name, "float", columns,
        TileShape.Rows(VectorsOf(columns).Length, target),
        count => Request($"Tile{count}x{columns}{Suffix(ahead)}",
            (tileWriter, tile) => WriteTile(tileWriter, tile, count, columns, ahead)), ahead ? TileShape.FloatsAhead(columns) : 0);

    /// <summary>The walk over the rows, for tiles that read weights of a type.</summary>
    public void WriteSweep(
        SourceWriter writer, string name, string weights, int columns, int rows, Func<int, string> tileOf, int floatsAhead = 0)
    {
        writer.Line();
        writer.Line(
            $"/// <summary>c[rows, {columns}] = start + a[rows, k] w[k, {columns}], without the last row where rows is odd.</summary>");
        using (writer.Method(
            $"internal static void {name}(float* a, nint lda, {weights}* w, float* start, nint ldStart, float* c, nint ldc, nint " +
            $"k, nint rows{(floatsAhead > 0 ? ", float* next" : "")})"))
        {
            if (floatsAhead > 0)
            {
                writer.Line($"float* last = &next[{columns - floatsAhead} * k];");
            }

            WriteWalk(
                writer, rows, columns,
                count => writer.Line(
                    $"{tileOf(count)}(a, lda, w, start, ldStart, c, ldc, k{(floatsAhead > 0 ? ", next" : "")});"),
                count =>
                [
                    .. floatsAhead > 0 ? [$"next = next < last ? &next[{floatsAhead} * k] : last;"] : Array.Empty<string>(),
                    $"a = &a[{count} * lda];", $"start = &start[{count} * ldStart];", $"c = &c[{count} * ldc];",
                ]);
        }
    }

    private void WritePairSweep(SourceWriter writer, string name, int columns)
    {
        writer.Line();
        writer.Line(
            $"/// <summary>c[rows, {columns}] = start + a[rows, k] w[k, {columns}] + b[rows, l] u[l, {columns}], without the last row " +
            "where rows is odd.</summary>");
        using (writer.Method(
            $"internal static void {name}(float* a, nint lda, float* w, nint k, float* b, nint ldb, float* u, nint l, float* start, " +
            "float* c, nint ldc, nint rows)"))
        {
            WriteWalk(writer, TileShape.Rows(VectorsOf(columns).Length, target), columns, count =>
            {
                var tile = Request($"Pair{count}x{columns}", (tileWriter, name) => WritePair(tileWriter, name, count, columns));
                writer.Line($"{tile}(a, lda, w, k, b, ldb, u, l, start, c, ldc);");
            }, count => [$"a = &a[{count} * lda];", $"b = &b[{count} * ldb];", $"c = &c[{count} * ldc];"]);
        }
    }

    /// <summary>Tiles of the rows there are, the largest first, and what moves their pointers on.</summary>
    private void WriteWalk(SourceWriter writer, int rows, int columns, Action<int> tile, Func<int, IEnumerable<string>> advance)
    {
        var counts = TileShape.RowCounts(rows);
        var inFours = TileShape.RowsInFours(rows, VectorsOf(columns).Length, target);
        foreach (var count in counts)
        {
            var first = count == counts[0];
            var repeats = first || (count == 4 && inFours > 0);
            var but = first && inFours > 0 ? $" && rows >> 1 != {inFours / 2}" : "";
            using (writer.Block(repeats ? $"for (; rows >= {count}{but}; rows -= {count})" : $"if (rows >= {count})"))
            {
                tile(count);
                if (first || count != 2)
                {
                    foreach (var line in advance(count))
                    {
                        writer.Line(line);
                    }

                    if (!repeats)
                    {
                        writer.Line($"rows -= {count};");
                    }
                }
            }

            if (count != counts[counts.Count - 1])
            {
                writer.Line();
            }
        }
    }

    private void WriteTile(SourceWriter writer, string name, int rows, int columns, bool ahead)
    {
        writer.Line();
        writer.Line(
            $"/// <summary>{rows} rows by {columns} columns of start + a w: {rows * VectorCount(columns)} sums in registers over " +
            "k.</summary>");
        writer.Line("[@MethodImpl(MethodImplOptions.AggressiveOptimization)]");
        using (writer.Method(
            $"internal static void {name}(float* a, nint lda, float* w, float* start, nint ldStart, float* c, nint ldc, nint k" +
            $"{(ahead ? ", float* next" : "")})"))
        {
            LoadSums(writer, rows, columns, "start", "ldStart", ahead);
            WriteTerms(writer, rows, columns, new("a", "lda", "w", "k", "p"), ahead ? TileShape.FloatsAhead(columns) : 0);
            StoreSums(writer, rows, columns);
        }
    }

    private void WritePair(SourceWriter writer, string name, int rows, int columns)
    {
        writer.Line();
        writer.Line(
            $"/// <summary>{rows} rows by {columns} columns of start + a w + b u: {rows * VectorCount(columns)} sums in registers over " +
            "k, then over l.</summary>");
        writer.Line("[@MethodImpl(MethodImplOptions.AggressiveOptimization)]");
        using (writer.Method(
            $"internal static void {name}(float* a, nint lda, float* w, nint k, float* b, nint ldb, float* u, nint l, float* start, " +
            "float* c, nint ldc)"))
        {
            LoadSums(writer, rows, columns, "start", null, false);
            WriteTerms(writer, rows, columns, new("a", "lda", "w", "k", "p"), 0);
            WriteTerms(writer, rows, columns, new("b", "ldb", "u", "l", "q"), 0);
            StoreSums(writer, rows, columns);
        }
    }

    /// <summary>The sums of a tile, as they start.</summary>
    /// <param name="writer">Receives the text.</param>
    /// <param name="rows">Rows of the tile.</param>
    /// <param name="columns">Its columns.</param>
    /// <param name="start">The pointer to the first row.</param>
    /// <param name="stride">The stride of the rows; null where one serves all.</param>
    /// <param name="ahead">Whether the next tile's are asked for.</param>
    private void LoadSums(SourceWriter writer, int rows, int columns, string start, string? stride, bool ahead)
    {
        for (var r = 0; r < rows; r++)
        {
            Each(VectorsOf(columns),
                (v, lanes, offset) => writer.Line($"{VectorText.Type(lanes)} s{r}{v} = {VectorText.Load(lanes, start, offset)};"));
            for (var line = 0; ahead && line < columns; line += Machine.Padded(1))
            {
                var at = VectorText.Add($"{rows} * {stride}", line == 0 ? "" : $"{line}");
                writer.Line($"RowOps.Prefetch({VectorText.Address(start, at)});");
            }

            if (r < rows - 1 && stride is not null)
            {
                writer.Line($"{start} = &{start}[{stride}];");
            }
        }
    }

    private void StoreSums(SourceWriter writer, int rows, int columns)
    {
        writer.Line();
        for (var r = 0; r < rows; r++)
        {
            Each(VectorsOf(columns), (v, lanes, offset) => writer.Line(VectorText.Store(lanes, $"s{r}{v}", "c", offset)));
            if (r < rows - 1)
            {
                writer.Line("c = &c[ldc];");
            }
        }
    }

    /// <summary>Adds the terms of a product to the sums of a tile, some in each turn of a loop.</summary>
    private void WriteTerms(SourceWriter writer, int rows, int columns, Terms terms, int floatsAhead)
    {
        var (vectors, (a, stride, w, k, p)) = (VectorsOf(columns), terms);
        for (var r = 1; r < rows; r++)
        {
            writer.Line($"float* {a}{r} = &{(r == 1 ? a : $"{a}{r - 1}")}[{stride}];");
        }

        WriteTurns(
            writer, TileShape.TermsPerTurn(rows, vectors.Length, target), p, k,
            terms =>
            {
                for (var ahead = 0; ahead < terms * floatsAhead; ahead += Machine.Padded(1))
                {
                    writer.Line($"RowOps.Prefetch({VectorText.Address("next", VectorText.Add($"{floatsAhead} * {p}", $"{ahead}"))});");
                }
            },
            term => Term(term, term == 0 ? p : $"{p} + {term}"),
            terms => writer.Line($"{w} = &{w}[{terms * columns}];"));

        void Term(int term, string at)
        {
            Each(vectors, (v, lanes, offset) => writer.Line(
                $"{VectorText.Type(lanes)} w{v} = {VectorText.Load(lanes, w, $"{(term * columns) + (v * target.Lanes)}")};"));
            for (var r = 0; r < rows; r++)
            {
                MultiplyAdds(writer, vectors, $"{a}{(r == 0 ? "" : $"{r}")}[{at}]", $"{r}");
            }
        }
    }

    /// <summary>A loop over terms, some in each turn, and one over those that are left.</summary>
    public static void WriteTurns(
        SourceWriter writer, int turn, string index, string count, Action<int> before, Action<int> term, Action<int> after)
    {
        if (turn > 1)
        {
            writer.Line($"nint {index} = 0;");
            using (writer.Block($"for (; {index} + {turn - 1} < {count}; {index} += {turn})"))
            {
                before(turn);
                for (var t = 0; t < turn; t++)
                {
                    using (writer.Block(""))
                    {
                        term(t);
                    }
                }

                after(turn);
            }

            writer.Line();
        }

        using (writer.Block($"for ({(turn > 1 ? "" : $"nint {index} = 0")}; {index} < {count}; {index}++)"))
        {
            if (turn == 1)
            {
                before(1);
            }

            term(0);
            after(1);
        }
    }

    /// <summary>The names of a product's operands in a tile.</summary>
    /// <param name="Rows">The first row.</param>
    /// <param name="Stride">Floats from it to the next.</param>
    /// <param name="Weights">The panel.</param>
    /// <param name="Count">Terms of a sum.</param>
    /// <param name="Index">The term.</param>
    private sealed record Terms(string Rows, string Stride, string Weights, string Count, string Index);

    /// <summary>The sums of one row and one broadcast value: <c>s00 = x * w0 + s00</c>, ...</summary>
    public void MultiplyAdds(SourceWriter writer, int[] vectors, string value, string row)
    {
        foreach (var lanes in vectors.Distinct())
        {
            writer.Line($"{VectorText.Type(lanes)} x{row}{(lanes == vectors[0] ? "" : "t")} = {VectorText.Broadcast(lanes, value)};");
        }

        Each(vectors, (v, lanes, _) =>
            writer.Line(
                $"s{row}{v} = {VectorText.MultiplyAdd(lanes, $"x{row}{(lanes == vectors[0] ? "" : "t")}", $"w{v}", $"s{row}{v}")};"));
    }

    private void WriteRow(SourceWriter writer, string name, int panels, int columns)
    {
        var vectors = VectorsOf(columns);
        var chains = TileShape.RowChains(panels * vectors.Length, target);
        writer.Line();
        writer.Line(
            $"/// <summary>One row by {panels} neighbouring panels of {columns} columns: {chains * panels * vectors.Length} sums in " +
            "registers over k.</summary>");
        writer.Line("[@MethodImpl(MethodImplOptions.AggressiveOptimization)]");
        using (writer.Method($"internal static void {name}(float* a, float* w, float* start, float* c, nint k)"))
        {
            for (var q = 0; q < panels; q++)
            {
                Each(vectors, (v, lanes, _) =>
                    writer.Line($"{VectorText.Type(lanes)} s{q}{v} = {VectorText.Load(lanes, "start", At(q, v))};"));
            }

            for (var chain = 1; chain < chains; chain++)
            {
                EachSum((q, v, lanes) => writer.Line($"{VectorText.Type(lanes)} {Sum(chain, q, v)} = {VectorText.Zero(lanes)};"));
            }

            for (var q = 1; q < panels; q++)
            {
                writer.Line($"float* w{q} = &{(q == 1 ? "w" : $"w{q - 1}")}[{columns} * k];");
            }

            WriteTurns(writer, chains, "p", "k", _ => { }, Term, terms =>
            {
                for (var q = 0; q < panels; q++)
                {
                    writer.Line($"{Weights(q)} = &{Weights(q)}[{terms * columns}];");
                }
            });
            writer.Line();
            for (var half = chains / 2; half > 0; half /= 2)
            {
                for (var chain = 0; chain < half; chain++)
                {
                    EachSum((q, v, _) => writer.Line($"{Sum(chain, q, v)} += {Sum(chain + half, q, v)};"));
                }
            }

            for (var q = 0; q < panels; q++)
            {
                Each(vectors, (v, lanes, _) => writer.Line(VectorText.Store(lanes, $"s{q}{v}", "c", At(q, v))));
            }
        }

        // Neighbouring terms go to sums of their own, where there are fewer columns than hide the latency of a multiply-add.
        void Term(int term)
        {
            foreach (var lanes in vectors.Distinct())
            {
                var value = VectorText.Broadcast(lanes, term == 0 ? "a[p]" : $"a[p + {term}]");
                writer.Line($"{VectorText.Type(lanes)} x{(lanes == vectors[0] ? "" : "t")} = {value};");
            }

            for (var q = 0; q < panels; q++)
            {
                Each(vectors, (v, lanes, _) =>
                {
                    var (x, sum) = (lanes == vectors[0] ? "x" : "xt", Sum(term, q, v));
                    var w = VectorText.Load(lanes, Weights(q), Index.At((term * columns) + (v * target.Lanes)).Times(1));
                    writer.Line($"{sum} = {VectorText.MultiplyAdd(lanes, x, w, sum)};");
                });
            }
        }

        void EachSum(Action<int, int, int> write)
        {
            for (var q = 0; q < panels; q++)
            {
                Each(vectors, (v, lanes, _) => write(q, v, lanes));
            }
        }

        static string Sum(int chain, int panel, int vector) => chain == 0 ? $"s{panel}{vector}" : $"s{panel}{vector}_{chain}";

        static string Weights(int panel) => panel == 0 ? "w" : $"w{panel}";

        // A vector of one of the panels.
        string At(int panel, int vector) => Index.At((panel * columns) + (vector * target.Lanes)).Times(1);
    }

    /// <summary>Each vector of a panel: its number, its floats and where it starts.</summary>
    public void Each(int[] vectors, Action<int, int, string> write)
    {
        for (var v = 0; v < vectors.Length; v++)
        {
            write(v, vectors[v], v == 0 ? "" : $"{v * target.Lanes}");
        }
    }
}
