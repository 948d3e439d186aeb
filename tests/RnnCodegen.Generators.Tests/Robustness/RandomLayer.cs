using System.Globalization;
using System.Text.RegularExpressions;

namespace RnnCodegen.Generators.Tests.Robustness;

/// <summary>A layer as it is written, on a line of its own.</summary>
internal sealed partial class RandomLayer(string kind, string name)
{
    public string Kind { get; } = kind;

    /// <summary>Its name, with an @ where it needs one.</summary>
    public string Name { get; set; } = name;

    /// <summary>Its arguments; a layer that is read stands as its number between sharps.</summary>
    public List<string> Arguments { get; } = [];

    public string Modifiers { get; set; } = "internal ";

    public string Partial { get; set; } = "partial ";

    public string Type { get; set; } = $"{kind}Layer";

    public string Body { get; set; } = "{ get; }";

    /// <summary>A second attribute.</summary>
    public string Also { get; set; } = "";

    /// <summary>Whether it has the fault, so that its line is marked.</summary>
    public bool IsFaulty { get; set; }

    public static string Reference(int index) => $"#{index.ToString(CultureInfo.InvariantCulture)}#";

    public string Text(IReadOnlyList<RandomLayer> layers, string runtime)
    {
        var arguments = References().Replace(string.Join(", ", Arguments),
            m => $"nameof({layers[int.Parse(m.Groups[1].Value, CultureInfo.InvariantCulture)].Name})");
        var modifiers = RandomNames.OfObject.Contains(RandomNames.Plain(Name)) ? Modifiers + "new " : Modifiers;
        return $"/// <summary>A.</summary>{(IsFaulty ? RandomModel.Mark : "")}\n[{runtime}{Kind}({arguments}){Also}] {modifiers}{Partial}" +
            $"{runtime}{Type} {Name} {Body}{(IsFaulty ? RandomModel.Mark : "")}\n";
    }

    [GeneratedRegex("#(\\d+)#")]
    private static partial Regex References();
}
