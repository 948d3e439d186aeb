using RnnCodegen.Generators.Planning;

namespace RnnCodegen.Generators.Emission.CSharp;

/// <summary>
/// Writes register tiles over bfloat16 weights. Two rows of k stand in one row of 32-bit pairs: shifted left by 16 bits, a vector of pairs
/// is the first row as floats, and without its lower 16 bits the second.
/// </summary>
internal sealed class BFloat16TileEmitter(TileEmitter tiles)
{
    private const string Suffix = "BFloat16";

    // Pairs of k that a single row's loop takes at a time: a processor foresees the end of a short loop.
    private const int PairsAtATime = 4;

    /// <summary>Name of the method that multiplies all but an odd last row with one panel.</summary>
    public string Sweep(int columns) => tiles.Request($"Rows{columns}{Suffix}", (writer, name) => tiles.WriteSweep(
        writer, name, "uint", columns, TileShape.BFloat16Rows(tiles.VectorsOf(columns).Length, tiles.Target),
        count => tiles.Request($"Tile{count}x{columns}{Suffix}", (tileWriter, tile) => WriteTile(tileWriter, tile, count, columns))));

    /// <summary>Name of the method that multiplies one row with neighbouring panels.</summary>
    public string Row(int panels, int columns) => tiles.Request($"Row{panels}x{columns}{Suffix}",
        (writer, name) => WriteRow(writer, name, panels, columns, isPair: false));

    /// <summary>Name of the method that multiplies one row with neighbouring panels, and another row with further ones.</summary>
    public string RowPair(int panels, int columns) => tiles.Request($"RowPair{panels}x{columns}{Suffix}",
        (writer, name) => WriteRow(writer, name, panels, columns, isPair: true));

    private void WriteTile(SourceWriter writer, string name, int rows, int columns)
    {
        var vectors = tiles.VectorsOf(columns);
        Header(
            writer,
            $"{rows} rows by {columns} columns of start + a w, w in pairs of bfloat16: {rows * vectors.Length} sums in registers over k.");
        using (writer.Method(
            $"internal static void {name}(float* a, nint lda, uint* w, float* start, nint ldStart, float* c, nint ldc, nint k)"))
        {
            for (var r = 1; r < rows; r++)
            {
                writer.Line($"float* a{r} = &{(r == 1 ? "a" : $"a{r - 1}")}[lda];");
            }

            Rows("start", "ldStart",
                (r, v, offset) => $"{VectorText.Type(vectors[v])} s{r}{v} = {VectorText.Load(vectors[v], "start", offset)};");
            Pairs(
                writer,
                "k",
                "i",
                half =>
                {
                    Each(vectors,
                        (v, lanes, offset) => writer.Line(
                            $"{VectorText.Type(lanes)} w{half}{v} = {Half(half, lanes, VectorText.Load(lanes, "w", offset))};"));
                    for (var r = 0; r < rows; r++)
                    {
                        var x = Broadcasts(writer, vectors, $"x{half}{r}", $"a{(r == 0 ? "" : $"{r}")}[{At("i", half)}]");
                        Each(vectors,
                            (v, lanes, _) =>
                                writer.Line($"s{r}{v} = {VectorText.MultiplyAdd(lanes, x(lanes), $"w{half}{v}", $"s{r}{v}")};"));
                    }
                },
                () => writer.Line($"w = &w[{columns}];"));
            writer.Line();
            Rows("c", "ldc", (r, v, offset) => VectorText.Store(vectors[v], $"s{r}{v}", "c", offset));
        }

        void Rows(string pointer, string stride, Func<int, int, string, string> line)
        {
            for (var r = 0; r < rows; r++)
            {
                Each(vectors, (v, _, offset) => writer.Line(line(r, v, offset)));
                if (r < rows - 1)
                {
                    writer.Line($"{pointer} = &{pointer}[{stride}];");
                }
            }
        }
    }

