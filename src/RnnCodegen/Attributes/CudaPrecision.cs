#if RNN_GENERATOR
namespace RnnCodegen.Generators.Specs;
#else
namespace RnnCodegen;
#endif

/// <summary>
/// The numbers that a GPU multiplies in products over all steps of a sequence: of a layer's inputs with its weights, and of its gradients
/// with weights and inputs. Everything else is float32 in any case: parameters, activations, states, sums, the products of a step on its
/// way through time, biases and their gradients, losses and optimizers. The exact definitions and measured errors are in docs/cuda.md,
/// "Precision".
/// </summary>
public enum CudaPrecision
{
    /// <summary>As they are: outputs and gradients are as exact as the CPU's.</summary>
    Float32,

    /// <summary>Rounded to TF32, 10 bits of fraction, on tensor cores.</summary>
    TensorFloat32,

    /// <summary>Rounded to bfloat16, 7 bits of fraction, on tensor cores.</summary>
    BFloat16,
}
