using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;

namespace RnnCodegen.Runtime;

/// <content>Multiply-adds with one value of a vector, for which ARM has an instruction.</content>
public static partial class VectorMath
{
    /// <summary>One value of a vector times another vector, plus a third.</summary>
    /// <param name="values">The vector.</param>
    /// <param name="element">Which of its values.</param>
    /// <param name="factors">What it is multiplied with.</param>
    /// <param name="sums">What the products are added to.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> MultiplyAdd(
        Vector128<float> values, [ConstantExpected(Max = (byte)3)] byte element, Vector128<float> factors, Vector128<float> sums) =>
        AdvSimd.Arm64.IsSupported
            ? AdvSimd.Arm64.FusedMultiplyAddBySelectedScalar(sums, factors, values, element)
            : Vector128.MultiplyAddEstimate(Vector128.Create(values.GetElement(element)), factors, sums);
}
