namespace RnnCodegen.Interchange;

/// <summary>A layer that gets its weights by a recipe: the tensors that it takes, and what is made of them.</summary>
internal sealed class RecipeLayer
{
    private const float RnnoiseScale = 256;

    private readonly string _file;
    private readonly LayerDescription _layer;
    private readonly int _inputs;
    private readonly WeightLayout _layout;
    private readonly float _forgetBias;
    private readonly Dictionary<string, int[]> _shapes = new(StringComparer.Ordinal);

    private RecipeLayer(string file, LayerDescription layer, int inputs, WeightLayout layout, float forgetBias) =>
        (_file, _layer, _inputs, _layout, _forgetBias) = (file, layer, inputs, layout, forgetBias);

    /// <summary>The layer's name.</summary>
    public string Name => _layer.Name;

    /// <summary>The layer with its tensors; null where it has none.</summary>
    /// <exception cref="InvalidDataException">The layout does not know its weights.</exception>
    public static RecipeLayer? Of(string file, LayerDescription layer, int inputs, WeightLayout layout, float forgetBias)
    {
        var recipe = new RecipeLayer(file, layer, inputs, layout, forgetBias);
        switch (layer.Options)
        {
            case RecurrentAttribute { Layers: > 1 } or RecurrentAttribute { Bidirectional: true }:
                throw recipe.Unknown("stacks or two directions: write each as a layer of its own, a direction with Reverse and Concat");
            case RecurrentAttribute { LearnedInitialState: true } or LstmAttribute { Projection: > 0 } or LstmAttribute { Peepholes: true }:
                throw recipe.Unknown("peepholes, projections or learned states");
            case GruAttribute { ResetAfter: true } when layout != WeightLayout.Keras:
                throw recipe.Unknown("ResetAfter: its GRU resets before the product, ResetAfter = false");
            case LstmAttribute or ElmanAttribute when layout == WeightLayout.Rnnoise:
                throw recipe.Unknown($"[{AttributeText.Name(layer.Options)}]; its layers are Dense and Gru");
            case RecurrentAttribute { Bias: false } when layout != WeightLayout.Keras:
                throw recipe.Unknown("recurrent layers without a bias: leave Bias = false out");
            case LstmAttribute or GruAttribute or ElmanAttribute:
                recipe.AddRecurrent((RecurrentAttribute)layer.Options);
                return recipe;
            case DenseAttribute dense:
                recipe._shapes["kernel"] = [inputs, dense.Units];
                recipe.AddBias(dense.Bias, dense.Units);
                return recipe;
            case EmbeddingAttribute table:
                recipe._shapes["kernel"] = [table.Vocabulary, table.Size];
                return recipe;
            case Conv1dAttribute convolution when layout == WeightLayout.Keras:
                recipe._shapes["kernel"] = [convolution.Kernel, inputs, convolution.Filters];
                recipe.AddBias(convolution.Bias, convolution.Filters);
                return recipe;
            case LayerNormAttribute when layout == WeightLayout.Keras:
                recipe._shapes["scale"] = [inputs];
                recipe._shapes["bias"] = [inputs];
                return recipe;
            case ActivationAttribute or DropoutAttribute or ConcatAttribute or AddAttribute or MultiplyAttribute or ReverseTimeAttribute
                or Pool1dAttribute or GlobalPoolAttribute:
                return null;
            default:
                throw recipe.Unknown($"the weights of [{AttributeText.Name(layer.Options)}]");
        }
    }

    /// <summary>Whether tensors are those that the layer takes.</summary>
    public bool Fits(RecipeTensors group) => group.Roles.Count == _shapes.Count
        && _shapes.All(s => group.Roles.TryGetValue(s.Key, out var tensor) && Has(tensor, s.Value));

    /// <summary>The tensors that the layer takes, in words.</summary>
    public override string ToString() => string.Join(", ", _shapes.Select(s => $"{s.Key} [{string.Join(", ", s.Value)}]"));

    /// <summary>Adds the layer's weights to a model.</summary>
    public void Fill(ModelDescription model, RecipeTensors group)
    {
        if (!Fits(group))
        {
            throw new InvalidDataException($"'{_file}': {Name} takes {this}, but the tensors of its name are {group}.");
        }

        switch (_layer.Options)
        {
            case RecurrentAttribute recurrent:
                FillRecurrent(model, group, recurrent);
                break;
            case EmbeddingAttribute:
                Add(model, "weight", _shapes["kernel"], Values(group, "kernel"));
                break;
            case DenseAttribute dense:
                Add(model, "weight", [dense.Units, _inputs], GateBlocks.Transpose(Values(group, "kernel"), _inputs, dense.Units));
                FillBias(model, group, dense.Bias);
                break;
            case Conv1dAttribute convolution:
                // Taps, inputs, filters to filters, inputs, taps.
                var turned = GateBlocks.Transpose(Values(group, "kernel"), convolution.Kernel * _inputs, convolution.Filters);
                Add(model, "weight", [convolution.Filters, _inputs, convolution.Kernel],
                    [.. turned.Chunk(convolution.Kernel * _inputs).SelectMany(f => GateBlocks.Transpose(f, convolution.Kernel, _inputs))]);
                FillBias(model, group, convolution.Bias);
                break;
            default:
                Add(model, "weight", [_inputs], Values(group, "scale"));
                FillBias(model, group, true);
                break;
        }
    }

