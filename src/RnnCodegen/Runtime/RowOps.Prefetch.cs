using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace RnnCodegen.Runtime;

public static unsafe partial class RowOps
{
    /// <summary>Asks for a cache line that will be needed soon, where the machine can be asked.</summary>
    /// <param name="line">Any address: none is read.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Prefetch(float* line)
    {
        if (Sse.IsSupported)
        {
            Sse.Prefetch0(line);
        }
    }
}
