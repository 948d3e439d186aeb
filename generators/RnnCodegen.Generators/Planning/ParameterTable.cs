using RnnCodegen.Generators.Specs;

namespace RnnCodegen.Generators.Planning;

/// <summary>One tensor of the flat parameter buffer; Role is a member of the runtime's <c>ParameterRole</c>.</summary>
internal sealed record Parameter(
    string Name, string Role, int Offset, int Rows, int Columns, int FanIn, int ForgetOffset, int ForgetLength)
{
    /// <summary>Steps of a convolution's kernel, the last of three dimensions; 0 of a matrix or vector.</summary>
    public int Kernel { get; init; }

    public int Length => Columns == 0 ? Rows : Rows * Columns;
}

/// <summary>Names, shapes and offsets of all parameters, in PyTorch's names and order.</summary>
internal sealed class ParameterTable
{
    private readonly List<Parameter> _items = [];
    private readonly Dictionary<string, Parameter> _byName = [];

    public ParameterTable(ModelSpec model)
    {
        var shapes = ModelShapes.Of(model);
        foreach (var layer in model.Layers)
        {
            var source = layer.Sources.Count > 0 ? layer.Sources[0] : ModelSpec.Input;
            AddLayer(layer, source == ModelSpec.Input ? model.InputSize : shapes[source].Width);
        }
    }

    public IReadOnlyList<Parameter> Items => _items;

    public int Count => _items.Sum(p => p.Length);

    public Parameter this[string name] => _byName[name];

    private void AddLayer(LayerSpec layer, int inputWidth)
    {
        switch (layer)
        {
            case RecurrentSpec r:
                AddStack(r, inputWidth);
                break;
            case DenseSpec d:
                Add($"{d.Name}.weight", "DenseWeight", d.Units, inputWidth, inputWidth);
                if (d.Bias)
                {
                    Add($"{d.Name}.bias", "DenseBias", d.Units, 0, inputWidth);
                }

                break;
            case Conv1dSpec c:
                var terms = inputWidth * c.Window.Size;
                Add($"{c.Name}.weight", "DenseWeight", c.Filters, terms, terms, kernel: c.Window.Size);
                if (c.Bias)
                {
                    Add($"{c.Name}.bias", "DenseBias", c.Filters, 0, terms);
                }

                break;
            case SequencePoolSpec { Pooling: SequencePoolingKind.Attention } p:
                Add($"{p.Name}.weight", "AttentionWeight", inputWidth, 0, inputWidth);
                break;
            case AttentionSpec { Score: AttentionScoreKind.General } a:
                Add($"{a.Name}.weight", "DenseWeight", inputWidth, a.Memory, a.Memory);
                break;
            case AttentionSpec { Score: AttentionScoreKind.Additive } a:
                Add($"{a.Name}.query_weight", "DenseWeight", a.Units, inputWidth, inputWidth);
                Add($"{a.Name}.memory_weight", "DenseWeight", a.Units, a.Memory, a.Memory);
                Add($"{a.Name}.score_weight", "AttentionWeight", a.Units, 0, a.Units);
                break;
            case EmbeddingSpec e:
                Add($"{e.Name}.weight", "EmbeddingTable", e.Vocabulary, e.Size, e.Size);
                break;
            case LayerNormSpec n:
                Add($"{n.Name}.weight", "NormScale", inputWidth, 0, inputWidth);
                Add($"{n.Name}.bias", "NormShift", inputWidth, 0, inputWidth);
                break;
            case AffineSpec a:
                Add($"{a.Name}.weight", "AffineScale", inputWidth, 0, inputWidth);
                Add($"{a.Name}.bias", "AffineShift", inputWidth, 0, inputWidth);
                break;
            case PReluSpec p:
                Add($"{p.Name}.weight", "PReluSlope", inputWidth, 0, inputWidth);
                break;
        }
    }

    private void AddStack(RecurrentSpec r, int inputWidth)
    {
        var lstm = r as LstmSpec;
        var gates = r switch { LstmSpec l => l.CoupledInputForget ? 3 : 4, GruSpec => 3, _ => 1 };
        var (forgetOffset, forgetLength) = lstm is { CoupledInputForget: false } ? (r.Units, r.Units) : (-1, 0);
        for (var layer = 0; layer < r.Layers; layer++)
        {
            var width = layer == 0 ? inputWidth : r.HiddenSize * r.Directions;
            foreach (var end in new[] { $"l{layer}", $"l{layer}_reverse" }.Take(r.Directions))
            {
                Add($"{r.Name}.weight_ih_{end}", "InputWeight", gates * r.Units, width, r.Units);
                Add($"{r.Name}.weight_hh_{end}", "HiddenWeight", gates * r.Units, r.HiddenSize, r.Units);
                if (r.Bias)
                {
                    Add($"{r.Name}.bias_ih_{end}", "InputBias", gates * r.Units, 0, r.Units, forgetOffset, forgetLength);
                    Add($"{r.Name}.bias_hh_{end}", "HiddenBias", gates * r.Units, 0, r.Units);
                }

                if (lstm is { Projection: > 0 })
                {
                    Add($"{r.Name}.weight_hr_{end}", "ProjectionWeight", lstm.Projection, r.Units, r.Units);
                }

                if (lstm is { Peepholes: true })
                {
                    foreach (var gate in lstm.CoupledInputForget ? ["i", "o"] : new[] { "i", "f", "o" })
                    {
                        Add($"{r.Name}.weight_c{gate}_{end}", "Peephole", r.Units, 0, r.Units);
                    }
                }

                if (r.LearnedInitialState)
                {
                    Add($"{r.Name}.h0_{end}", "InitialState", r.HiddenSize, 0, r.Units);
                    if (lstm is not null)
                    {
                        Add($"{r.Name}.c0_{end}", "InitialState", r.Units, 0, r.Units);
                    }
                }
            }
        }
    }

    private void Add(string name, string role, int rows, int columns, int fanIn, int forgetOffset = -1, int forgetLength = 0, int kernel = 0)
    {
        var parameter = new Parameter(name, role, Count, rows, columns, fanIn, forgetOffset, forgetLength) { Kernel = kernel };
        _items.Add(parameter);
        _byName.Add(name, parameter);
    }
}
