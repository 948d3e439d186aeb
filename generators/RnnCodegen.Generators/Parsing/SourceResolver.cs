using RnnCodegen.Generators.Diagnostics;
using RnnCodegen.Generators.Layers;
using RnnCodegen.Generators.Specs;

namespace RnnCodegen.Generators.Parsing;

/// <summary>
/// Turns the names of sources into indexes and checks that what is read fits. A layer that is wrong has no shape, so that its readers are
/// not blamed.
/// </summary>
internal sealed class SourceResolver(
    string model, int inputSize, int memorySize, IReadOnlyList<LayerDraft> drafts, DiagnosticBag diagnostics)
{
    private readonly LayerSpec?[] _layers = new LayerSpec?[drafts.Count];
    private readonly ValueShape?[] _shapes = new ValueShape?[drafts.Count];
    private readonly long[] _parameters = new long[drafts.Count];
    private readonly bool[] _isRead = new bool[drafts.Count];

    // Embeddings of columns, which come first.
    private readonly int _columns = drafts.TakeWhile(d => d.ReadsColumn).Count();

    /// <summary>Trained values of each layer, as far as known.</summary>
    public IReadOnlyList<long> Parameters => _parameters;

    /// <summary>The output's shape; null where something on the way to it is wrong.</summary>
    public ValueShape? Output => _shapes.Length == 0 ? null : _shapes[_shapes.Length - 1];

    /// <summary>The layers with their sources; null for those that are wrong.</summary>
    public IReadOnlyList<LayerSpec?> Resolve()
    {
        var before = diagnostics.Errors;
        for (var i = 0; i < drafts.Count; i++)
        {
            ResolveLayer(i);
        }

        for (var i = 0; i < drafts.Count - 1; i++)
        {
            if (!_isRead[i] && diagnostics.Errors == before)
            {
                diagnostics.Report(LayerRules.Unread, drafts[i].Place, drafts[i].Name);
            }
        }

        return _layers;
    }

    private void ResolveLayer(int index)
    {
        var draft = drafts[index];
        var places = new List<LocationInfo>();
        if (Sources(index, places) is not { } sources)
        {
            return;
        }

        var shapes = new List<ValueShape>();
        foreach (var source in sources)
        {
            if (source != ModelSpec.Input)
            {
                _isRead[source] = true;
            }

            if (source == ModelSpec.Input)
            {
                shapes.Add(new ValueShape(inputSize, TimeAxis.Input));
            }
            else if (_shapes[source] is { } shape)
            {
                shapes.Add(shape);
            }
        }

        if (draft.Spec is null || shapes.Count < sources.Count || !Fits(draft, sources, shapes, places))
        {
            return;
        }

        var layer = (draft.Spec with { Sources = sources.ToEquatableArray() }).In(memorySize)
            .After(sources[0] == ModelSpec.Input ? null : _layers[sources[0]]);
        _layers[index] = layer;
        _shapes[index] = layer.OutputOf(shapes);
        _parameters[index] = layer.ParameterCount(shapes[0].Width);
    }

    /// <summary>The layers a layer reads; null where one cannot be read.</summary>
    private List<int>? Sources(int index, List<LocationInfo> places)
    {
        var draft = drafts[index];
        if (draft.Kind.Reads == SourceRule.Named)
        {
            return JoinedSources(index, places);
        }

        if (draft.Kind.Reads == SourceRule.Tokens)
        {
            if (index == 0 || (draft.ReadsColumn && index < _columns))
            {
                return [index == 0 ? ModelSpec.Input : index - 1];
            }

            ReportEmbedding(draft);
            return null;
        }

        var from = draft.Attribute.NameOf("From");
        places.Add(draft.Attribute.At("From"));
        if (from is null)
        {
            return [index - 1];
        }

        return Find(index, from, places[0]) is { } source ? [source] : null;
    }

    /// <summary>Says why an embedding cannot stand where it does.</summary>
    private void ReportEmbedding(LayerDraft draft)
    {
        if (!draft.ReadsColumn && _columns == 0)
        {
            diagnostics.Report(LayerRules.EmbeddingNotFirst, draft.Attribute.Name, draft.Name, drafts[0].Name);
            return;
        }

        var cure = !draft.ReadsColumn ? $"give '{draft.Name}' a Column too, as '{drafts[0].Name}' reads a column of rows of features"
            : drafts[0].ReadsTokens ? $"give '{drafts[0].Name}' a Column too, without which the model's input is token ids"
            : $"move '{draft.Name}' before '{drafts[_columns].Name}'";
        diagnostics.Report(LayerRules.ColumnNotFirst, draft.Attribute.Name, draft.Name, cure);
    }

    private List<int>? JoinedSources(int index, List<LocationInfo> places)
    {
        var draft = drafts[index];
        var names = draft.Attribute.Names();
        if (names.Count < 2 && !draft.Attribute.IsMalformed)
        {
            diagnostics.Report(LayerRules.TooFewSources, draft.Attribute.Name, draft.Kind.Name, draft.Name,
                AttributeReader.Text(names.Count));
            return null;
        }

        var found = new List<int>();
        foreach (var (name, place) in names)
        {
            places.Add(place);
            if (Find(index, name, place) is { } source)
            {
                found.Add(source);
            }
        }

        return found.Count == names.Count && found.Count > 0 ? found : null;
    }

    private int? Find(int index, string? name, LocationInfo place)
    {
        var takesTokens = drafts[0].ReadsTokens;
        if (name == ModelSpec.InputName)
        {
            if (!takesTokens)
            {
                return ModelSpec.Input;
            }

            diagnostics.Report(LayerRules.InputOfTokens, place, drafts[index].Name, drafts[0].Name);
            return null;
        }

        var found = drafts.ToList().FindIndex(d => d.Name == name);
        if (found >= 0 && found < index)
        {
            return found;
        }

        var reader = drafts[index].Name;
        var earlier = string.Join(", ", drafts.Take(index).Select(d => d.Name));
        var cure = index == 0
            ? "the first layer reads the model's input, " +
                $"so {(drafts[0].Kind.Reads == SourceRule.Named ? "name RnnModelAttribute.Input" : "remove the name")}"
            : $"name one of the layers before '{reader}': {earlier}{(takesTokens ? "" : ", or RnnModelAttribute.Input")}";
        if (found < 0)
        {
            diagnostics.Report(LayerRules.UnknownSource, place, model, name ?? "null", reader, cure);
        }
        else
        {
            var other = drafts[found].Name;
            var (fault, cures) = found == index
                ? ("is the layer itself", cure)
                : ($"comes after it and would close a circle if it read '{reader}'", $"move '{other}' before '{reader}', or {cure}");
            diagnostics.Report(LayerRules.LaterSource, place, reader, other, fault, cures);
        }

        return null;
    }

    private bool Fits(LayerDraft draft, List<int> sources, List<ValueShape> shapes, List<LocationInfo> places)
    {
        var before = diagnostics.Errors;
        var layer = draft.Spec!;
        if (layer.NeedsSequence && !shapes[0].IsSequence)
        {
            var cure = layer is RecurrentSpec ? $"replace '{draft.Name}' by a [Dense] layer" : $"remove '{draft.Name}'";
            diagnostics.Report(LayerRules.NoSequenceToRead, places[0], draft.Name, NameOf(sources[0]), cure);
        }

        if (draft.ReadsColumn)
        {
            CheckColumn(draft, ((EmbeddingSpec)layer).Column);
        }
        else if (sources.FindIndex(s => s < _columns - 1) is >= 0 and var raw)
        {
            diagnostics.Report(
                LayerRules.IdsAsNumbers, places[raw], draft.Name, NameOf(sources[raw]), drafts[sources[raw] + 1].Name,
                drafts[_columns - 1].Name);
        }

        for (var i = 1; i < sources.Count; i++)
        {
            var (first, other) = (shapes[0], shapes[i]);
            if (first.IsSequence != other.IsSequence)
            {
                diagnostics.Report(
                    LayerRules.StepsMixed, places[i], draft.Name, NameOf(sources[0]), Rows(first), NameOf(sources[i]), Rows(other));
            }
            else if (first.IsSequence && !first.Axis!.Equals(other.Axis!))
            {
                diagnostics.Report(LayerRules.RatesDiffer, places[i], draft.Name, NameOf(sources[0]), NameOf(sources[i]));
            }
        }

        layer.Check(new SourceCheck(model, draft, memorySize, shapes, [.. sources.Select(NameOf)], places, diagnostics));
        return diagnostics.Errors == before;
    }

    private void CheckColumn(LayerDraft draft, int column)
    {
        var place = draft.Attribute.At("Column");
        if (inputSize > 0 && column >= inputSize)
        {
            diagnostics.Report(LayerRules.Size, place, "Column", draft.Name, AttributeReader.Text(column), "0",
                AttributeReader.Text(inputSize - 1));
        }

        if (drafts.TakeWhile(d => d != draft).FirstOrDefault(d => d.Spec is EmbeddingSpec e && e.Column == column) is { } other)
        {
            diagnostics.Report(LayerRules.ColumnTwice, place, draft.Name, AttributeReader.Text(column), other.Name);
        }
    }

    private string NameOf(int source) => source == ModelSpec.Input ? ModelSpec.InputName : drafts[source].Name;

    private static string Rows(ValueShape shape) => shape.IsSequence ? "one row per step" : "one row per sequence";
}
