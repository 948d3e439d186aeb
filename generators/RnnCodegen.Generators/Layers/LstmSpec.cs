using RnnCodegen.Generators.Diagnostics;
using RnnCodegen.Generators.Graph;
using RnnCodegen.Generators.Parsing;
using RnnCodegen.Generators.Specs;

namespace RnnCodegen.Generators.Layers;

internal sealed record LstmSpec(
    string Name, string Modifiers, EquatableArray<int> Sources,
    int Units, int Layers, bool Bidirectional, float Dropout, bool ReturnSequences, bool Bias,
    int Projection, bool Peepholes, bool CoupledInputForget, ActivationSpec GateActivation, ActivationSpec Activation)
    : RecurrentSpec(Name, Modifiers, Sources, Units, Layers, Bidirectional, Dropout, ReturnSequences, Bias)
{
    private static readonly LayerKind s_kind = new("Lstm", Read);

    /// <summary>What the cell passes through on its way out.</summary>
    public ActivationSpec CellActivation { get; init; } = Activation;

    /// <summary>Bound of the cell; 0 for none.</summary>
    public float CellClip { get; init; }

    /// <summary>How likely, in training, a value of the cell stays what it was.</summary>
    public float CellZoneout { get; init; }

    public override LayerKind Kind => s_kind;

    public override int HiddenSize => Projection > 0 ? Projection : Units;

    public override string Description
    {
        get
        {
            var activations = Alphas(GateActivation, Activation)
                + (CellActivation != Activation ? $", cell through {LayerProse.Name(CellActivation)}" : "");
            var bounds = (CellClip > 0 ? $", cell within {LayerProse.Number(CellClip)}" : "") +
                (CellZoneout > 0 ? $", zoneout of {LayerProse.Number(CellZoneout)} on the cell" : "");
            return $"{Stack}LSTM of {Units} units{(Projection > 0 ? $" projected to {Projection}" : "")}" +
                $"{(Peepholes ? ", peepholes" : "")}{(CoupledInputForget ? ", coupled gates" : "")}{Options(activations, bounds)}";
        }
    }

    public override CellGraph BuildCell(bool training) => LstmCell.Build(this, training);

    // A part of the cell's activation, as long as gates are from 0 to 1; a projection adds up several.
    public override ActivationKind ActivationBehind(Func<int, ActivationKind> ofSource) =>
        Projection == 0 && OutputActivation.IsPart(GateActivation) ? CellActivation.Kind : ActivationKind.Linear;

    protected override IEnumerable<Parameter> CellParameters(int inputWidth)
    {
        foreach (var parameter in GateParameters(inputWidth, CoupledInputForget ? 3 : 4, CoupledInputForget ? -1 : 1,
            hasHiddenBias: Normalization == GateNormalizationKind.None))
        {
            yield return parameter;
        }

        if (Projection > 0)
        {
            yield return new("weight_hr", "ProjectionWeight", Projection, Units, Units);
        }

        foreach (var gate in !Peepholes ? [] : CoupledInputForget ? ["i", "o"] : new[] { "i", "f", "o" })
        {
            yield return Parameter.Vector($"weight_c{gate}", "Peephole", Units, Units);
        }

        if (Normalization != GateNormalizationKind.None)
        {
            yield return Parameter.Vector("norm_c", "NormScale", Units, Units);
            yield return Parameter.Vector("norm_c_bias", "NormShift", Units, Units);
        }

        foreach (var state in InitialState("h", HiddenSize).Concat(InitialState("c", Units)))
        {
            yield return state;
        }
    }

    private static LayerSpec Read(LayerReader r)
    {
        var a = r.Attribute;
        var before = r.Diagnostics.Errors;
        var units = r.Units;
        var projection = a.Size("Projection", 0, 0, Limits.Units);
        if (projection > 0 && projection >= units && r.Diagnostics.Errors == before)
        {
            r.Diagnostics.Report(
                LayerRules.ProjectionTooLarge, a.At("Projection"), r.Name,
                AttributeReader.Text(projection), AttributeReader.Text(units), AttributeReader.Text(units - 1));
        }

        var stack = ReadStack(r);
        var activation = a.Member("Activation", ActivationKind.Tanh);
        var cellActivation = a.Member("CellActivation", activation);
        var alpha = a.Alpha("Alpha", activation, cellActivation);
        var spec = new LstmSpec(
            r.Name, r.Modifiers, default, units, stack.Layers, stack.Bidirectional, stack.Dropout, stack.ReturnSequences, stack.Bias,
            projection, a.Flag("Peepholes", false), a.Flag("CoupledInputForget", false), r.GateActivation,
            ActivationSpec.Of(activation, alpha))
        {
            CellActivation = ActivationSpec.Of(cellActivation, alpha),
            CellClip = a.Bound("CellClip"),
            CellZoneout = a.Probability("CellZoneout"),
        };
        return WithNormalization(WithNoise(WithOptions(spec, r), r), r);
    }
}
