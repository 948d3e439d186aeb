using RnnCodegen.Runtime;

namespace RnnCodegen;

/// <summary>One model in training, and the optimizer that changes it.</summary>
/// <param name="core">The model.</param>
/// <param name="optimizer">Its optimizer.</param>
/// <param name="role">What it is among the models that are trained together; empty where it is alone.</param>
internal sealed class Trainee(ModelCore core, Optimizer optimizer, string role = "")
{
    public ModelCore Core => core;

    public Optimizer Optimizer => optimizer;

    public ParameterSet Parameters => core.Parameters;

    public string Name => core.Definition.Name;

    public string Role => role;

    /// <summary>What stands before the names of its tensors and numbers in a checkpoint.</summary>
    public string Prefix => role.Length == 0 ? "" : role + ".";

    /// <summary>Whose a tensor is, in messages; empty where there is one model.</summary>
    public string Owner => role.Length == 0 ? "" : $"{Name}'s ";

    /// <summary>The model as the subject of a sentence.</summary>
    public string Subject => role.Length == 0 ? "The model" : Name;

    /// <summary>Something that it has, in messages: <c>optimizer</c>, or <c>encoder's optimizer</c>.</summary>
    public string Its(string thing) => role.Length == 0 ? thing : $"{role}'s {thing}";
}

/// <summary>A number of a trainee that is not finite.</summary>
internal readonly record struct BadValue(Trainee Trainee, Parameter Tensor, int Index)
{
    public float Value => Tensor.Values[Index];
}
