using RnnCodegen.Interchange;

namespace RnnCodegen.Tool.Inspection;

/// <summary>
/// Draws a model's layers from top to bottom, a box a layer. What a layer reads of the box above it comes down the middle; what it reads of
/// an earlier one comes on a rail at the right, which starts at that layer's box and ends at its last reader.
/// </summary>
internal sealed class GraphDrawing
{
    /// <summary>Characters of a line that no box or rail goes beyond.</summary>
    public const int Width = 100;

    // The column of the arrows in the middle, and of the first rail after the boxes.
    private const int Middle = 6;
    private const int RailWidth = 3;
    private const int LongestLabel = 76;

    private readonly ModelDescription _model;
    private readonly IReadOnlyList<IReadOnlyList<string>> _sources;
    private readonly IReadOnlyList<string> _labels;
    private readonly int _inner;
    private readonly List<string> _lines = [];

    // The layer whose rows each rail carries; null where it is free.
    private readonly List<string?> _rails = [];

    private GraphDrawing(ModelDescription model)
    {
        (_model, _sources) = (model, LayerSources.Of(model));
        var shapes = LayerShapes.Of(model);
        var kinds = model.Layers.Select(l => AttributeText.Short(l.Options)).ToList();
        var (nameWidth, kindWidth) = (model.Layers.Max(l => l.Name.Length), kinds.Max(k => k.Length));
        _labels = [.. model.Layers.Select(
            (l, i) => Shorten($"{l.Name.PadRight(nameWidth)}  {kinds[i].PadRight(kindWidth)}  {shapes[i]}{Reads(i)}"))];
        _inner = _labels.Max(l => l.Length) + 2;
    }

    /// <summary>The drawing's lines.</summary>
    public static IReadOnlyList<string> Draw(ModelDescription model)
    {
        var drawing = new GraphDrawing(model);
        drawing.Draw();
        return drawing._lines;
    }

    /// <summary>The names of what a layer reads where they are not just the layer before it.</summary>
    private string Reads(int layer) => _sources[layer] is [var only] && only == Before(layer)
        ? ""
        : $"  of {string.Join(", ", _sources[layer].Select(s => s == RnnModelAttribute.Input ? "input" : s))}";

    private static string Shorten(string label) => label.Length <= LongestLabel ? label : label[..(LongestLabel - 3)] + "...";

    private string Before(int layer) => layer == 0 ? RnnModelAttribute.Input : _model.Layers[layer - 1].Name;

    private int RailColumn(int rail) => _inner + 5 + (rail * RailWidth);

    private int MostRails => Math.Max(0, (Width - _inner - 5) / RailWidth);

    private void Draw()
    {
        var input = _model.Layers[0].Options is EmbeddingAttribute { Column: < 0 } ? "tokens [T, B]"
            : $"input [T, B, {_model.Model.InputSize}]";
        Line(new string(' ', 2) + input);
        StartRail(RnnModelAttribute.Input, -1);
        for (var i = 0; i < _model.Layers.Count; i++)
        {
            DrawBox(i, isRead: DrawReads(i));
            StartRail(_model.Layers[i].Name, i);
        }

        Line(new string(' ', Middle) + "│");
        Line(new string(' ', 2)
            + (_model.Model.Output == OutputTransform.None ? "output" : $"output, {_model.Model.Output} in Run and Step"));
    }

    /// <summary>The lines above a box: the arrow from the box before it, and those from rails. Says whether there was any.</summary>
    private bool DrawReads(int layer)
    {
        var readsBefore = _sources[layer].Contains(Before(layer));
        var rails = Enumerable.Range(0, _rails.Count)
            .Where(r => _rails[r] is { } name && name != Before(layer) && _sources[layer].Contains(name)).ToList();
        Line(new string(' ', Middle) + (readsBefore ? "│" : " "));
        foreach (var rail in rails)
        {
            var line = Canvas(readsBefore ? '├' : '┌');
            for (var c = Middle + 1; c < RailColumn(rail); c++)
            {
                line[c] = line[c] == '│' ? '┼' : '─';
            }

            line[Middle + 1] = '◄';
            line[RailColumn(rail)] = LastReader(_rails[rail]!) == layer ? '┘' : '┤';
            if (LastReader(_rails[rail]!) == layer)
            {
                _rails[rail] = null;
            }

            Add(line);
            readsBefore = true;
        }

        return readsBefore;
    }

    private void DrawBox(int layer, bool isRead)
    {
        var edge = new string('─', _inner);
        Line($"  ┌{edge[..(Middle - 3)]}{(isRead ? '▼' : '─')}{edge[(Middle - 2)..]}┐");
        Line($"  │ {_labels[layer].PadRight(_inner - 1)}│");
        var isReadNext = layer + 1 == _model.Layers.Count || _sources[layer + 1].Contains(_model.Layers[layer].Name);
        Line(
            $"  └{edge[..(Middle - 3)]}{(isReadNext || LastReader(_model.Layers[layer].Name) > layer ? '┬' : '─')}{edge[(Middle - 2)..]}┘");
    }

    /// <summary>Branches off a rail where a layer after the next one reads the rows.</summary>
    private void StartRail(string name, int layer)
    {
        if (LastReader(name) <= layer + 1)
        {
            return;
        }

        var rail = _rails.IndexOf(null);
        if (rail < 0)
        {
            if (_rails.Count == MostRails)
            {
                return;
            }

            rail = _rails.Count;
            _rails.Add(null);
        }

        var next = layer + 1 < _model.Layers.Count && _sources[layer + 1].Contains(name);
        var line = Canvas(next ? '├' : '└');
        for (var c = Middle + 1; c < RailColumn(rail); c++)
        {
            line[c] = line[c] == '│' ? '┼' : '─';
        }

        line[RailColumn(rail)] = '┐';
        _rails[rail] = name;
        Add(line);
    }

    private int LastReader(string name)
    {
        for (var i = _sources.Count - 1; i >= 0; i--)
        {
            if (_sources[i].Contains(name))
            {
                return i;
            }
        }

        return -1;
    }

    /// <summary>A line with a character in the middle and the rails that are in use.</summary>
    private char[] Canvas(char middle)
    {
        var line = new char[RailColumn(_rails.Count) + 1];
        Array.Fill(line, ' ');
        line[Middle] = middle;
        for (var rail = 0; rail < _rails.Count; rail++)
        {
            line[RailColumn(rail)] = _rails[rail] is null ? ' ' : '│';
        }

        return line;
    }

    private void Line(string text)
    {
        var line = Canvas(' ');
        text.AsSpan()[..Math.Min(text.Length, line.Length)].CopyTo(line);
        Add(text.Length > line.Length ? text.ToCharArray() : line);
    }

    private void Add(char[] line) => _lines.Add(new string(line).TrimEnd());
}
