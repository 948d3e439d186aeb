#if RNN_GENERATOR
namespace RnnCodegen.Generators.Specs;
#else
namespace RnnCodegen;
#endif

/// <summary>
/// The numbers that <c>Step</c> and <c>Run</c> read a layer's weights as. Parameters, biases, files and training stay float32: weights are
/// rounded when they are laid out for inference. The exact definitions are in docs/math.md, "Weight formats".
/// </summary>
public enum WeightFormat
{
    /// <summary>As trained, 4 bytes a weight.</summary>
    Float32,

    /// <summary>Rounded to the nearest bfloat16, 2 bytes a weight; products are summed in float32.</summary>
    BFloat16,

    /// <summary>
    /// 8-bit integers with one scale for each unit of a gate, 1 byte a weight; input and state rows are rounded to 8 bits too, with one
    /// scale a row and step, and sums are exact.
    /// </summary>
    Int8,
}
