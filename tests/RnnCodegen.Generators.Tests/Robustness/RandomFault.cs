namespace RnnCodegen.Generators.Tests.Robustness;

/// <summary>One mistake in a project that is right otherwise.</summary>
/// <param name="Id">The finding that it is.</param>
/// <param name="Make">Makes it and marks its lines, where the model has what it takes.</param>
/// <param name="Unavoidable">What the compiler says too, in the author's files:
/// of what cannot be completed, or is as wrong without a generator.</param>
internal sealed record RandomFault(string Id, Func<RandomClass, Dice, bool> Make, params string[] Unavoidable)
{
    // Members that a model has already.
    private static readonly string[] s_taken =
    [
        "void Save(string path) { }", "void Save(string other) => _ = other;", "int OutputSize => 3;", "class Parameters { }", "int Run;",
        "static int Load(string x) => 3;",
    ];

    public static readonly IReadOnlyList<RandomFault> All =
    [
        OfLayer("RNN0108", l => l.Kind is "Gru" or "Lstm" or "Elman" or "Dense" or "Conv1d" or "Embedding",
            (l, d) => l.Arguments[0] = d.Pick("0", "-1", "int.MinValue", "int.MaxValue", "unchecked((int)4000000000)")),
        OfLayer("RNN0116", l => TakesFrom(l) && !HasFrom(l),
            (l, d) => l.Arguments.Add($"From = {d.Pick("\"Nothing\"", "\"\"", "\"A B\"", "\"\\u2028\"")}")),
        OfLayer("RNN0117", l => TakesFrom(l) && !HasFrom(l), (l, _) => l.Arguments.Add($"From = nameof({l.Name})")),
        OfLayer("RNN0103", _ => true, (l, _) => l.Type = l.Kind == "Gru" ? "LstmLayer" : "GruLayer"),
        OfLayer("RNN0102", _ => true, (l, d) => l.Body = d.Pick("{ get; set; }", "{ get; init; }", "{ set; }", "{ get; private set; }")),
        OfLayer("RNN0102", l => !l.Modifiers.Contains("virtual", StringComparison.Ordinal), (l, _) => l.Modifiers += "static "),
        OfLayer("RNN0101", l => !l.Modifiers.Contains("virtual", StringComparison.Ordinal),
            (l, _) => l.Partial = "") with { Unavoidable = ["CS8618"] },
        OfLayer("RNN0112", l => l.Kind == "Dense" && l.Arguments.Count == 1,
            (l, d) => l.Arguments.Add($"Activation = (global::RnnCodegen.Activation)({d.Pick("99", "-1")})")),
        OfLayer("RNN0113", l => l.Kind == "Dense" && l.Arguments.Count == 1,
            (l, d) => l.Arguments.Add($"Alpha = {d.Pick("0.5f", "0f", "-1f", "float.PositiveInfinity")}")),
        OfLayer("RNN0113", l => l.Kind == "Activation" && !l.Arguments[0].Contains("Alpha", StringComparison.Ordinal),
            (l, d) => l.Arguments[0] += $", Alpha = {d.Pick("0f", "-1f", "float.PositiveInfinity")}"),
        OfLayer("RNN0109", l => l.Kind == "Dropout",
            (l, d) => l.Arguments[0] = d.Pick("1f", "-0.1f", "float.NaN", "float.PositiveInfinity")),
        OfLayer("RNN0111", l => l.Kind == "LayerNorm", (l, d) =>
        {
            l.Arguments.RemoveAll(a => a.StartsWith("Epsilon", StringComparison.Ordinal));
            l.Arguments.Add($"Epsilon = {d.Pick("0f", "-1f", "float.NaN")}");
        }),
        OfLayer("RNN0124",
            l => l.Kind is "Gru" or "Lstm" or "Elman" && !l.Arguments.Exists(a => a.StartsWith("Clip", StringComparison.Ordinal)),
            (l, d) => l.Arguments.Add($"Clip = {d.Pick("-1f", "float.NaN", "float.PositiveInfinity")}")),
        OfLayer("RNN0104", l => l.Kind != "Dropout", (l, _) => l.Also = ", global::RnnCodegen.Dropout(0.5f)"),
        OfLayer("RNN0106", _ => true,
            (l, d) => l.Name = d.Pick("Parameters", "Save", "Run", "Forward", "OutputSize", "MaxThreads", "@Load")),
        new("RNN0107", (c, d) =>
        {
            var (first, second) = (c.Model.Layers[0], c.Model.Layers[^1]);
            var name = RandomNames.Plain(first.Name);
            var twin = name.ToUpperInvariant() == name ? name.ToLowerInvariant() : name.ToUpperInvariant();
            if (first == second || twin == name || RandomNames.OfObject.Contains(name)
                || c.Members.Exists(m => m.Contains(twin, StringComparison.Ordinal)) || RandomNames.Plain(c.Name) == twin)
            {
                return false;
            }

            (second.Name, second.IsFaulty) = ("@" + twin, true);
            return true;
        }),
        OfClass("RNN0001", c => !c.HasTwoParts, (c, _) => c.Partial = "") with { Unavoidable = ["CS0751", "CS9248", "CS1739"] },
        OfClass("RNN0002", c => c.Around.Count == 1 && !c.HasTwoParts,
            (c, _) => c.AroundPartial = "") with { Unavoidable = ["CS9248", "CS1739"] },
        OfClass("RNN0003",
            c => c.Base.Length == 0 && !c.HasTwoParts && c.Members.Count == 0
                && !c.Model.Layers.Exists(l => RandomNames.OfObject.Contains(RandomNames.Plain(l.Name))), (c, _) => c.Kind = "record"),
        OfClass("RNN0003", c => !c.Modifiers.Contains("sealed", StringComparison.Ordinal), (c, _) => c.Modifiers += "abstract "),
        OfClass("RNN0004", c => c.Members.Count == 0, (c, d) => c.Parameters = d.Pick("<TModel>", "<T1, T2>")),
        OfClass("RNN0006", c => !c.Model.TakesTokens, (c, _) => c.Model.Arguments.RemoveAt(0)),
        OfClass("RNN0007", c => c.Model.TakesTokens, (c, _) => c.Model.Arguments.Add("InputSize = 3")),
        OfClass("RNN0010", c => c.Base.Length == 0,
            (c, d) => c.Members.Add(
                $"internal {d.Pick(s_taken)}{RandomModel.Mark}")) with { Unavoidable = ["CS0649"] },
        OfClass("RNN0011",
            c => c.Parameters.Length == 0 && c.Base.Length == 0 && !c.Members.Exists(m => m.Contains(": this", StringComparison.Ordinal)),
            (c, _) => c.Parameters = "(int number)") with { Unavoidable = ["CS9113", "CS8862"] },
        OfClass("RNN0011", _ => true, (c, _) => c.Members.Add($"internal {c.Name}(char letter) {{ _ = letter; }}{RandomModel.Mark}")),
        OfClass("RNN0019", c => !c.Members.Exists(m => m.Contains("Required", StringComparison.Ordinal)),
            (c, _) => c.Members.Add($"public required int RequiredRate {{ get; init; }}{RandomModel.Mark}")),
        OfClass("RNN0108", c => !c.Model.Arguments.Exists(a => a.StartsWith("Memory", StringComparison.Ordinal)),
            (c, d) => c.Model.Arguments.Add($"MemorySize = {d.Pick("-1", "int.MaxValue")}")),
        OfClass("RNN0112", c => !c.Model.Arguments.Exists(a => a.StartsWith("Output", StringComparison.Ordinal)),
            (c, _) => c.Model.Arguments.Add("Output = (global::RnnCodegen.OutputTransform)9")),
        new("RNN0142", (c, _) =>
        {
            c.Model.Layers.ForEach(l => l.IsFaulty = l.Kind == "Attention");
            return c.Model.Arguments.RemoveAll(a => a.StartsWith("Memory", StringComparison.Ordinal)) > 0;
        }),
    ];

    private static bool TakesFrom(RandomLayer layer) => layer.Kind is not ("Concat" or "Add" or "Multiply" or "Embedding");

    private static bool HasFrom(RandomLayer layer) => layer.Arguments.Exists(a => a.StartsWith("From", StringComparison.Ordinal));

    private static RandomFault OfLayer(string id, Predicate<RandomLayer> fits, Action<RandomLayer, Dice> make) => new(id, (c, dice) =>
    {
        var able = c.Model.Layers.Where(l => fits(l)).ToList();
        if (able.Count == 0)
        {
            return false;
        }

        var layer = dice.Pick(able);
        make(layer, dice);
        return layer.IsFaulty = true;
    });

    private static RandomFault OfClass(string id, Predicate<RandomClass> fits, Action<RandomClass, Dice> make) => new(id, (c, dice) =>
    {
        if (!fits(c))
        {
            return false;
        }

        make(c, dice);
        return c.IsFaulty = true;
    });
}