    private void WriteRow(SourceWriter writer, string name, int panels, int columns, bool isPair)
    {
        var vectors = tiles.VectorsOf(columns);
        Header(
            writer,
            $"One row by {panels} neighbouring panels of {columns} columns, w in pairs of bfloat16: {panels * vectors.Length} sums in " +
            $"registers over k{(isPair ? ", then over l" : "")}.");
        var parameters = isPair
            ? "float* a, uint* w, nint k, float* b, uint* u, nint l, float* start, float* c"
            : "float* a, uint* w, float* start, float* c, nint k";
        using (writer.Method($"internal static void {name}({parameters})"))
        {
            Panels((q, v, lanes, at) => $"{VectorText.Type(lanes)} s{q}{v} = {VectorText.Load(lanes, "start", at)};");
            RowLoop("a", "w", "k", "i", "p", "x");
            if (isPair)
            {
                RowLoop("b", "u", "l", "j", "q", "y");
            }

            writer.Line();
            Panels((q, v, lanes, at) => VectorText.Store(lanes, $"s{q}{v}", "c", at));
        }

        // One load serves both halves, which are added at once, so that no pair waits in a register; where k is odd, the last pair has only
        // one.
        void RowLoop(string row, string weights, string count, string index, string pair, string value)
        {
            for (var q = 1; q < panels; q++)
            {
                writer.Line($"uint* {weights}{q} = &{(q == 1 ? weights : $"{weights}{q - 1}")}[{columns} * (({count} + 1) / 2)];");
            }

            writer.Line($"nint {index} = 0;");
            foreach (var pairs in new[] { PairsAtATime, 1 })
            {
                using (writer.Block($"for (; {index} + {(2 * pairs) - 1} < {count}; {index} += {2 * pairs})"))
                {
                    for (var n = 0; n < pairs; n++)
                    {
                        AddPairs(n, Terms(n, tiles.Target.MultipliesByElement && pairs == PairsAtATime), n == pairs - 1 ? pairs : 0);
                    }
                }
            }

            // How both values of the row that meet a pair are multiplied: with their vectors, or out of vectors of several.
            Func<int, string, string, string>[] Terms(int n, bool isElement) => [.. new[] { 2 * n, (2 * n) + 1 }.Select(term =>
            {
                var lanes = tiles.Target.Lanes;
                if (!isElement)
                {
                    var x = Broadcasts(writer, vectors, $"{value}{term}", $"{row}[{At(index, term)}]");
                    return new Func<int, string, string, string>((width, w, sum) => VectorText.MultiplyAdd(width, x(width), w, sum));
                }

                var values = $"{value}{term / lanes * lanes}";
                if (term % lanes == 0)
                {
                    writer.Line($"{VectorText.Type(lanes)} {values} = {VectorText.Load(lanes, row, At(index, term))};");
                }

                return (_, w, sum) => VectorText.MultiplyAdd(values, term % lanes, w, sum);
            })];

            void AddPairs(int n, Func<int, string, string, string>[] multiplyAdds, int advance)
            {
                for (var q = 0; q < panels; q++)
                {
                    var w = Pointer(q);
                    for (var v = 0; v < vectors.Length; v++)
                    {
                        var (lanes, pairOf) = (vectors[v], $"{pair}{q}{v}{(n == 0 ? "" : $"{(char)('a' + n)}")}");
                        writer.Line(
                            $"{PairType(lanes)} {pairOf} = {VectorText.Load(lanes, w, $"{(n * columns) + (v * tiles.Target.Lanes)}")};");
                        for (var half = 0; half < 2; half++)
                        {
                            writer.Line($"s{q}{v} = {multiplyAdds[half](lanes, Half(half, lanes, pairOf), $"s{q}{v}")};");
                        }
                    }

                    if (advance > 0)
                    {
                        writer.Line($"{w} = &{w}[{advance * columns}];");
                    }
                }
            }

            writer.Line();
            using (writer.Block($"if ({index} < {count})"))
            {
                var last = Broadcasts(writer, vectors, $"{value}0", $"{row}[{index}]");
                for (var q = 0; q < panels; q++)
                {
                    Each(vectors, (v, lanes, offset) => Add(q, v, lanes, last, 0, VectorText.Load(lanes, Pointer(q), offset)));
                }
            }

            string Pointer(int q) => q == 0 ? weights : $"{weights}{q}";
        }

        void Add(int q, int v, int lanes, Func<int, string> x, int half, string bits) =>
            writer.Line($"s{q}{v} = {VectorText.MultiplyAdd(lanes, x(lanes), Half(half, lanes, bits), $"s{q}{v}")};");

        void Panels(Func<int, int, int, string, string> line)
        {
            for (var q = 0; q < panels; q++)
            {
                Each(vectors, (v, lanes, _) => writer.Line(line(q, v, lanes, $"{(q * columns) + (v * tiles.Target.Lanes)}")));
            }
        }
    }

    /// <summary>The loop over pairs of k, then the first half once more where k is odd.</summary>
    private static void Pairs(SourceWriter writer, string count, string index, Action<int> half, Action advance)
    {
        writer.Line($"nint {index} = 0;");
        using (writer.Block($"for (; {index} + 1 < {count}; {index} += 2)"))
        {
            half(0);
            half(1);
            advance();
        }

        writer.Line();
        using (writer.Block($"if ({index} < {count})"))
        {
            half(0);
        }
    }

    private static void Header(SourceWriter writer, string summary)
    {
        writer.Line();
        writer.Line($"/// <summary>{summary}</summary>");
        writer.Line("[@MethodImpl(MethodImplOptions.AggressiveOptimization)]");
    }

    /// <summary>One value in a vector of each length that occurs; returns the name of the one of some length.</summary>
    private static Func<int, string> Broadcasts(SourceWriter writer, int[] vectors, string name, string value)
    {
        foreach (var lanes in vectors.Distinct())
        {
            writer.Line($"{VectorText.Type(lanes)} {Name(lanes)} = {VectorText.Broadcast(lanes, value)};");
        }

        return Name;

        string Name(int lanes) => lanes == vectors[0] ? name : $"{name}t";
    }

    private void Each(int[] vectors, Action<int, int, string> write)
    {
        for (var v = 0; v < vectors.Length; v++)
        {
            write(v, vectors[v], $"{v * tiles.Target.Lanes}");
        }
    }

    private static string At(string index, int term) => term == 0 ? index : $"{index} + {term}";

    private static string PairType(int lanes) => lanes == 1 ? "uint" : VectorText.Type(lanes).Replace("float", "uint");

    private static string Half(int half, int lanes, string pairs) => (half, lanes) switch
    {
        (0, 1) => $"BitConverter.UInt32BitsToSingle({pairs} << 16)",
        (_, 1) => $"BitConverter.UInt32BitsToSingle({pairs} & 0xFFFF0000)",
        (0, _) => $"({pairs} << 16).AsSingle()",
        _ => $"({pairs} & {VectorText.Type(lanes).Replace("<float>", "")}.Create(0xFFFF0000)).AsSingle()",
    };
}
