namespace RnnCodegen.Tests.Parameters;

/// <summary>Parameter sets of one vector, and values for them.</summary>
internal static class FlatParameters
{
    public static ParameterSet Of(int size) => new(Layouts.Flat(size));

    public static void Fill(Span<float> values, Random random)
    {
        foreach (ref var value in values)
        {
            value = (float)((random.NextDouble() * 4) - 2);
        }
    }
}
