using RnnCodegen.Generators.Graph;
using RnnCodegen.Generators.Specs;

namespace RnnCodegen.Generators.Layers;

internal sealed record ElmanSpec(
    string Name, string Modifiers, EquatableArray<int> Sources,
    int Units, int Layers, bool Bidirectional, float Dropout, bool ReturnSequences, bool Bias,
    ActivationSpec Activation)
    : RecurrentSpec(Name, Modifiers, Sources, Units, Layers, Bidirectional, Dropout, ReturnSequences, Bias)
{
    private static readonly LayerKind s_kind = new("Elman", Read);

    public override LayerKind Kind => s_kind;

    public override string Description => $"{Stack}Elman network of {Units} units, {LayerProse.Name(Activation)}{Options()}";

    public override CellGraph BuildCell(bool training) => ElmanCell.Build(this, training);

    public override ActivationKind ActivationBehind(Func<int, ActivationKind> ofSource) => Activation.Kind;

    protected override IEnumerable<Parameter> CellParameters(int inputWidth) =>
        GateParameters(inputWidth, 1).Concat(InitialState("h", Units));

    private static LayerSpec Read(LayerReader r)
    {
        var stack = ReadStack(r);
        var spec = new ElmanSpec(
            r.Name, r.Modifiers, default, r.Units, stack.Layers, stack.Bidirectional, stack.Dropout, stack.ReturnSequences, stack.Bias,
            r.Activation(ActivationKind.Tanh));
        return WithNoise(WithOptions(spec, r), r);
    }
}
