using RnnCodegen.Generators.Planning;

namespace RnnCodegen.Generators.Emission.CSharp;

/// <summary>
/// The methods of one width that a model shares with others of its project: those that work on pointers and sizes alone. A name says all
/// that a method does, or has a number made of the method's text, so that it depends on no other model.
/// </summary>
/// <param name="assembly">The project's assembly.</param>
/// <param name="target">The machine.</param>
/// <param name="isUnchecked">Whether methods say that they do not check for overflow.</param>
/// <param name="cache">What models before this one wrote.</param>
internal sealed class KernelTable(string assembly, Machine target, bool isUnchecked, KernelCache cache)
{
    /// <summary>Stands for the name of a method in its own text, until that is known.</summary>
    private const string Unnamed = "\uE000";

    private readonly Dictionary<string, KernelMethod> _methods = new(StringComparer.Ordinal);
    private readonly Dictionary<string, CachedKernel> _named = new(StringComparer.Ordinal);

    /// <summary>What the method that is being written calls.</summary>
    private List<CachedKernel> _calls = [];

    /// <summary>The class that holds them.</summary>
    public string Class { get; } = ModelNames.KernelClass(assembly, target);

    /// <summary>All of them, by name.</summary>
    public IEnumerable<KernelMethod> Methods => _methods.Values.OrderBy(m => m.Name, StringComparer.Ordinal);

    /// <summary>Has a method written whose name says all that it does.</summary>
    /// <param name="kind">What it is.</param>
    /// <param name="name">Its name.</param>
    /// <param name="shape">What its text is made of: always the same under one name.</param>
    /// <param name="write">Writes it.</param>
    public void Add(KernelKind kind, string name, object shape, Action<SourceWriter> write)
    {
        if (!_named.TryGetValue(name, out var kernel))
        {
            if (cache.Find(Class, isUnchecked, name) is { } written)
            {
                AddWritten(kernel = written);
            }
            else
            {
                var outer = _calls;
                _calls = [];
                kernel = new(new(Class, target.Name, kind, name, Text(write)), shape, _calls);
                _calls = outer;
                Note(kernel);
                cache.Add(isUnchecked, kernel);
            }
        }

        _calls.Add(kernel);
        if (!kernel.Shape.Equals(shape))
        {
            throw new InvalidOperationException($"{name} is planned in two ways: {kernel.Shape}; {shape}.");
        }
    }

    /// <summary>Has a method written whose name a number follows.</summary>
    /// <param name="kind">What it is.</param>
    /// <param name="wish">What its name starts with.</param>
    /// <param name="write">Writes it under a name.</param>
    /// <returns>Its name.</returns>
    public string Add(KernelKind kind, string wish, Action<SourceWriter, string> write)
    {
        var text = Text(writer => write(writer, Unnamed));
        var name = $"{wish}_{ModelNames.Hash(text).Substring(0, 8)}";
        if (!_methods.ContainsKey(name))
        {
            _methods.Add(name, new KernelMethod(Class, target.Name, kind, name, text.Replace(Unnamed, name)));
        }

        return name;
    }

    private void AddWritten(CachedKernel kernel)
    {
        if (!_named.ContainsKey(kernel.Method.Name))
        {
            Note(kernel);
            foreach (var call in kernel.Calls)
            {
                AddWritten(call);
            }
        }
    }

    private void Note(CachedKernel kernel)
    {
        _named.Add(kernel.Method.Name, kernel);
        _methods.Add(kernel.Method.Name, kernel.Method);
    }

    private string Text(Action<SourceWriter> write)
    {
        var writer = new SourceWriter(1) { IsUnchecked = isUnchecked };
        write(writer);
        return writer.Take();
    }
}
