using RnnCodegen.Generators.Layers;

namespace RnnCodegen.Generators.Planning;

/// <summary>
/// Which tensor row each packed column (or packed row) is: gates block by block of units, -1 for padding and for gates left out.
/// </summary>
/// <param name="Gates">Row block of the tensor for each gate, -1 for a gate left out.</param>
/// <param name="Units">Rows of a block.</param>
/// <param name="Lanes">Units of a full vector.</param>
/// <param name="Tail">Units of the last vector, padding included; 0 where all are full.</param>
/// <param name="Columns">Length of the map, padding after the last gate included.</param>
internal sealed record GateMap(string Gates, int Units, int Lanes, int Tail, int Columns)
{
    public static GateMap Of(IEnumerable<int> gates, Blocks blocks, int units, int columns) =>
        new(string.Join(", ", gates.Select(g => g.ToString(System.Globalization.CultureInfo.InvariantCulture))), units, blocks.Lanes,
            blocks.Tail, columns);
}

/// <summary>One step of laying parameters out.</summary>
internal abstract record PackItem(Parameter Parameter, GateMap Map, int Offset);

/// <summary>Weights of a forward product: tensor rows become packed columns.</summary>
internal sealed record PackRows(Parameter Parameter, GateMap Map, ProductPlan Product) : PackItem(Parameter, Map, Product.PackedOffset);

/// <summary>Weights of a transposed product: tensor columns stay columns.</summary>
internal sealed record PackColumns(Parameter Parameter, GateMap Map, ProductPlan Product) : PackItem(Parameter, Map, Product.PackedOffset);

/// <summary>A bias or peephole.</summary>
internal sealed record PackVector(Parameter Parameter, GateMap Map, int Offset, bool Accumulates) : PackItem(Parameter, Map, Offset);

/// <summary>Hands out places in a packed buffer, each at a cache line, with a name.</summary>
internal sealed class Packing
{
    private readonly Dictionary<int, string> _names = [];

    public int Length { get; private set; }

    public List<PackItem> Items { get; } = [];

    /// <summary>The places that have names, in order.</summary>
    public IEnumerable<(string Name, int Offset)> Places => _names.Select(n => (n.Value, n.Key));

    /// <summary>The next floats.</summary>
    /// <param name="floats">How many.</param>
    /// <param name="name">The name of the constant that holds their place.</param>
    public int Take(int floats, string name)
    {
        var offset = Length;
        _names.Add(offset, name);
        return Take(floats);
    }

    /// <summary>The next floats, without a name.</summary>
    public int Take(int floats)
    {
        var offset = Length;
        Length += Machine.Padded(floats);
        return offset;
    }

    /// <summary>The constant that holds a place.</summary>
    public string NameOf(int offset) => _names[offset];
}
