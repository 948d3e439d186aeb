namespace RnnCodegen.Generators.Parsing;

/// <summary>Sizes past which a number is a mistake rather than a model, and offsets would no longer fit 32 bits.</summary>
internal static class Limits
{
    /// <summary>Recurrent units, features of an input row, of an embedding's row.</summary>
    public const int Units = 65_536;

    /// <summary>Width of any row between layers; a dense layer may score each token of a large vocabulary.</summary>
    public const int RowWidth = 1_048_576;

    /// <summary>Terms of a sum of 8-bit products: 127 * 127 times this fits 32 bits.</summary>
    public const int Int8Terms = 131_072;

    /// <summary>Steps of a window over time, from one to the next, and between its own.</summary>
    public const int WindowSteps = 4_096;

    /// <summary>Input steps that one step of an axis stands for, or needs to be there.</summary>
    public const int AxisSteps = 16_777_216;

    /// <summary>Floats that a streaming step has for one layer: its rows, or those that it carries on.</summary>
    public const long StepFloats = 67_108_864;

    public const int Vocabulary = 16_777_216;

    public const int Layers = 64;

    public const long Parameters = int.MaxValue / 2;

    /// <summary>
    /// Trained values that a first-level cache of 32 KB holds as float32, the smallest that bodies are planned for. Reading them takes no
    /// longer than making smaller ones into floats, or activations into bytes.
    /// </summary>
    public const long CachedParameters = 8_192;
}
