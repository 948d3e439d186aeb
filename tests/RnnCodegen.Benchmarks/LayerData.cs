using RnnCodegen.Benchmarks.Models;

namespace RnnCodegen.Benchmarks;

/// <summary>What all engines compute with: the weights of our model, random inputs and output gradients.</summary>
internal sealed class LayerData
{
    /// <summary>The layer's tensors as PyTorch names them: W, U, and the biases added to W x and to U h.</summary>
    public static readonly string[] Kinds = ["weight_ih", "weight_hh", "bias_ih", "bias_hh"];

    private LayerData(float[][] weights, float[] inputs, float[] outputGradient) => (Weights, Inputs, OutputGradient) = (weights, inputs,
        outputGradient);

    /// <summary>The tensors of <see cref="Kinds"/>: W [G H, I], U [G H, H], and two biases [G H].</summary>
    public float[][] Weights { get; }

    /// <summary>W [G H, I].</summary>
    public float[] WeightInput => Weights[0];

    /// <summary>U [G H, H].</summary>
    public float[] WeightHidden => Weights[1];

    /// <summary>The bias added to W x [G H].</summary>
    public float[] BiasInput => Weights[2];

    /// <summary>The bias added to U h [G H].</summary>
    public float[] BiasHidden => Weights[3];

    /// <summary>x [T, B, I].</summary>
    public float[] Inputs { get; }

    /// <summary>dy [T, B, H].</summary>
    public float[] OutputGradient { get; }

    /// <summary>What a training step learns [T, B, H]: as random as the output's gradient.</summary>
    public float[] Targets => OutputGradient;

    /// <summary>The data of a case; the same at each call.</summary>
    public static LayerData Of(Workload workload)
    {
        var parameters = LayerModels.Create(workload).Parameters;
        var random = new Random(2);
        return new LayerData(
            [.. Kinds.Select(kind => Tensor(parameters, kind))],
            Fill(random, workload.Steps * workload.Batch * workload.Inputs),
            Fill(random, workload.Steps * workload.Batch * workload.Units));
    }

    /// <summary>A copy of a tensor of the layer's parameters or gradients.</summary>
    public static float[] Tensor(ParameterSet set, string kind) => set[$"Layer.{kind}_l0"].Values.ToArray();

    /// <summary>The same data with weights that can be changed.</summary>
    public LayerData Copy() => new([.. Weights.Select(w => (float[])w.Clone())], Inputs, OutputGradient);

    /// <summary>Uniform in [-1, 1).</summary>
    public static float[] Fill(Random random, int length)
    {
        var values = new float[length];
        for (var k = 0; k < length; k++)
        {
            values[k] = (random.NextSingle() * 2) - 1;
        }

        return values;
    }
}
