using System.Runtime.Intrinsics;
using RnnCodegen.Runtime;
using Xunit;

namespace RnnCodegen.Tests;

public unsafe class FourFloatsTests
{
    [Fact]
    public void Each_of_four_is_spread_over_all_lanes()
    {
        float[] values = [1, -2, float.NaN, 1e-42f, 5];
        fixed (float* p = values)
        {
            var four = FourFloats.Load(p);
            Assert.Equal(Vector256.Create(1f), FourFloats.Spread(four, 0));
            Assert.Equal(Vector256.Create(-2f), FourFloats.Spread(four, 1));
            Assert.Equal(Vector256<int>.AllBitsSet, Vector256.IsNaN(FourFloats.Spread(four, 2)).AsInt32());
            Assert.Equal(Vector256.Create(1e-42f), FourFloats.Spread(four, 3));
        }
    }
}
