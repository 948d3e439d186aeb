using System.Text;

namespace RnnCodegen.Generators.Tests.Robustness;

/// <summary>
/// Writes a project of random models that are wrong in several ways at once, half-typed ones among them. Equal seeds write equal projects.
/// </summary>
internal sealed class WildProject(int seed)
{
    private static readonly string[] s_names =
    [
        "Encoder", "EncoderL0", "EncoderL0Input", "Encoder2", "EncoderL1", "Head", "HeadProduct", "HeadWindows", "x", "y", "dx", "dy",
        "steps", "batch", "weights", "packed", "call", "m", "t",
        "first", "rows", "Step", "Run", "Forward", "Backward", "Tape", "Core", "Memory", "Gates", "GateGradients", "Input", "Vocabulary",
        "InputSize", "OutputSize", "Parameters", "Math", "Span", "Vector512",
        "RowOps", "ModelKernels", "Equals", "GetHashCode", "ToString", "GetType", "Load", "Save", "_rnnCore", "_rnnHead", "@record",
        "@class", "@event", "@nint", "@var", "@await", "Größe", "नमस्ते", "Ⅷ",
        "s_map0", "Rows64", "Tile6x64", "ChunkSteps", "RunSteps", "StepPart1", "Definition", "CreateKernels", "Create", "Width", "Pack",
        "System", "RnnCodegen", "Generated", "Lengths1", "OtherH", "VectorQ", "_",
    ];

    private static readonly string[] s_integers = ["1", "3", "5", "16", "17", "0", "-1", "int.MinValue", "int.MaxValue", "65536", "65537",
        "4096", "2 * 3", "'a'", "3u", "1L", "2.5", "null", "\"3\"", "", "1 / 0"];

    private static readonly string[] s_floats = ["0.25f", "0f", "-0f", "0.999f", "1f", "-1f", "float.NaN", "float.PositiveInfinity",
        "float.Epsilon", "float.MaxValue", "1e-30f", "0.5", "1", "null"];

    private static readonly string[] s_flags = ["true", "false", "1", "null", "!false"];

    private readonly Random _random = new(seed);
    private readonly List<string> _layers = [];

    /// <summary>The models' file.</summary>
    public string Source()
    {
        var text = new StringBuilder();
        var count = _random.Next(1, 4);
        for (var k = 0; k < count; k++)
        {
            var space = Chance(3) ? $"{Pick(s_names)}.{Pick(s_names)}" : "";
            var outer = Chance(4) ? Pick(["class", "struct", "record", "interface", "record struct", "static class", "ref struct"]) : "";
            text.Append(space.Length > 0 ? $"namespace {space} {{ " : "");
            var isModified = outer.StartsWith("static", StringComparison.Ordinal) || outer.StartsWith("ref", StringComparison.Ordinal);
            var modifier = isModified ? outer.Split(' ')[0] + " " : "";
            text.Append(
                outer.Length > 0
                    ? $"{modifier}{Rarely("", "partial ")}{outer[modifier.Length..]} {Pick(s_names)}Outer{Rarely("<T>", "")} {{ "
                    : "");
            text.AppendLine(Model(k));
            text.Append(outer.Length > 0 ? "} " : "").AppendLine(space.Length > 0 ? "}" : "");
        }

        // Half-typed code is what a generator sees most.
        var source = text.ToString();
        if (Chance(12))
        {
            var at = _random.Next(source.Length);
            source = Pick(
                [source[..at], source.Remove(at, 1), source.Insert(at, Pick(["{", "}", "(", "[", ";", "\"", "partial ", "<", "@", "/*"]))]);
        }

        return source;
    }

    /// <summary>What else the project has.</summary>
    public string Others() => string.Concat(
        Chance(3)
            ? "global using " + Pick(
                [
                    "System.Reflection", "System.Numerics", "System.Runtime.Intrinsics", "static System.Math", "Vector512 = System.String",
                    "RowOps = System.Int32", "Tape = System.Object", "System.IO", "System.Linq",
                ]) + ";\n"
            : "",
        Chance(4)
            ? $"namespace {Pick(s_names)} {{ internal class {Pick(s_names)}Own {{ }} internal class RowOps {{ }} internal class " +
                $"Vector512 {{ }} internal class Math {{ }} }}\n"
            : "",
        Chance(6)
            ? "internal class Vector512 { } internal class GateLayout { } internal class MethodImplAttribute : System.Attribute { }\n"
            : "");

