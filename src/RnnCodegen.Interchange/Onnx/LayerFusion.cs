namespace RnnCodegen.Interchange.Onnx;

/// <summary>
/// Makes one layer of what a graph spells as several operators: a product, its bias and its activation; scales and shifts beside a linear
/// layer; the layers of a stack.
/// </summary>
/// <param name="isOwn">Whether this project wrote the file: then only nodes of one name are one layer.</param>
/// <param name="notes">Where to say what was folded.</param>
internal sealed class LayerFusion(bool isOwn, List<string> notes)
{
    // A longer chain of products stays several layers.
    private const int MostFactors = 64;

    private readonly Dictionary<DraftLayer, DraftLayer> _became = [];
    private readonly Dictionary<DraftLayer, int> _readers = [];
    private readonly HashSet<DraftLayer> _gone = [];

    /// <summary>The layers that are left, in order.</summary>
    /// <param name="layers">Layers, each after those that it reads; the last one is the output.</param>
    public List<DraftLayer> Fuse(IReadOnlyList<DraftLayer> layers)
    {
        foreach (var source in layers.SelectMany(l => l.Sources).OfType<DraftLayer>().Append(layers[^1]))
        {
            _readers[source] = _readers.GetValueOrDefault(source) + 1;
        }

        var result = new List<DraftLayer>();
        foreach (var layer in layers)
        {
            layer.Sources = [.. layer.Sources.Select(s => s is DraftLayer draft && _became.TryGetValue(draft, out var other) ? other : s)];
            if (layer.Sources is [DraftLayer source] && IsOneLayer(source, layer) && Append(source, layer))
            {
                _became[layer] = source;
                _readers[source] = _readers.GetValueOrDefault(layer);
                continue;
            }

            if (layer.Sources is [DraftLayer before] && IsOneLayer(before, layer) && Prepend(before, layer))
            {
                _gone.Add(before);
                layer.Sources = before.Sources;
            }

            if (layer.Kind == "Multiply" && layer.Sources[0] is DraftLayer { Kind: "Multiply", Sources.Length: < MostFactors } product
                && IsOneLayer(product, layer))
            {
                _gone.Add(product);
                layer.Sources = [.. product.Sources, .. layer.Sources.Skip(1)];
            }

            result.Add(layer);
        }

        result.RemoveAll(_gone.Contains);
        return result;
    }

    private bool IsOneLayer(DraftLayer source, DraftLayer layer) => _readers[source] == 1 && (!isOwn || source.Scope == layer.Scope);

    /// <summary>Takes a layer into the one that it reads.</summary>
    private bool Append(DraftLayer source, DraftLayer layer)
    {
        switch (source.Options, layer.Options)
        {
            case (DenseAttribute { Activation: Activation.Linear } dense, ActivationAttribute function):
                (dense.Activation, dense.Alpha) = (function.Activation, function.Alpha);
                return true;
            case (Conv1dAttribute { Activation: Activation.Linear } convolution, ActivationAttribute function):
                (convolution.Activation, convolution.Alpha) = (function.Activation, function.Alpha);
                return true;
            case (DenseAttribute { Activation: Activation.Linear } dense, AffineAttribute):
                dense.Bias = ScaleOutputs(source, layer, dense.Bias);
                return true;
            case (Conv1dAttribute { Activation: Activation.Linear } convolution, AffineAttribute):
                convolution.Bias = ScaleOutputs(source, layer, convolution.Bias);
                return true;
            case (AffineAttribute, AffineAttribute):
                var (scale, shift) = Affine(layer);
                var (first, offset) = Affine(source);
                source.Parameters["weight"] = WeightValues.Vector([.. first.Zip(scale, (a, b) => a * b)]);
                source.Parameters["bias"] = WeightValues.Vector([.. offset.Select((b, k) => (b * scale[k]) + shift[k])]);
                return true;
            case (RecurrentAttribute stack, RecurrentAttribute next):
                return Stack(source, stack, layer, next);
            default:
                return false;
        }
    }

