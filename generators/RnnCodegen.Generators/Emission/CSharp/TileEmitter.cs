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

    /// <summary>Name of the method that multiplies one row with neighbouring panels.</summary>
    public string Row(int panels, int columns) => Request($"Row{panels}x{columns}",
        (writer, name) => WriteRow(writer, name, panels, columns));

    /// <summary>Name of the method that adds a row range of A^T B to a tile.</summary>
    /// <param name="rows">Rows of the tile.</param>
    /// <param name="columns">Its columns.</param>
    /// <param name="ahead">Whether it asks for the tile before it computes what to add.</param>
    public string Outer(int rows, int columns, bool ahead) => Request($"Outer{rows}x{columns}{Suffix(ahead)}",
        (writer, name) => WriteOuter(writer, name, rows, columns, ahead));

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

    private static string Suffix(bool ahead) => ahead ? "Ahead" : "";

    private void WriteSweep(SourceWriter writer, string name, int columns, bool ahead) => WriteSweep(writer, name, "float", columns,
        TileShape.Rows(VectorsOf(columns).Length, target),
        count => Request($"Tile{count}x{columns}{Suffix(ahead)}",
            (tileWriter, tile) => WriteTile(tileWriter, tile, count, columns, ahead)), ahead ? TileShape.FloatsAhead(columns) : 0);

    /// <summary>The walk over the rows, for tiles that read weights of a type.</summary>
    public void WriteSweep(
        SourceWriter writer, string name, string weights, int columns, int rows, Func<int, string> tileOf, int floatsAhead = 0)
    {
        var counts = TileShape.RowCounts(rows);
        var inFours = TileShape.RowsInFours(rows, VectorsOf(columns).Length, target);
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

            foreach (var count in counts)
            {
                var first = count == counts[0];
                var tile = tileOf(count);
                var repeats = first || (count == 4 && inFours > 0);
                var but = first && inFours > 0 ? $" && rows >> 1 != {inFours / 2}" : "";
                using (writer.Block(repeats ? $"for (; rows >= {count}{but}; rows -= {count})" : $"if (rows >= {count})"))
                {
                    writer.Line($"{tile}(a, lda, w, start, ldStart, c, ldc, k{(floatsAhead > 0 ? ", next" : "")});");
                    if (first || count != 2)
                    {
                        if (floatsAhead > 0)
                        {
                            writer.Line($"next = next < last ? &next[{floatsAhead} * k] : last;");
                        }

                        writer.Line($"a = &a[{count} * lda];");
                        writer.Line($"start = &start[{count} * ldStart];");
                        writer.Line($"c = &c[{count} * ldc];");
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
    }

    private void WriteTile(SourceWriter writer, string name, int rows, int columns, bool ahead)
    {
        var vectors = VectorsOf(columns);
        writer.Line();
        writer.Line(
            $"/// <summary>{rows} rows by {columns} columns of start + a w: {rows * vectors.Length} sums in registers over k.</summary>");
        writer.Line("[@MethodImpl(MethodImplOptions.AggressiveOptimization)]");
        using (writer.Method(
            $"internal static void {name}(float* a, nint lda, float* w, float* start, nint ldStart, float* c, nint ldc, nint k" +
            $"{(ahead ? ", float* next" : "")})"))
        {
            for (var r = 1; r < rows; r++)
            {
                writer.Line($"float* a{r} = &{(r == 1 ? "a" : $"a{r - 1}")}[lda];");
            }

            for (var r = 0; r < rows; r++)
            {
                Each(vectors,
                    (v, lanes, offset) => writer.Line($"{VectorText.Type(lanes)} s{r}{v} = {VectorText.Load(lanes, "start", offset)};"));
                if (ahead)
                {
                    for (var line = 0; line < columns; line += Machine.Padded(1))
                    {
                        var at = VectorText.Add($"{rows} * ldStart", line == 0 ? "" : $"{line}");
                        writer.Line($"RowOps.Prefetch({VectorText.Address("start", at)});");
                    }
                }

                if (r < rows - 1)
                {
                    writer.Line("start = &start[ldStart];");
                }
            }

            using (writer.Block("for (nint p = 0; p < k; p++)"))
            {
                if (ahead)
                {
                    writer.Line($"RowOps.Prefetch(&next[{TileShape.FloatsAhead(columns)} * p]);");
                }

                Each(vectors, (v, lanes, offset) => writer.Line($"{VectorText.Type(lanes)} w{v} = {VectorText.Load(lanes, "w", offset)};"));
                for (var r = 0; r < rows; r++)
                {
                    MultiplyAdds(writer, vectors, $"a{(r == 0 ? "" : $"{r}")}[p]", $"{r}");
                }

                writer.Line($"w = &w[{columns}];");
            }

            writer.Line();
            for (var r = 0; r < rows; r++)
            {
                Each(vectors, (v, lanes, offset) => writer.Line(VectorText.Store(lanes, $"s{r}{v}", "c", offset)));
                if (r < rows - 1)
                {
                    writer.Line("c = &c[ldc];");
                }
            }
        }
    }

    /// <summary>The sums of one row and one broadcast value: <c>s00 = x * w0 + s00</c>, ...</summary>
    private void MultiplyAdds(SourceWriter writer, int[] vectors, string value, string row)
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
        writer.Line();
        writer.Line(
            $"/// <summary>One row by {panels} neighbouring panels of {columns} columns: {panels * vectors.Length} sums in registers " +
            "over k.</summary>");
        writer.Line("[@MethodImpl(MethodImplOptions.AggressiveOptimization)]");
        using (writer.Method($"internal static void {name}(float* a, float* w, float* start, float* c, nint k)"))
        {
            for (var q = 0; q < panels; q++)
            {
                Each(vectors, (v, lanes, _) =>
                    writer.Line($"{VectorText.Type(lanes)} s{q}{v} = {VectorText.Load(lanes, "start", At(q, v))};"));
            }

            for (var q = 1; q < panels; q++)
            {
                writer.Line($"float* w{q} = &{(q == 1 ? "w" : $"w{q - 1}")}[{columns} * k];");
            }

            using (writer.Block("for (nint p = 0; p < k; p++)"))
            {
                foreach (var lanes in vectors.Distinct())
                {
                    writer.Line($"{VectorText.Type(lanes)} x{(lanes == vectors[0] ? "" : "t")} = {VectorText.Broadcast(lanes, "a[p]")};");
                }

                for (var q = 0; q < panels; q++)
                {
                    var w = q == 0 ? "w" : $"w{q}";
                    Each(vectors, (v, lanes, offset) =>
                    {
                        var x = lanes == vectors[0] ? "x" : "xt";
                        writer.Line($"s{q}{v} = {VectorText.MultiplyAdd(lanes, x, VectorText.Load(lanes, w, offset), $"s{q}{v}")};");
                    });
                    writer.Line($"{w} = &{w}[{columns}];");
                }
            }

            writer.Line();
            for (var q = 0; q < panels; q++)
            {
                Each(vectors, (v, lanes, _) => writer.Line(VectorText.Store(lanes, $"s{q}{v}", "c", At(q, v))));
            }
        }

        // A vector of one of the panels.
        string At(int panel, int vector) => Index.At((panel * columns) + (vector * target.Lanes)).Times(1);
    }

    private void WriteOuter(SourceWriter writer, string name, int rows, int columns, bool ahead)
    {
        var vectors = VectorsOf(columns);
        writer.Line();
        writer.Line(
            $"/// <summary>c[{rows}, {columns}] += a[count, {rows}]^T b[count, {columns}]: {rows * vectors.Length} sums in registers " +
            "over the rows, from zero, and then added.</summary>");
        writer.Line("[@MethodImpl(MethodImplOptions.AggressiveOptimization)]");
        using (writer.Method(
            $"internal static void {name}(float* a, nint lda, float* b, nint ldb, float* c, nint ldc, nint count, nint low)"))
        {
            for (var r = 0; r < rows && ahead; r++)
            {
                for (var line = 0; line < columns; line += Machine.Padded(1))
                {
                    writer.Line($"RowOps.Prefetch({VectorText.Address("c", RowOffset(r, line == 0 ? "" : $"{line}"))});");
                }
            }

            for (var r = 0; r < rows; r++)
            {
                Each(vectors, (v, lanes, offset) => writer.Line($"{VectorText.Type(lanes)} s{r}{v} = {VectorText.Zero(lanes)};"));
            }

            using (writer.Block("for (nint p = 0; p < count; p++)"))
            {
                Each(vectors, (v, lanes, offset) => writer.Line($"{VectorText.Type(lanes)} w{v} = {VectorText.Load(lanes, "b", offset)};"));
                for (var r = 0; r < rows; r++)
                {
                    MultiplyAdds(writer, vectors, $"a[{r}]", $"{r}");
                }

                writer.Line("a = &a[lda];");
                writer.Line("b = &b[ldb];");
            }

            writer.Line();
            using (writer.Block("if (low == 0)"))
            {
                AddSums((sum, lanes, at) => VectorText.Store(lanes, $"{VectorText.Load(lanes, "c", at)} + {sum}", "c", at));
            }

            using (writer.Block("else"))
            {
                AddSums((sum, _, at) => $"VectorMath.AddTo({sum}, {VectorText.Address("c", at)}, low);");
            }
        }

        void AddSums(Func<string, int, string, string> add)
        {
            for (var r = 0; r < rows; r++)
            {
                Each(vectors, (v, lanes, offset) => writer.Line(add($"s{r}{v}", lanes, RowOffset(r, offset))));
            }
        }

        static string RowOffset(int r, string offset) => r == 0 ? offset : VectorText.Add(r == 1 ? "ldc" : $"{r} * ldc", offset);
    }

    private void Each(int[] vectors, Action<int, int, string> write)
    {
        for (var v = 0; v < vectors.Length; v++)
        {
            write(v, vectors[v], v == 0 ? "" : $"{v * target.Lanes}");
        }
    }
}
