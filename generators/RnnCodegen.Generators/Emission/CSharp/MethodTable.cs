using RnnCodegen.Generators.Graph;
using RnnCodegen.Generators.Lowering;
using RnnCodegen.Generators.Planning;

namespace RnnCodegen.Generators.Emission.CSharp;

/// <summary>
/// The methods that a body's other methods call. Those whose text is the same but for their name are one: layers of equal shape share their
/// stages, their products and their loops, and models share all of these but the loops.
/// </summary>
internal sealed class MethodTable(KernelNames names, KernelTable kernels, bool isUnchecked)
{
    /// <summary>Stands for the name of a method in its own text, until it is known whether the method is new.</summary>
    private const string Unnamed = "\uE000";

    private readonly Dictionary<string, string> _byText = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _byPlan = new(StringComparer.Ordinal);
    private readonly Dictionary<(Node, Setting), LayerMethod> _layers = [];

    /// <summary>Has a method of the model's own written where none of the same text is yet.</summary>
    /// <param name="file">What the texts of new methods are added to.</param>
    /// <param name="wish">What it is to be called: what it computes, and of which size, rather than for which layer.</param>
    /// <param name="write">Writes it under a name.</param>
    /// <returns>Its name.</returns>
    public string Add(List<string> file, string wish, Action<SourceWriter, string> write)
    {
        var writer = new SourceWriter(2) { IsUnchecked = isUnchecked };
        write(writer, Unnamed);
        var text = writer.Take();
        if (!_byText.TryGetValue(text, out var name))
        {
            name = names.New(wish);
            _byText.Add(text, name);
            file.Add(text.Replace(Unnamed, name));
        }

        return name;
    }

    /// <summary>Has a product written that its name says all of.</summary>
    /// <param name="planned">What the plan calls it.</param>
    /// <param name="name">Its name.</param>
    /// <param name="shape">The plan without what its text does not depend on.</param>
    /// <param name="write">Writes it.</param>
    public void AddProduct(string planned, string name, object shape, Action<SourceWriter> write)
    {
        kernels.Add(KernelKind.Product, name, shape, write);
        Share(planned, name);
    }

    /// <summary>Has a cell's method written, whose name is not all there is to say of its equations.</summary>
    /// <param name="planned">What the plan calls it.</param>
    /// <param name="wish">What its name starts with: what it computes, and of which size.</param>
    /// <param name="write">Writes it under its name.</param>
    /// <returns>Its name among the kernels.</returns>
    public string AddCell(string planned, string wish, Action<SourceWriter, string> write) =>
        Share(planned, kernels.Add(KernelKind.Cell, wish, write));

    /// <summary>How a body calls a method that the plan calls otherwise; methods that nothing shares keep their names.</summary>
    public string NameOf(string planned) => _byPlan.TryGetValue(planned, out var name) ? name : planned;

    /// <summary>Notes a layer's method of a pass.</summary>
    public void Add(Node node, Setting setting, LayerMethod method) => _layers.Add((node, setting), method);

    /// <summary>A layer's method of a pass.</summary>
    public LayerMethod Of(Node node, Setting setting) => _layers[(node, setting)];

    private string Share(string planned, string name)
    {
        _byPlan[planned] = $"{RuntimeTypes.Kernels}.{name}";
        return name;
    }
}

/// <summary>A layer's method of a pass, which layers of equal shape share.</summary>
/// <param name="Name">What it is called.</param>
/// <param name="Pointers">The pointers that it takes.</param>
internal sealed record LayerMethod(string Name, IReadOnlyList<PointerParameter> Pointers);

/// <summary>A pointer that a layer's method takes.</summary>
/// <param name="Name">What the method calls it.</param>
/// <param name="Actual">Spells what the layer passes, where it is called.</param>
internal sealed record PointerParameter(string Name, Func<PlaceText, string> Actual);
