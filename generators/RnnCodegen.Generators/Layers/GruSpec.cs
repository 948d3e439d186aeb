using RnnCodegen.Generators.Graph;
using RnnCodegen.Generators.Specs;

namespace RnnCodegen.Generators.Layers;

internal sealed record GruSpec(
    string Name, string Modifiers, EquatableArray<int> Sources,
    int Units, int Layers, bool Bidirectional, float Dropout, bool ReturnSequences, bool Bias,
    bool ResetAfter, ActivationSpec GateActivation, ActivationSpec Activation)
    : RecurrentSpec(Name, Modifiers, Sources, Units, Layers, Bidirectional, Dropout, ReturnSequences, Bias)
{
    private static readonly LayerKind s_kind = new("Gru", Read);

    public override LayerKind Kind => s_kind;

    public override string Description =>
        $"{Stack}GRU of {Units} units, reset {(ResetAfter ? "after" : "before")} the product{Options(Alphas(GateActivation, Activation))}";

    public override CellGraph BuildCell(bool training) => GruCell.Build(this, training);

    // A mean of old and new values, as long as gates are from 0 to 1.
    public override ActivationKind ActivationBehind(Func<int, ActivationKind> ofSource) =>
        OutputActivation.IsPart(GateActivation) ? Activation.Kind : ActivationKind.Linear;

    protected override IEnumerable<Parameter> CellParameters(int inputWidth) =>
        GateParameters(inputWidth, 3).Concat(InitialState("h", Units));

    private static LayerSpec Read(LayerReader r)
    {
        var stack = ReadStack(r);
        var spec = new GruSpec(
            r.Name, r.Modifiers, default, r.Units, stack.Layers, stack.Bidirectional, stack.Dropout, stack.ReturnSequences, stack.Bias,
            r.Attribute.Flag("ResetAfter", true), r.GateActivation, r.Activation(ActivationKind.Tanh));
        return WithNormalization(WithNoise(WithOptions(spec, r), r), r);
    }
}
