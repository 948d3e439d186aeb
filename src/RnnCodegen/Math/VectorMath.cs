namespace RnnCodegen.Runtime;

/// <summary>
/// The activations, for one float or a vector of them. Every width runs the same steps, so the results agree bit for bit.
/// NaN gives NaN; infinities, denormals and large arguments give what the function's definition gives.
/// Bounds are in ULP of the exact result, over all floats, with and without fused multiply-add.
/// </summary>
public static partial class VectorMath;
