using RnnCodegen.Generators.Planning;

namespace RnnCodegen.Generators.Emission.CSharp;

/// <summary>
/// Writes walks over the weights of a single row: forwards on even turns and backwards on odd ones, so that what the last step left in the
/// caches is used first.
/// </summary>
internal sealed class Serpentine(SourceWriter writer)
{
    /// <summary>A walk over the panels of a product.</summary>
    /// <param name="plan">The product.</param>
    /// <param name="write">Writes a call at a panel that is a number or the variable p.</param>
    public void Write(ProductPlan plan, Action<RowCall, Index> write)
    {
        var calls = plan.RowCalls;
        Write([.. calls.Select(c => (c.First, c.Panels, c.Repeats))], (index, panel) => write(calls[index], panel));
    }

    /// <summary>One walk.</summary>
    /// <param name="calls">Calls in the order of the weights: the first place, the places a call takes, and how often it is
    /// repeated.</param>
    /// <param name="write">Writes a call by its index, at a place that is a number or the variable p.</param>
    public void Write(IReadOnlyList<(int First, int Size, int Repeats)> calls, Action<int, Index> write)
    {
        if (calls.Sum(c => c.Repeats) == 1)
        {
            write(0, Index.At(0));
            return;
        }

        using (writer.Block("if ((turn & 1) == 0)"))
        {
            for (var k = 0; k < calls.Count; k++)
            {
                var (first, size, repeats) = calls[k];
                Repeat(k, $"for (nint p = {first}; p < {first + (repeats * size)}; p += {size})");
            }
        }

        using (writer.Block("else"))
        {
            for (var k = calls.Count - 1; k >= 0; k--)
            {
                var (first, size, repeats) = calls[k];
                Repeat(k, $"for (nint p = {first + ((repeats - 1) * size)}; p >= {first}; p -= {size})");
            }
        }

        void Repeat(int call, string loop)
        {
            if (calls[call].Repeats == 1)
            {
                write(call, Index.At(calls[call].First));
                return;
            }

            using (writer.Block(loop))
            {
                write(call, Index.Of("p"));
            }
        }
    }
}
