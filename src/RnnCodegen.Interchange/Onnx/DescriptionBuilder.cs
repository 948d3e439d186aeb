using RnnCodegen.Interchange.Onnx.Format;

namespace RnnCodegen.Interchange.Onnx;

/// <summary>
/// Makes the description of a model from a graph that was followed: which output, which layers it needs, and their names.
/// </summary>
internal sealed class DescriptionBuilder(GraphImport graph, OnnxImportOptions options)
{
    // Many times as many as any recurrent model has.
    private const int MostLayers = 10_000;

    private readonly PropertyNames _names = new();

    /// <exception cref="InvalidDataException">The output cannot be made by layers; the message names the node and why.</exception>
    public ModelDescription Build()
    {
        var output = new OutputChoice(graph, options).Choose();
        DraftLayer last;
        try
        {
            last = graph.Use(output.Rows.Source) as DraftLayer
                ?? throw graph.Error($"output '{output.Name}' is the input itself; there is no layer between them");
        }
        catch (RefusalException e)
        {
            throw graph.Error(e.Message);
        }

        var needed = Needed(last);
        if (needed.Count > MostLayers)
        {
            throw graph.Error($"it has {needed.Count} layers, more than the {MostLayers} that are read");
        }

        var notes = new List<string>();
        var layers = new LayerFusion(graph.IsOwn, notes).Fuse(needed);
        RowConvolutionMatch.Apply(layers);
        var transform = TakeTransform(layers);
        OrderTokens(layers);
        var tokens = layers[0].Options is EmbeddingAttribute;
        var names = Named(layers);
        var lengths = LengthsMap.Of(graph, layers, names);
        var states = new StateMap(graph, layers, names);
        var axes = InputAxes(tokens, lengths?.Input);
        var description = new ModelDescription
        {
            Model = new RnnModelAttribute { InputSize = tokens ? 0 : InputSize(), Output = transform },
            Signature = new ModelSignature
            {
                Input = graph.Input!,
                InputAxes = axes,
                Output = output.Name,
                OutputAxes = AxesOf(Whole(output)),
                Lengths = lengths?.Input,
                States = states.Inputs(),
            },
        };
        AddLayers(description, layers, names);
        AddNotes(description, output, states, lengths);
        description.Notes.AddRange(notes);
        return description;
    }

    /// <summary>The layers that the output needs, in order.</summary>
    private List<DraftLayer> Needed(DraftLayer last)
    {
        var needed = new HashSet<DraftLayer> { last };
        for (var k = graph.Layers.Count - 1; k >= 0; k--)
        {
            if (needed.Contains(graph.Layers[k]))
            {
                needed.UnionWith(graph.Layers[k].Sources.OfType<DraftLayer>());
            }
        }

        return [.. graph.Layers.Where(needed.Contains).OrderBy(l => l.Order)];
    }

    /// <summary>Takes what is done to the output off the layers.</summary>
    private OutputTransform TakeTransform(List<DraftLayer> layers)
    {
        var last = layers[^1];
        var isSigmoid = last.Options is ActivationAttribute { Activation: Activation.Sigmoid } && (!graph.IsOwn || last.Scope.Length == 0);
        var transform = isSigmoid ? OutputTransform.Sigmoid : last.Transform;
        if (transform != OutputTransform.None && layers.Count > 1)
        {
            layers.RemoveAt(layers.Count - 1);
        }

        return layers.Find(l => l.Transform != OutputTransform.None) is not { } inner
            ? layers[^1] == last ? OutputTransform.None : transform
            : throw graph.Error(
                $"{inner.Transform} '{inner.Scope}' of features is " +
                (inner == last ? "all there is; no layer is before it" : "not at the output, and no layer computes it inside a model"));
    }

    private void OrderTokens(List<DraftLayer> layers)
    {
        var tables = layers.FindAll(l => l.Options is EmbeddingAttribute);
        if (tables.Count > 1)
        {
            throw graph.Error($"it has {tables.Count} tables for '{graph.Input}'; a model has one embedding, its first layer");
        }

        if (tables.Count == 1)
        {
            layers.Remove(tables[0]);
            layers.Insert(0, tables[0]);
        }
    }