    private string Model(int index)
    {
        _layers.Clear();
        var takesTokens = Chance(6);
        var layers = new List<string>();
        for (var k = _random.Next(Chance(15) ? 0 : 1, 6); k > 0; k--)
        {
            layers.Add(Layer(takesTokens && layers.Count == 0));
        }

        var size = takesTokens == Chance(12) ? $"InputSize = {Integer()}" : "";
        var attribute = string.Join(", ", new[]
        {
            size, Chance(4) ? $"MemorySize = {Integer()}" : "",
            Chance(6) ? $"Output = {Enumeration("OutputTransform", "None", "Softmax", "LogSoftmax", "Sigmoid")}" : "",
            Chance(6) ? $"WeightFormat = {Enumeration("WeightFormat", "Float32", "BFloat16", "Int8")}" : "",
            Chance(6) ? $"ActivationAccuracy = {Enumeration("ActivationAccuracy", "Accurate", "Fast")}" : "",
        }.Where(a => a.Length > 0));
        var kind = Rarely(Pick(["record", "abstract class", "static class", "file class", "sealed class", "struct"]), "class");
        var modifiers = string.Join(" ", kind.Split(' ')[..^1]);
        var members = string.Concat(Enumerable.Range(0, Chance(3) ? _random.Next(1, 3) : 0).Select(_ => Member()));
        var name = Pick(s_names) + (Chance(3) ? "" : $"{index}");
        return $"{Rarely("", $"[RnnModel({attribute})]")} {modifiers} {Rarely("", "partial")} {kind.Split(' ')[^1]} {name}" +
            $"{Rarely("<T>", "")}{Rarely("(int seed)", "")} {{ {string.Concat(layers)} {members} }}";
    }

    private string Member() => Pick(
    [
        $"internal int {Pick(s_names)} => 3; ", $"internal void {Pick(s_names)}() {{ }} ", $"internal sealed class {Pick(s_names)} {{ }} ",
        $"private readonly int _rnn{Pick(s_names).TrimStart('@')} = 1; ",
        "internal static void Save(string path, int level) { } ", "internal void Step(float x) { } ", "internal const int Vocabulary = 9; ",
        "internal required int Rate { get; init; } ", "internal int this[int i] => i; ",
    ]);

