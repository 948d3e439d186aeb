using RnnCodegen.Generators.Graph;
using RnnCodegen.Generators.Specs;

namespace RnnCodegen.Generators.Layers;

internal sealed record MinLstmSpec(
    string Name, string Modifiers, EquatableArray<int> Sources,
    int Units, int Layers, bool Bidirectional, float Dropout, bool ReturnSequences, bool Bias,
    ActivationSpec Activation)
    : RecurrentSpec(Name, Modifiers, Sources, Units, Layers, Bidirectional, Dropout, ReturnSequences, Bias)
{
    private static readonly LayerKind s_kind = new("MinLstm", Read);

    public override LayerKind Kind => s_kind;

    public override string Description => $"{Stack}minimal LSTM of {Units} units{LayerProse.Then(Activation)}{Options()}";

    public override CellGraph BuildCell(bool training) => MinLstmCell.Build(this);

    // A mean of old and new values.
    public override ActivationKind ActivationBehind(Func<int, ActivationKind> ofSource) => Activation.Kind;

    protected override IEnumerable<Parameter> CellParameters(int inputWidth) =>
        InputParameters(inputWidth, 3, fanIn: inputWidth, forgetGate: 0).Concat(InitialState("h", Units));

    private static LayerSpec Read(LayerReader r)
    {
        var stack = ReadStack(r);
        var spec = new MinLstmSpec(
            r.Name, r.Modifiers, default, r.Units, stack.Layers, stack.Bidirectional, stack.Dropout, stack.ReturnSequences, stack.Bias,
            r.Activation(ActivationKind.Linear));
        return WithOptions(spec, r);
    }
}
