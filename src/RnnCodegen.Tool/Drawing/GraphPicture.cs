using RnnCodegen.Interchange;

namespace RnnCodegen.Tool.Drawing;

/// <summary>
/// A model's layers from top to bottom as SVG, as <see cref="Inspection.GraphDrawing"/> draws them in characters: what a layer reads of the
/// one above it comes down the middle, what it reads of an earlier one on a rail at the right.
/// </summary>
internal sealed class GraphPicture
{
    private const double Left = 24;
    private const double BoxHeight = 42;
    private const double Step = 66;
    private const double RailGap = 16;
    private const double CharacterWidth = 7.2;

    private readonly ModelDescription _model;
    private readonly IReadOnlyList<IReadOnlyList<string>> _sources;
    private readonly SvgPage _page;
    private readonly double _boxWidth;

    private GraphPicture(ModelDescription model, string title)
    {
        (_model, _sources, _page) = (model, LayerSources.Of(model), new SvgPage($"The layers of {title}"));
        var shapes = LayerShapes.Of(model);
        var lines = model.Layers.Select((layer, i) => (layer.Name, Kind: $"{AttributeText.Plain(layer.Options)}  {shapes[i]}")).ToList();
        _boxWidth = Math.Clamp(28 + (CharacterWidth * lines.Max(l => Math.Max(l.Name.Length, l.Kind.Length))), 180, 900);
        for (var i = 0; i < lines.Count; i++)
        {
            _page.Rectangle(Left, Top(i), _boxWidth, BoxHeight, "box", 6);
            _page.Text(Left + 14, Top(i) + 17, lines[i].Name, "strong");
            _page.Text(Left + 14, Top(i) + 34, Shorten(lines[i].Kind), "faint");
        }
    }

    private double Middle => Left + (_boxWidth / 2);

    /// <summary>The picture as SVG.</summary>
    public static string Draw(ModelDescription model, string title)
    {
        var picture = new GraphPicture(model, title);
        var input = model.Layers[0].Options is EmbeddingAttribute { Column: < 0 } ? "tokens [T, B]"
            : $"input [T, B, {model.Model.InputSize}]";
        picture._page.Text(picture.Middle, 24, input, "strong", "middle");
        var last = model.Layers.Count;
        picture._page.Arrow((picture.Middle, Top(last - 1) + BoxHeight), (picture.Middle, Top(last) - 2));
        picture._page.Text(picture.Middle, Top(last) + 14,
            model.Model.Output == OutputTransform.None ? "output" : $"output, {model.Model.Output} in Run and Step", "strong", "middle");
        var rails = picture.DrawReads();
        var width = Left + picture._boxWidth + (RailGap * (rails + 1)) + Left;
        return picture._page.Text(Math.Max(width, picture.Middle + 170), Top(last) + 34);
    }

    private static double Top(int layer) => 54 + (layer * Step);

    /// <summary>The place that a name is read from: that of the input is above the first layer.</summary>
    private int PlaceOf(string name) =>
        name == RnnModelAttribute.Input ? -1 : _model.Layers.ToList().FindIndex(layer => layer.Name == name);

    /// <summary>Draws what each layer reads; returns how many rails there are.</summary>
    private int DrawReads()
    {
        var right = Left + _boxWidth;
        var free = new List<int>();
        for (var i = 0; i < _model.Layers.Count; i++)
        {
            if (_sources[i].Any(name => PlaceOf(name) == i - 1))
            {
                _page.Arrow((Middle, i == 0 ? 30 : Top(i - 1) + BoxHeight), (Middle, Top(i)));
            }
        }

        for (var source = -1; source < _model.Layers.Count; source++)
        {
            int[] readers = [.. Enumerable.Range(source + 1, _model.Layers.Count - source - 1).Skip(1)
                .Where(i => _sources[i].Any(name => PlaceOf(name) == source))];
            if (readers.Length == 0)
            {
                continue;
            }

            // A rail is free again below the last that reads of it.
            var rail = free.FindIndex(end => end <= source);
            if (rail < 0)
            {
                rail = free.Count;
                free.Add(0);
            }

            free[rail] = readers[^1];
            var x = right + (RailGap * (rail + 1));
            var y = source < 0 ? 42 : Top(source) + 30;
            var start = source < 0 ? Middle : right;
            foreach (var reader in readers)
            {
                _page.Arrow((start, y), (x, y), (x, Top(reader) + 14), (right, Top(reader) + 14));
            }
        }

        return free.Count;
    }

    private string Shorten(string text)
    {
        var most = (int)((_boxWidth - 28) / CharacterWidth);
        return text.Length <= most ? text : text[..(most - 3)] + "...";
    }
}
