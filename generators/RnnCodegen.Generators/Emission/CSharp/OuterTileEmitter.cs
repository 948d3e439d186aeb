using RnnCodegen.Generators.Planning;

namespace RnnCodegen.Generators.Emission.CSharp;

/// <summary>Writes the register tiles of weight gradients: sums over the rows of two matrices.</summary>
internal sealed class OuterTileEmitter(TileEmitter tiles)
{
    /// <summary>Name of the method that adds a row range of A^T B to a tile.</summary>
    /// <param name="rows">Rows of the tile.</param>
    /// <param name="columns">Its columns.</param>
    /// <param name="ahead">Whether it asks for the tile before it computes what to add.</param>
    public string Tile(int rows, int columns, bool ahead) => tiles.Request($"Outer{rows}x{columns}{TileEmitter.Suffix(ahead)}",
        (writer, name) => Write(writer, name, rows, columns, ahead));

    private void Write(SourceWriter writer, string name, int rows, int columns, bool ahead)
    {
        var vectors = tiles.VectorsOf(columns);
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
                tiles.Each(vectors, (v, lanes, offset) => writer.Line($"{VectorText.Type(lanes)} s{r}{v} = {VectorText.Zero(lanes)};"));
            }

            TileEmitter.WriteTurns(writer, TileShape.TermsPerTurn(rows, vectors.Length, tiles.Target), "p", "count", _ => { }, _ =>
            {
                tiles.Each(vectors, (v, lanes, offset) =>
                    writer.Line($"{VectorText.Type(lanes)} w{v} = {VectorText.Load(lanes, "b", offset)};"));
                for (var r = 0; r < rows; r++)
                {
                    tiles.MultiplyAdds(writer, vectors, $"a[{r}]", $"{r}");
                }

                writer.Line("a = &a[lda];");
                writer.Line("b = &b[ldb];");
            }, _ => { });

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
                tiles.Each(vectors, (v, lanes, offset) => writer.Line(add($"s{r}{v}", lanes, RowOffset(r, offset))));
            }
        }

        static string RowOffset(int r, string offset) => r == 0 ? offset : VectorText.Add(r == 1 ? "ldc" : $"{r} * ldc", offset);
    }
}