    private int InputSize() =>
        Array.Find(graph.AxesOfInput(graph.Input!), a => a.Role == AxisRole.Feature)?.Size is > 0 and <= int.MaxValue and { } size
            ? (int)size
            : throw graph.Error($"the features of its input '{graph.Input}' have no fixed size; export the model with one");

    private IReadOnlyList<RowAxis> InputAxes(bool tokens, string? lengths)
    {
        var axes = graph.AxesOfInput(graph.Input!);
        if (StateMap.InputsOf(graph).Contains(graph.Input!) || lengths == graph.Input)
        {
            throw graph.Error($"its input '{graph.Input}' is read as rows and as a state or as lengths");
        }

        // Where no layer looks along time, it makes no difference which axis it is: what the file calls it is all that there is to go by.
        foreach (var role in new[] { AxisRole.Batch, AxisRole.Time })
        {
            if (!Array.Exists(axes, a => a.Role == role))
            {
                var unknown = Array.FindAll(axes, a => a is { Role: AxisRole.Unknown, Parts.Length: 0 });
                (Array.Find(unknown, a => a.Symbol?.Contains(role.ToString(), StringComparison.OrdinalIgnoreCase) == true)
                    ?? unknown.FirstOrDefault())?.TryBe(role);
            }
        }

        return tokens || Array.Exists(axes, a => a.Role == AxisRole.Feature)
            ? AxesOf(axes)
            : throw graph.Error($"nothing says which axis of its input '{graph.Input}' has the features");
    }

    private static IReadOnlyList<RowAxis> AxesOf(IEnumerable<Axis> axes) =>
        [.. axes.SelectMany(a => a.Parts.Length > 0 ? a.Parts : [a]).Where(a => a.Role != AxisRole.Unknown).Select(a => a.Role switch
        {
            AxisRole.Time => RowAxis.Time,
            AxisRole.Batch => RowAxis.Batch,
            AxisRole.Direction => RowAxis.Direction,
            _ => RowAxis.Feature,
        })];

    /// <summary>The output's axes with the features as one, where the file lays them out as several.</summary>
    private IEnumerable<Axis> Whole(ChosenOutput output)
    {
        var (axes, next) = (output.Rows.Axes, 0);
        foreach (var axis in axes)
        {
            if (axis.Split is not { } split)
            {
                yield return axis;
                continue;
            }

            if (split.Index != next++)
            {
                throw graph.Error(
                    $"output '{output.Name}' has the features in another order than the layer that makes them; export the model without " +
                    "the transposition at its end");
            }

            if (next == split.Count)
            {
                yield return split.Whole;
                next = 0;
            }
        }
    }

    private Dictionary<RowSource, string> Named(List<DraftLayer> layers)
    {
        var names = new Dictionary<RowSource, string>();
        foreach (var layer in layers)
        {
            names[layer] = graph.IsOwn && _names.TryTake(layer.Scope)
                ? layer.Scope
                : _names.Add(NodeScope.PropertyName(layer.Scope) ?? Stem(layer), Stem(layer));
        }

        return names;
    }

    private static void AddLayers(ModelDescription description, List<DraftLayer> layers, Dictionary<RowSource, string> names)
    {
        for (var k = 0; k < layers.Count; k++)
        {
            var layer = layers[k];
            var name = names[layer];
            var sources = layer.Sources.Select(s => s is DraftLayer draft ? names[draft] : RnnModelAttribute.Input).ToArray();
            var options = layer.Join?.Invoke(sources) ?? layer.Options!;
            if (options is ChainedLayerAttribute chained)
            {
                chained.From = sources[0] == (k == 0 ? RnnModelAttribute.Input : names[layers[k - 1]]) ? null : sources[0];
            }

            description.Add(name, options);
            foreach (var (end, weights) in layer.Parameters)
            {
                description.AddWeight($"{name}.{end}", weights.Shape, weights.Values);
            }
        }
    }

