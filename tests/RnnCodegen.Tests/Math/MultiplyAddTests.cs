using System.Runtime.Intrinsics;
using RnnCodegen.Runtime;
using Xunit;

namespace RnnCodegen.Tests;

/// <summary>Multiply-adds with one value of a vector are those with a vector of it.</summary>
public class MultiplyAddTests
{
    [Fact]
    public void Takes_the_element()
    {
        var values = Vector128.Create(1.1f, -2.2f, float.PositiveInfinity, 0f);
        var (factors, sums) = (Vector128.Create(0.3f, -7f, 1e-3f, 5e8f), Vector128.Create(1f, 2f, -3f, 4f));
        Require(0, VectorMath.MultiplyAdd(values, 0, factors, sums));
        Require(1, VectorMath.MultiplyAdd(values, 1, factors, sums));
        Require(2, VectorMath.MultiplyAdd(values, 2, factors, sums));
        Require(3, VectorMath.MultiplyAdd(values, 3, factors, sums));

        void Require(int element, Vector128<float> actual) =>
            Assert.Equal(Vector128.MultiplyAddEstimate(Vector128.Create(values.GetElement(element)), factors, sums), actual);
    }
}
