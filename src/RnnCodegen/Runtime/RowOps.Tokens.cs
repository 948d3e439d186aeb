namespace RnnCodegen.Runtime;

public static unsafe partial class RowOps
{
    /// <summary>What stands for a token that was not met.</summary>
    internal const int NoToken = -1;

    /// <summary>Row i of target = row <c>tokens[i]</c> of the table [vocabulary, width].</summary>
    public static void Gather(int* tokens, nint rows, float* table, nint width, float* target, nint targetStride)
    {
        for (nint i = 0; i < rows; i++)
        {
            Buffer.MemoryCopy(table + tokens[i] * width, target + i * targetStride, width * sizeof(float), width * sizeof(float));
        }
    }

    /// <summary>Row i of target = the row of the table [categories, width] whose number stands at the i-th place of a column.</summary>
    public static void GatherColumn(float* ids, nint idStride, nint rows, float* table, nint width, float* target, nint targetStride)
    {
        for (nint i = 0; i < rows; i++)
        {
            Buffer.MemoryCopy(
                table + (nint)ids[i * idStride] * width, target + i * targetStride, width * sizeof(float), width * sizeof(float));
        }
    }

    /// <summary>
    /// Links the places of each token: links[i] is the next place of the token at i, or the number of tokens at the last one; its
    /// complement where i is not the token's first place.
    /// </summary>
    /// <param name="tokens">Token ids.</param>
    /// <param name="rows">Number of tokens.</param>
    /// <param name="links">Receives a number for each.</param>
    /// <param name="last">[vocabulary] times <see cref="NoToken"/>, and so again on return.</param>
    internal static void LinkTokens(int* tokens, nint rows, int* links, Span<int> last)
    {
        var none = (int)rows;
        for (var i = 0; i < none; i++)
        {
            ref var before = ref last[tokens[i]];
            links[i] = before == NoToken ? none : ~none;
            if (before != NoToken)
            {
                links[before] = links[before] == none ? i : ~i;
            }

            before = i;
        }

        for (var i = 0; i < none; i++)
        {
            last[tokens[i]] = NoToken;
        }
    }

    /// <summary>
    /// Row <c>tokens[i]</c> of the table [vocabulary, width] += row i of source; of all rows the columns of one of equal shares. What is
    /// added to a row of the table is first summed up, in the order of i, so that it is as good for a token that is met a million times as
    /// for one that is met once.
    /// </summary>
    /// <param name="tokens">Token ids.</param>
    /// <param name="links">Which are the same, as <see cref="LinkTokens"/> says it.</param>
    /// <param name="rows">Number of tokens, and rows of source.</param>
    /// <param name="source">The rows, [rows, width].</param>
    /// <param name="sourceStride">Floats from one row of source to the next.</param>
    /// <param name="table">The table.</param>
    /// <param name="width">Floats a row.</param>
    /// <param name="share">Which of equal shares of the columns to do.</param>
    /// <param name="shares">Number of shares.</param>
    public static void ScatterAdd(
        int* tokens, int* links, nint rows, float* source, nint sourceStride, float* table, nint width, int share = 0, int shares = 1)
    {
        var (first, end) = Shares.Of((int)width, share, shares);
        for (var i = 0; i < (int)rows; i++)
        {
            if (links[i] >= 0)
            {
                var kernel = new LinkedRows(links, i, (int)rows, source + first, sourceStride, table + tokens[i] * width + first);
                ColumnSweep.Run(ref kernel, end - first);
            }
        }
    }

    // target += the sum of linked rows.
    private readonly struct LinkedRows(int* links, int row, int rows, float* source, nint stride, float* target) : IColumnKernel
    {
        public nint Sweep<TOps, TVector>(nint column, nint width)
            where TOps : struct, IVectorOps<TVector>
            where TVector : struct
        {
            for (; column + TOps.Count <= width; column += TOps.Count)
            {
                // The sum of the last few rows, of all before them, and what rounding lost of that.
                var (few, many, low) = (TOps.Load(source + row * stride + column), TOps.Create(0f), TOps.Create(0f));
                var terms = 1;
                for (var next = links[row]; next < rows; next = ~links[next])
                {
                    if (terms++ % LongSums.FewTerms == 0)
                    {
                        VectorMath.AddTo<TOps, TVector>(few, ref many, ref low);
                        few = TOps.Create(0f);
                    }

                    few = TOps.Add(few, TOps.Load(source + next * stride + column));
                }

                if (terms > LongSums.FewTerms)
                {
                    VectorMath.AddTo<TOps, TVector>(few, ref many, ref low);
                    few = TOps.Add(many, low);
                }

                TOps.Store(TOps.Add(TOps.Load(target + column), few), target + column);
            }

            return column;
        }
    }
}
