using Microsoft.CodeAnalysis.CSharp;
using RnnCodegen.Generators.Parsing;

namespace RnnCodegen.Generators.Tests.Robustness;

/// <summary>Names that C# allows, most of them such as generated code has itself or C# means something by.</summary>
internal sealed class RandomNames(Dice dice)
{
    /// <summary>Members that every class has, which one of the same name hides.</summary>
    public static readonly string[] OfObject = ["Equals", "ReferenceEquals", "GetHashCode", "GetType", "ToString", "MemberwiseClone"];

    private static readonly string[] s_plain =
    [
        "Encoder", "EncoderL0", "EncoderL0Input", "Encoder2", "EncoderL1", "Head", "HeadProduct", "HeadWindows", "x", "y", "dx", "dy",
        "steps", "batch", "weights", "packed", "call", "m", "t", "h", "c",
        "first", "rows", "Tape", "Core", "Memory", "Gates", "GateGradients", "Input", "Math", "Span", "Vector512", "RowOps", "ModelKernels",
        "_rnnCore", "_rnnHead", "Größe", "नमस्ते", "Ⅷ", "重み", "ß",
        "s_map0", "Rows64", "Tile6x64", "ChunkSteps", "RunSteps", "StepPart1", "Definition", "CreateKernels", "Create", "Width", "Pack",
        "System", "RnnCodegen", "Generated", "Lengths1", "OtherH", "VectorQ", "Low",
        "core", "model", "seed", "initialization", "path", "state", "tape", "value", "global", "Layer", "GruLayer", "Gru", "Activation",
        "RnnModelAttribute", "IRnnModel", "Kernels", "Training", "Vector512Kernels",
        "get_Parameters_", "op_Addition", "Invoke", "A", "AL0", "AL0Value_2", "__", "LoadEmbedded", "SelfTest",
    ];

    private static readonly string[] s_endings =
        ["L0", "L1", "L0Reverse", "Input", "U", "Cell", "CellRow", "CellBackward", "Windows", "Product", "Backward", "Dropout", "Last",
            "_2", "Value", "Gradient", "ValueGradient", "Pooled", "State", "Statistics", "Saving"];

    // All words that mean something in C# somewhere; where they cannot be names as they are, an @ makes them some.
    private static readonly string[] s_keywords =
        [.. SyntaxFacts.GetKeywordKinds().Concat(SyntaxFacts.GetContextualKeywordKinds()).Select(SyntaxFacts.GetText)
            .Where(t => t.All(char.IsAsciiLetter) && t != "nameof").Distinct().Select(t => "@" + t)];

    private readonly HashSet<string> _taken = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>A name of a layer or a member that no other has, not even in another case.</summary>
    /// <param name="free">Names of generated members that this model has not.</param>
    /// <param name="near">Names to make one of, by an ending as generated names have.</param>
    public string Member(IReadOnlyCollection<string> free, IReadOnlyList<string> near)
    {
        while (true)
        {
            var name = near.Count > 0 && dice.OneIn(4) ? dice.Pick(near) + dice.Pick(s_endings)
                : dice.OneIn(8) ? dice.Pick(s_keywords)
                : dice.OneIn(20) ? dice.Pick(OfObject)
                : dice.OneIn(6) && free.Count > 0 ? dice.Pick([.. free])
                : dice.Pick(s_plain);
            if ((free.Contains(Plain(name)) || !ReservedNames.Contains(Plain(name)) || Plain(name) is "LoadEmbedded" or "SelfTest")
                && _taken.Add(Plain(name)))
            {
                return name;
            }
        }
    }

    /// <summary>The name of a type or a part of a namespace.</summary>
    public string Type()
    {
        while (true)
        {
            var name = dice.OneIn(5) ? dice.Pick(s_keywords) : dice.Pick(s_plain);
            if (name is not ("_" or "__" or "LoadEmbedded" or "SelfTest") && _taken.Add(Plain(name)))
            {
                // The compiler warns of types in small letters, which may become keywords.
                return Plain(name).All(char.IsAsciiLetterLower) ? "@" + Plain(name) : name;
            }
        }
    }

    public static string Plain(string name) => name.TrimStart('@');
}