    /// <summary>
    /// Takes a scale and shift into the linear layer that reads them; not where the layer also reads zeros that they do not reach.
    /// </summary>
    private bool Prepend(DraftLayer source, DraftLayer layer)
    {
        var isLinear = layer.Options is DenseAttribute or Conv1dAttribute { Padding: TimePadding.Valid, PadLeft: 0, PadRight: 0 };
        if (source.Options is not AffineAttribute || !isLinear)
        {
            return false;
        }

        var (scale, shift) = Affine(source);
        var weight = layer.Parameters["weight"];
        var (outputs, kernel) = (weight.Shape[0], weight.Shape.Length == 3 ? weight.Shape[2] : 1);
        var values = new float[weight.Values.Length];
        var sums = new double[outputs];
        for (var k = 0; k < values.Length; k++)
        {
            var input = k / kernel % scale.Length;
            values[k] = weight.Values[k] * scale[input];
            sums[k / (values.Length / outputs)] += weight.Values[k] * (double)shift[input];
        }

        var old = layer.Parameters.TryGetValue("bias", out var bias) ? bias.Values : new float[outputs];
        layer.Parameters["weight"] = weight with { Values = values };
        layer.Parameters["bias"] = WeightValues.Vector([.. old.Zip(sums, (b, s) => (float)(b + s))]);
        layer.Options = layer.Options switch
        {
            DenseAttribute dense => new DenseAttribute(dense.Units) { Activation = dense.Activation, Alpha = dense.Alpha },
            Conv1dAttribute c => new Conv1dAttribute(c.Filters,
                c.Kernel) { Stride = c.Stride, Dilation = c.Dilation, Activation = c.Activation, Alpha = c.Alpha },
            var other => other,
        };
        Note(source, layer);
        return true;
    }

    private bool ScaleOutputs(DraftLayer source, DraftLayer layer, bool hasBias)
    {
        var (scale, shift) = Affine(layer);
        var isShift = Array.TrueForAll(scale, s => s == 1);
        if (!isShift)
        {
            var weight = source.Parameters["weight"];
            var row = weight.Values.Length / scale.Length;
            source.Parameters["weight"] = weight with { Values = [.. weight.Values.Select((w, k) => w * scale[k / row])] };
            Note(layer, source);
        }

        var isBiased = hasBias || isShift || Array.Exists(shift, b => b != 0);
        if (isBiased)
        {
            var old = hasBias ? source.Parameters["bias"].Values : new float[scale.Length];
            source.Parameters["bias"] = WeightValues.Vector([.. old.Select((b, k) => (b * scale[k]) + shift[k])]);
        }

        return isBiased;
    }

    /// <summary>
    /// Adds a recurrent layer to the stack below it, where the file's names say that both are of one module and all options are the same.
    /// </summary>
    private static bool Stack(DraftLayer source, RecurrentAttribute stack, DraftLayer layer, RecurrentAttribute next)
    {
        if (source.Scope.Length == 0 || (source.Scope, source.Lengths) != (layer.Scope, layer.Lengths) || !stack.ReturnSequences
            || !IsAlike(stack, next))
        {
            return false;
        }

        foreach (var (name, weights) in layer.Parameters)
        {
            source.Parameters.Add(name.Replace("_l0", $"_l{stack.Layers}", StringComparison.Ordinal), weights);
        }

        source.Levels.AddRange(layer.Levels);
        source.LastStepBy = layer.LastStepBy;
        (stack.Layers, stack.ReturnSequences) = (stack.Layers + 1, next.ReturnSequences);
        return true;
    }

    private static bool IsAlike(RecurrentAttribute a, RecurrentAttribute b) =>
        a.GetType() == b.GetType()
        && (a.Units, a.Bidirectional, a.Reverse, a.Bias, a.Clip, a.LearnedInitialState) == (b.Units, b.Bidirectional, b.Reverse, b.Bias,
            b.Clip, b.LearnedInitialState)
        && a.Alpha.Equals(b.Alpha)
        && (a, b) switch
        {
            (LstmAttribute x, LstmAttribute y) => x.GateAlpha.Equals(y.GateAlpha)
                && (x.Peepholes, x.CoupledInputForget, x.GateActivation, x.Activation, x.CellActivation)
                    == (y.Peepholes, y.CoupledInputForget, y.GateActivation, y.Activation, y.CellActivation),
            (GruAttribute x, GruAttribute y) => x.GateAlpha.Equals(y.GateAlpha)
                && (x.ResetAfter, x.GateActivation, x.Activation) == (y.ResetAfter, y.GateActivation, y.Activation),
            (ElmanAttribute x, ElmanAttribute y) => x.Activation == y.Activation,
            _ => false,
        };

    private static (float[] Scale, float[] Shift) Affine(DraftLayer layer) =>
        (layer.Parameters["weight"].Values, layer.Parameters["bias"].Values);

    private void Note(DraftLayer affine, DraftLayer layer)
    {
        if (!isOwn)
        {
            notes.Add($"The scale and shift of '{affine.Scope}' are folded into the weights of '{layer.Scope}'.");
        }
    }
}
