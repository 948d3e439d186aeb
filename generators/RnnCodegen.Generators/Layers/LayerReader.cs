using RnnCodegen.Generators.Diagnostics;
using RnnCodegen.Generators.Parsing;
using RnnCodegen.Generators.Specs;

namespace RnnCodegen.Generators.Layers;

/// <summary>A layer's attribute, and what else its spec is made of.</summary>
/// <param name="Attribute">The attribute.</param>
/// <param name="Diagnostics">Receives what is wrong.</param>
/// <param name="Modifiers">The property's modifiers.</param>
/// <param name="Format">The model's weight format.</param>
internal sealed record LayerReader(AttributeReader Attribute, DiagnosticBag Diagnostics, string Modifiers, WeightFormatKind Format)
{
    /// <summary>The layer's name.</summary>
    public string Name => Attribute.Owner;

    /// <summary>The layer's weight format; the model's where it does not give one.</summary>
    public WeightFormatKind WeightFormat => Attribute.WeightFormat(Format);

    /// <summary>Recurrent units.</summary>
    public int Units => Attribute.Size("Units", 0, 1, Limits.Units);

    /// <summary>The activation of gates.</summary>
    public ActivationSpec GateActivation => Activation(ActivationKind.Sigmoid, "Gate");

    /// <summary>An activation and its alpha, whose names start alike.</summary>
    public ActivationSpec Activation(ActivationKind otherwise, string start = "")
    {
        var kind = Attribute.Member($"{start}Activation", otherwise);
        return ActivationSpec.Of(kind, Attribute.Alpha($"{start}Alpha", kind));
    }
}