    private string Layer(bool isEmbedding)
    {
        var kind = isEmbedding
            ? "Embedding"
            : Pick(["Gru", "Lstm", "Elman", "Dense", "Dense", "Conv1d", "RowConv1d", "Pool1d", "GlobalPool", "AttentionPool",
                "Attention", "Dropout", "LayerNorm", "Concat", "Add", "Multiply", "Activation", "Affine", "PRelu", "ReverseTime",
                "Embedding"]);
        var name = Pick(s_names);
        var first = kind switch
        {
            "Gru" or "Lstm" or "Elman" or "Dense" => Integer(),
            "Embedding" or "Conv1d" or "RowConv1d" => $"{Integer()}, {Integer()}",
            "Pool1d" => $"{Enumeration("Pooling", "Average", "Max")}, {Integer()}",
            "GlobalPool" => Enumeration("Pooling", "Average", "Max"),
            "Dropout" => Float(),
            "Activation" => Activation(),
            "Concat" or "Add" or "Multiply" => string.Join(", ", Enumerable.Range(0, _random.Next(1, 4)).Select(_ => Reference())),
            _ => "",
        };
        var options = kind switch
        {
            "Gru" or "Lstm" or "Elman" => new[]
            {
                $"Layers = {Rarely(Integer(), "2")}", $"Bidirectional = {Flag()}", $"Reverse = {Flag()}", $"Dropout = {Float()}",
                $"ReturnSequences = {Flag()}", $"Bias = {Flag()}", $"Clip = {Float()}",
                $"LearnedInitialState = {Flag()}", $"Activation = {Activation()}", $"Alpha = {Float()}",
                kind == "Elman" ? "Bias = false" : $"GateActivation = {Activation()}",
                kind == "Lstm"
                    ? Pick([$"Projection = {Integer()}", $"Peepholes = {Flag()}", $"CoupledInputForget = {Flag()}", $"CellClip = {Float()}",
                        $"CellActivation = {Activation()}"])
                    : kind == "Gru" ? $"ResetAfter = {Flag()}"
                    : "Unknown = 3",
                $"WeightFormat = {Enumeration("WeightFormat", "Float32", "BFloat16", "Int8")}",
            },
            "Dense" => [$"Activation = {Activation()}", $"Bias = {Flag()}", $"Alpha = {Float()}",
                $"WeightFormat = {Enumeration("WeightFormat", "Float32", "BFloat16", "Int8")}"],
            "Conv1d" => [$"Stride = {Integer()}", $"Dilation = {Integer()}",
                $"Padding = {Enumeration("TimePadding", "Valid", "Same", "Causal")}", $"PadLeft = {Integer()}", $"PadRight = {Integer()}",
                $"Activation = {Activation()}"],
            "RowConv1d" => [$"Channels = {Integer()}", $"Stride = {Integer()}", $"Dilation = {Integer()}", $"PadLeft = {Integer()}",
                $"PadRight = {Integer()}", $"Mirror = {Flag()}", $"Activation = {Activation()}"],
            "Pool1d" => [$"Stride = {Integer()}"],
            "Attention" => [$"Score = {Enumeration("AttentionScore", "Dot", "ScaledDot", "General", "Additive")}", $"Units = {Integer()}"],
            "LayerNorm" => [$"Epsilon = {Float()}"],
            "Activation" => [$"Alpha = {Float()}"],
            _ => [],
        };
        var isJoin = kind is "Concat" or "Add" or "Multiply";
        var chosen = options.Where(_ => Chance(options.Length > 5 ? 6 : 3))
            .Concat(!isJoin && kind != "Embedding" && Chance(4) ? [$"From = {Reference()}"] : []);
        var arguments = string.Join(", ", new[] { first }.Where(a => a.Length > 0).Concat(chosen));
        _layers.Add(name.TrimStart('@'));
        var type = Rarely(Pick(["GruLayer", "DenseLayer?", "int", "Unknown"]), $"{kind}Layer");
        var body = Rarely(
            Pick(["{ get; set; }", "{ get; init; }", "=> null!;", "{ get; } = null!;", "{ set; }", "{ get; private set; }", "{ get"]),
            "{ get; }");
        return $"[{kind}({arguments}){Rarely(", Dropout(0.5f)", "")}] {Rarely("static", "internal")} {Rarely("virtual ", "")}" +
            $"{Rarely("", "partial ")}{type} {name} {body} ";
    }

    private string Reference() => Chance(10)
        ? Pick(["null", "\"\"", "\"Nothing\"", "\"A B\"", "3", "RnnModelAttribute.Input", "\"<input>\"", "new string[0]", "\"\\u2028\""])
        : _layers.Count > 0 && !Chance(8) ? $"\"{Pick([.. _layers])}\"" : "RnnModelAttribute.Input";

    private string Integer() => Chance(12) ? Pick(s_integers) : Pick(["1", "3", "4", "5", "8"]);

    private string Float() => Chance(3) ? Pick(s_floats) : "0.25f";

    private string Flag() => Chance(10) ? Pick(s_flags) : "true";

    private string Activation() => Enumeration("Activation", "Linear", "Sigmoid", "Tanh", "Relu", "HardSigmoid", "HardSigmoidKeras2",
        "LeakyRelu", "Elu");

    private string Enumeration(string type, params string[] names) => Chance(15)
        ? Pick([$"({type})99", $"({type})(-1)", "3", $"{type}.Unknown", "null"])
        : $"{type}.{Pick(names)}";

    private bool Chance(int oneIn) => _random.Next(oneIn) == 0;

    private string Rarely(string rare, string usual) => Chance(40) ? rare : usual;

    private T Pick<T>(IReadOnlyList<T> items) => items[_random.Next(items.Count)];
}