    private static string Stem(DraftLayer layer)
    {
        var stem = layer.Kind.Length > 0 ? layer.Kind : layer.Options!.GetType().Name[..^nameof(Attribute).Length];
        return stem == "LayerNorm" ? "Norm" : stem;
    }

    private void AddNotes(ModelDescription description, ChosenOutput output, StateMap states, LengthsMap? lengths)
    {
        var signature = description.Signature!;
        description.Notes.Add(
            $"The file's input '{signature.Input}' is [{string.Join(", ", signature.InputAxes)}] and its output '{signature.Output}' is " +
            $"[{string.Join(", ", signature.OutputAxes)}]; here rows are [Time, Batch, Feature], with both directions' features " +
            "in one row.");
        foreach (var state in signature.States)
        {
            description.Notes.Add(
                $"The file's input '{state.Name}' is {state.Meaning}; here it is the state of a call or stream, zeros unless given.");
        }

        description.Notes.AddRange(lengths?.Notes ?? []);
        AddNotesOfInputs(description);
        if (Array.FindAll(output.Rows.Axes, a => a.Split is not null) is [{ Split: { } split }, ..] pieces)
        {
            description.Notes.Add(
                $"The file gives the {split.Whole.Size} features of an output row as [{string.Join(", ", pieces.Select(a => a.Size))}]; " +
                "here they are one row, in the same order.");
        }

        if (graph.RoundedTensors > 0)
        {
            description.Notes.Add($"{graph.RoundedTensors} of the file's tensors are Double; their values are rounded to float.");
        }

        if (graph.OtherReals.Count > 0)
        {
            description.Notes.Add(
                $"The file computes in {string.Join(" and ", graph.OtherReals)}; here everything is computed in float32, so that results " +
                $"differ by what {string.Join(" and ", graph.OtherReals.Select(Precision))} bits of a number round.");
        }

        foreach (var other in output.Others)
        {
            description.Notes.Add($"The file's output '{other}' is left out: {Describe(other, graph.ValueOf(other), states)}.");
        }
    }

    /// <summary>Says which inputs have a value in the file, which a caller of it could replace, and which nothing reads.</summary>
    private void AddNotesOfInputs(ModelDescription description)
    {
        var signature = description.Signature!;
        var initializers = graph.Proto.Initializers.Select(i => i.Name).ToHashSet(StringComparer.Ordinal);
        if (graph.Proto.Inputs.FindAll(i => initializers.Contains(i.Name)) is [var first, ..] fixedInputs)
        {
            description.Notes.Add(
                $"{fixedInputs.Count} of the file's inputs, such as '{first.Name}', have values in the file, which are taken " +
                "as constants.");
        }

        var read = signature.States.Select(s => s.Name).Append(signature.Input).Append(signature.Lengths).ToHashSet(StringComparer.Ordinal);
        foreach (var input in graph.Proto.Inputs.Where(
            i => !initializers.Contains(i.Name) && !read.Contains(i.Name) && !options.Constants.ContainsKey(i.Name)))
        {
            description.Notes.Add($"The file's input '{input.Name}' is left out: the output '{signature.Output}' does not depend on it.");
        }
    }

    private static int Precision(OnnxDataType type) => type switch
    {
        OnnxDataType.Double => 53,
        OnnxDataType.Float16 => 11,
        _ => 8,
    };

    private string Describe(string output, GraphValue value, StateMap states) => value switch
    {
        StatesValue final => states.Describe(output, final, mayBeInAnyOrder: options.Output is not null),
        RefusedValue { Origin: Origin.States } refused =>
            $"it is made of final states, which a call returns one by one, in a way that is not followed ({refused.Reason})",
        RowsValue { Source: InputRows input } => $"it is the input '{input.Name}'",
        RowsValue or RefusedValue or InputPartValue => "another one was asked for",
        _ => "it is no rows",
    };
}