    private static bool Has(FileTensor tensor, int[] shape) => tensor.Values is not null
        && (tensor.Shape.SequenceEqual(shape) || (shape is [2, var gates] && tensor.Shape is [var flat] && flat == 2 * gates));

    private void AddRecurrent(RecurrentAttribute options)
    {
        var (units, gates) = (options.Units, GatesOf(options));
        if (_layout == WeightLayout.TensorFlow)
        {
            var isGru = options is GruAttribute;
            foreach (var (part, count) in isGru ? new[] { ("gates.", 2), ("candidate.", 1) } : [("", gates)])
            {
                _shapes[part + "kernel"] = [_inputs + units, count * units];
                _shapes[part + "bias"] = [count * units];
            }

            return;
        }

        _shapes["kernel"] = [_inputs, gates * units];
        _shapes["recurrent"] = [units, gates * units];
        if (options.Bias)
        {
            _shapes["bias"] = HasTwoBiases(options) ? [2, gates * units] : [gates * units];
        }
    }

    private void FillRecurrent(ModelDescription model, RecipeTensors group, RecurrentAttribute options)
    {
        var (units, gates) = (options.Units, GatesOf(options));
        var columns = gates * units;
        var (order, zeros) = (OrderOf(options), new float[columns]);
        float[] kernel, recurrent;
        var (bias, second) = (zeros, zeros);
        if (_layout == WeightLayout.TensorFlow)
        {
            var stacked = Joined(group, "kernel", units, _inputs + units);
            (kernel, recurrent) = (stacked[..(_inputs * columns)], stacked[(_inputs * columns)..]);
            bias = Joined(group, "bias", units, 1);
        }
        else
        {
            (kernel, recurrent) = (Values(group, "kernel"), Values(group, "recurrent"));
            if (options.Bias)
            {
                var both = Values(group, "bias");
                (bias, second) = HasTwoBiases(options) ? (both[..columns], both[columns..]) : (both, zeros);
            }
        }

        bias = GateBlocks.Reorder(bias, order);
        if (_layout == WeightLayout.TensorFlow && options is LstmAttribute)
        {
            for (var unit = units; unit < 2 * units; unit++)
            {
                bias[unit] += _forgetBias;
            }
        }

        Add(model, "weight_ih_l0", [columns, _inputs], GateBlocks.Reorder(GateBlocks.Transpose(kernel, _inputs, columns), order));
        Add(model, "weight_hh_l0", [columns, units], GateBlocks.Reorder(GateBlocks.Transpose(recurrent, units, columns), order));
        if (options.Bias)
        {
            Add(model, "bias_ih_l0", [columns], bias);
            Add(model, "bias_hh_l0", [columns], GateBlocks.Reorder(second, order));
        }
    }

    /// <summary>A GRU's gates and candidate next to each other, row by row; one tensor for others.</summary>
    private float[] Joined(RecipeTensors group, string role, int units, int rows) => group.Roles.ContainsKey(role)
        ? Values(group, role)
        : [.. Values(group, "gates." + role).Chunk(2 * units).Zip(Values(group, "candidate." + role).Chunk(units)).Take(rows)
            .SelectMany(pair => pair.First.Concat(pair.Second))];

    private int[] OrderOf(RecurrentAttribute options) => (options, _layout) switch
    {
        (LstmAttribute, WeightLayout.TensorFlow) => [.. GateBlocks.LstmFromTensorFlow],
        (LstmAttribute, _) => [.. GateBlocks.LstmFromKeras],
        (GruAttribute, WeightLayout.TensorFlow) => [0, 1, 2],
        (GruAttribute, _) => [.. GateBlocks.GruFromUpdateFirst],
        _ => [0],
    };

    private static int GatesOf(RecurrentAttribute options) => options switch { LstmAttribute => 4, GruAttribute => 3, _ => 1 };

    private bool HasTwoBiases(RecurrentAttribute options) => _layout == WeightLayout.Keras && options is GruAttribute { ResetAfter: true };

    private void AddBias(bool has, int count)
    {
        if (has)
        {
            _shapes["bias"] = [count];
        }
    }

    private void FillBias(ModelDescription model, RecipeTensors group, bool has)
    {
        if (has)
        {
            Add(model, "bias", _shapes["bias"], Values(group, "bias"));
        }
    }

    private void Add(ModelDescription model, string end, IReadOnlyList<int> shape, float[] values) =>
        model.AddWeight($"{Name}.{end}", shape, values);

    private float[] Values(RecipeTensors group, string role) => _layout == WeightLayout.Rnnoise
        ? Array.ConvertAll(group.Roles[role].Values!, v => v / RnnoiseScale)
        : [.. group.Roles[role].Values!];

    private InvalidDataException Unknown(string what) => new(
        $"'{_file}': {Name}: the layout {_layout} has no {what}.");
}
