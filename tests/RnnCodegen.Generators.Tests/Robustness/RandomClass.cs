using System.Text;

namespace RnnCodegen.Generators.Tests.Robustness;

/// <summary>A class with a model: where it stands, what it derives from, and what its author has in it beside layers.</summary>
internal sealed class RandomClass
{
    private static readonly (string Name, string Text)[] s_inherited =
    [
        ("Save", "public void Save(string path) { }"), ("Load", "public static int Load(string path) => 3;"),
        ("MaxThreads", "public virtual int MaxThreads { get; set; }"), ("OutputSize", "protected int OutputSize => 3;"),
        ("InputSize", "internal const int InputSize = 4;"), ("Run", "public class Run { }"), ("Step", "public void Step(float x) { }"),
        ("_rnnCore", "protected readonly int _rnnCore = 1; internal int UseCore => _rnnCore;"),
        ("Forward", "public event global::System.Action Forward { add { } remove { } }"),
        ("Vocabulary", "protected static int Vocabulary = 4;"), ("LoadEmbedded", "public int LoadEmbedded() => 1;"),
        ("CreateStream", "internal delegate void CreateStream();"), ("Parameters", "public virtual object Parameters => 1;"),
        ("Backward", "protected internal virtual void Backward<T>(T x) { }"), ("ParameterCount", "private int ParameterCount => 3;"),
        ("FlopsPerStep", "public virtual long FlopsPerStep() => 3;"),
        ("CreateState", "private protected int CreateState(int batch) => batch;"),
        ("ToString", "public override string ToString() => string.Empty;"),
    ];

    private readonly Dice _dice;
    private readonly string _runtime;

    public RandomClass(Dice dice, string runtime, int index)
    {
        (_dice, _runtime, Index) = (dice, runtime, index);
        var names = new RandomNames(dice);
        (Name, Model) = (names.Type(), new RandomModel(dice, names, runtime));
        Space = dice.OneIn(4)
            ? ""
            : string.Join('.', Enumerable.Range(0, dice.From(1, 3)).Select(_ => new RandomNames(dice).Type()).Append($"N{index}"));
        IsFileScoped = Space.Length > 0 && dice.OneIn(3);
        for (var depth = dice.OneIn(3) ? dice.From(1, 2) : 0; depth > 0; depth--)
        {
            var (modifiers, kind) = dice.Pick(
                ("", "class"), ("static ", "class"), ("sealed ", "class"), ("abstract ", "class"), ("", "struct"), ("ref ", "struct"),
                ("readonly ", "struct"), ("", "record"), ("", "record struct"), ("", "record class"), ("", "interface"));
            Around.Add(
                ($"{dice.Pick("public ", "internal ")}{modifiers}", kind,
                    names.Type() + (Space.Length == 0 && Around.Count == 0 ? $"_{index}" : "")));
        }

        Name = Space.Length == 0 && Around.Count == 0 ? $"{RandomNames.Plain(Name)}_{index}" : Name;
        var isSealed = dice.OneIn(6);
        Modifiers = $"{dice.Pick<string>(Around.Count > 0 ? ["public ", "internal ", "private "] : ["public ", "internal "])}" +
            $"{(isSealed ? "sealed " : "")}{dice.Rarely(8, "unsafe ")}";
        if (isSealed)
        {
            // Nobody can override a virtual member of a sealed class, or call a protected one, and the compiler says so.
            Model.Layers.ForEach(
                l => l.Modifiers = l.Modifiers.Contains("virtual", StringComparison.Ordinal)
                    || l.Modifiers.Contains("protected", StringComparison.Ordinal) ? "internal " : l.Modifiers);
        }

        Members.AddRange(
            Enumerable.Range(0, dice.OneIn(2) ? dice.From(1, 3) : 0).Select(_ => Member(names)).Where(m => m.Length > 0).Distinct());
        Base = dice.OneIn(5) ? WriteBase() : "";
        Attributes = dice.Pick(
            "", "", "", "[global::System.Obsolete(\"Old.\")]", "[global::System.Obsolete(\"Old.\", true)]",
            "[global::System.Diagnostics.CodeAnalysis.Experimental(\"X1\")]", "[global::System.Serializable]",
            "[global::System.Diagnostics.DebuggerDisplay(\"M\")]");
        HasTwoParts = dice.OneIn(4);
    }

    public int Index { get; }

    public RandomModel Model { get; }

    public string Name { get; set; }

    public string Space { get; }

    public bool IsFileScoped { get; }

    /// <summary>The types around the class, outermost first.</summary>
    public List<(string Modifiers, string Kind, string Name)> Around { get; } = [];

    public string AroundPartial { get; set; } = "partial ";

    public string Modifiers { get; set; }

    public string Partial { get; set; } = "partial ";

    public string Kind { get; set; } = "class";

    /// <summary>Type parameters, or those of a primary constructor.</summary>
    public string Parameters { get; set; } = "";

