namespace RnnCodegen.Generators.Layers;

/// <summary>One trained tensor.</summary>
/// <param name="Name">Its name: as a layer gives it, what follows the layer's; in the table, in full.</param>
/// <param name="Role">A member of the runtime's <c>ParameterRole</c>.</param>
/// <param name="Rows">Rows, or the length of a vector.</param>
/// <param name="Columns">Columns; 0 for a vector.</param>
/// <param name="FanIn">What initial values are scaled by.</param>
internal sealed record Parameter(string Name, string Role, int Rows, int Columns, int FanIn)
{
    /// <summary>Its place in the flat buffer, in floats.</summary>
    public int Offset { get; init; }

    /// <summary>The constant that holds its place.</summary>
    public string OffsetName { get; init; } = "";

    /// <summary>Where a forget gate's biases start; negative where there are none.</summary>
    public int ForgetOffset { get; init; } = -1;

    /// <summary>How many they are.</summary>
    public int ForgetLength { get; init; }

    /// <summary>Steps of a convolution's kernel, the last of three dimensions; 0 of a matrix or vector.</summary>
    public int Kernel { get; init; }

    /// <summary>Number of values, of a tensor that may be larger than a model can have.</summary>
    public long LongLength => Columns == 0 ? Rows : (long)Rows * Columns;

    /// <summary>Number of values.</summary>
    public int Length => (int)LongLength;

    /// <summary>A vector.</summary>
    public static Parameter Vector(string name, string role, int length, int fanIn) => new(name, role, length, 0, fanIn);
}
