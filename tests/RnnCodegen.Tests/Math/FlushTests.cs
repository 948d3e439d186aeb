using System.Runtime.Intrinsics;
using RnnCodegen.Runtime;
using Xunit;

namespace RnnCodegen.Tests;

/// <summary>What a state keeps: everything but magnitudes below 2^-100.</summary>
public class FlushTests
{
    private static readonly float Floor = MathF.ScaleB(1, -100);

    [Fact]
    public void The_floor_is_the_one_of_8_bit_rows()
    {
        Assert.Equal(VectorMath.FlushFloor, Floor);
        Assert.Equal(Int8Packer.Smallest, Floor);
    }

    [Fact]
    public void Small_magnitudes_become_zero_at_every_width_and_nothing_else_changes()
    {
        float[] kept = [Floor, -Floor, 1, -1, 3e-30f, float.MaxValue, float.MinValue, float.PositiveInfinity, float.NegativeInfinity,
            float.NaN];
        float[] lost = [0, -0f, float.Epsilon, -float.Epsilon, 1e-38f, -1e-38f, 1.17549435e-38f, MathF.BitDecrement(Floor),
            -MathF.BitDecrement(Floor)];
        foreach (var (x, expected) in kept.Select(x => (x, x)).Concat(lost.Select(x => (x, 0f))))
        {
            var bits = BitConverter.SingleToInt32Bits(expected);
            Assert.Equal(bits, BitConverter.SingleToInt32Bits(VectorMath.Flush(x)));
            Assert.Equal(Vector128.Create(bits), VectorMath.Flush(Vector128.Create(x)).AsInt32());
            Assert.Equal(Vector256.Create(bits), VectorMath.Flush(Vector256.Create(x)).AsInt32());
            Assert.Equal(Vector512.Create(bits), VectorMath.Flush(Vector512.Create(x)).AsInt32());
        }
    }
}