    /// <summary>What it derives from, with the colon; and the declarations of that.</summary>
    public string Base { get; set; }

    public string BaseText { get; set; } = "";

    public string Attributes { get; }

    /// <summary>The author's own members, each on a line.</summary>
    public List<string> Members { get; } = [];

    /// <summary>Whether the layers stand in another file than the attribute.</summary>
    public bool HasTwoParts { get; set; }

    public bool IsFaulty { get; set; }

    /// <summary>The class's full name as the build's items say it.</summary>
    public string FullName => string.Join('.',
        Space.Split('.', StringSplitOptions.RemoveEmptyEntries).Concat(Around.Select(a => a.Name)).Append(Name).Select(RandomNames.Plain));

    /// <summary>Its files.</summary>
    public IEnumerable<(string Name, string Text)> Files()
    {
        var layers = string.Concat(Model.Layers.Select(l => l.Text(Model.Layers, _runtime)));
        var members = string.Concat(Members.Select(m => $"/// <summary>A.</summary>\n{m}\n"));
        var attribute = $"{Attributes}[{_runtime}RnnModel({string.Join(", ", Model.Arguments)})]";
        yield return ($"Model{Index}.cs",
            In($"{attribute} {Modifiers}{Partial}{Kind} {Name}{Parameters}{Base} {(IsFaulty ? RandomModel.Mark : "")}\n{{\n" +
                $"{(HasTwoParts ? "" : layers)}{members}}}\n") + BaseText);
        if (HasTwoParts)
        {
            yield return ($"Model{Index}.Layers.cs",
                In($"{Partial}{Kind} {Name}{(Parameters.StartsWith('<') ? Parameters : "")}\n{{\n{layers}}}\n"));
        }
    }

    private string In(string text)
    {
        var result = new StringBuilder(Space.Length == 0 ? "" : IsFileScoped ? $"namespace {Space};\n" : $"namespace {Space} {{\n");
        foreach (var (modifiers, kind, name) in Around)
        {
            result.Append($"/// <summary>A.</summary>\n{modifiers}{AroundPartial}{kind} {name} {{{(IsFaulty ? RandomModel.Mark : "")}\n");
        }

        result.Append($"/// <summary>A.</summary>\n{text}");
        return result.Append(string.Concat(Enumerable.Repeat("}\n", Around.Count + (Space.Length > 0 && !IsFileScoped ? 1 : 0))))
            .ToString();
    }

    /// <summary>A base with members under whatever names, those of generated members among them.</summary>
    private string WriteBase()
    {
        var (parameter, argument) = _dice.OneIn(3) ? ("<TOfBase>", "<int>") : ("", "");
        var own = Model.Layers.Select(l => RandomNames.Plain(l.Name)).ToHashSet(StringComparer.Ordinal);
        var members = string.Concat(
            _dice.Some(5, s_inherited).Where(m => !own.Contains(m.Name) && !Members.Any(o => o.Contains(m.Name, StringComparison.Ordinal)))
                .Select(m => $"/// <summary>A.</summary>\n{m.Text}\n"));
        var text = $"/// <summary>A.</summary>\npublic class Base{Index}{parameter}\n{{\n{members}}}\n";
        BaseText = IsFileScoped ? text : $"namespace Bases{Index}\n{{\n{text}}}\n";
        return $" : global::{(IsFileScoped ? Space : $"Bases{Index}")}.Base{Index}{argument}";
    }

    private string Member(RandomNames names)
    {
        var name = names.Member(Model.Free, [.. Model.Layers.Select(l => l.Name)]);
        var hides = RandomNames.OfObject.Contains(RandomNames.Plain(name)) ? "new " : "";
        var type = RandomNames.Plain(name).All(char.IsAsciiLetterLower) ? "@" + RandomNames.Plain(name) : name;
        return _dice.Pick(
            $"internal {hides}int {name} => 3;", $"internal int {name}(int value) => value;", $"internal {hides}sealed class {type} {{ }}",
            $"internal {hides}const long {name} = 3;", $"internal {hides}static int {name} = 3;",
            $"internal {hides}enum {type} {{ A }}", $"internal {hides}delegate void {type}();", $"internal {hides}interface {type} {{ }}",
            $"internal {hides}event global::System.Action {name} {{ add {{ }} remove {{ }} }}",
            $"private readonly int _rnn{RandomNames.Plain(name)} = 1; internal int Use{RandomNames.Plain(name)}() => " +
            $"_rnn{RandomNames.Plain(name)};",
            "internal static void Save(string path, int level) { }", Model.Free.Contains("Step") ? "" : "internal void Step(float x) { }",
            "internal void Run() { }", "internal int Load<T>(T path) => 3;", "internal int this[int i] => i;",
            $"internal {Name}(string text) : this(seed: text.Length) {{ }}", $"static {Name}() {{ }}", $"~{Name}() {{ }}",
            $"public static implicit operator int({Name} model) => 3;", "internal int CreateTape(string x) => 3;");
    }
}
