using System.Runtime.Intrinsics;

namespace RnnCodegen.Runtime;

/// <summary>Work over the columns of rows, written once for every vector width.</summary>
internal interface IColumnKernel
{
    /// <summary>Does whole vectors of columns from <paramref name="column"/> on while they fit in <paramref name="width"/>.</summary>
    /// <returns>The first column not done.</returns>
    nint Sweep<TOps, TVector>(nint column, nint width)
        where TOps : struct, IVectorOps<TVector>
        where TVector : struct;
}

/// <summary>Runs a kernel over all columns: the widest vectors first, then narrower ones for what is left.</summary>
internal static class ColumnSweep
{
    public static void Run<TKernel>(ref TKernel kernel, nint width)
        where TKernel : struct, IColumnKernel
    {
        nint column = 0;
        if (Vector512.IsHardwareAccelerated)
        {
            column = kernel.Sweep<Vector512Ops, Vector512<float>>(column, width);
        }

        if (Vector256.IsHardwareAccelerated)
        {
            column = kernel.Sweep<Vector256Ops, Vector256<float>>(column, width);
        }

        if (Vector128.IsHardwareAccelerated)
        {
            column = kernel.Sweep<Vector128Ops, Vector128<float>>(column, width);
        }

        kernel.Sweep<ScalarOps, float>(column, width);
    }
}
