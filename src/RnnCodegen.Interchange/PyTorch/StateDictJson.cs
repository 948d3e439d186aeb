using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace RnnCodegen.Interchange;

/// <summary>
/// A state dict as JSON: nested lists of numbers under PyTorch's names, by themselves or under a key beside what a training program says
/// of the model, as audio players read it (<c>model_data</c> and <c>state_dict</c>).
/// </summary>
internal sealed partial class StateDictJson
{
    private const string Data = "model_data";
    private const int MaxDepth = 16;

    private readonly string _file;
    private readonly List<SafeTensor> _tensors = [];
    private readonly Dictionary<string, string> _values = new(StringComparer.Ordinal);

    private StateDictJson(string file) => _file = file;

    /// <summary>The tensors in the order of the file, named by their keys with dots between them.</summary>
    public IReadOnlyList<SafeTensor> Tensors => _tensors;

    /// <summary>What else the file says, named alike.</summary>
    public IReadOnlyDictionary<string, string> Values => _values;

    /// <summary>Whether a JSON object's start looks like one.</summary>
    /// <param name="json">The start, without white space.</param>
    public static bool Matches(string json) => Start().IsMatch(json);

    /// <summary>Reads a file.</summary>
    /// <exception cref="InvalidDataException">It is not JSON, or has lists that are no arrays of numbers.</exception>
    public static StateDictJson Read(string path)
    {
        var file = new StateDictJson(path);
        file.Add("", JsonArrays.Parse(path, FileReader.ReadAll(path)), 0);
        return file;
    }

    /// <summary>Adds to a model what the file says beside the weights, and checks the model by it.</summary>
    /// <exception cref="InvalidDataException">The file says something else than its weights do.</exception>
    public void Complete(ModelDescription model)
    {
        Check("unit_type", model.Layers.Select(l => l.Options).OfType<RecurrentAttribute>().FirstOrDefault() switch
        {
            LstmAttribute => "LSTM",
            GruAttribute => "GRU",
            ElmanAttribute => "RNN",
            _ => null,
        });
        Check("input_size", model.Model.InputSize.ToString(CultureInfo.InvariantCulture));
        if (!_values.TryGetValue($"{Data}.skip", out var skip) || skip is "0" or "False")
        {
            return;
        }

        var (last, width) = (model.Layers[^1], LayerShapes.Of(model)[^1].Width);
        if (skip is not ("1" or "True") || width != 1)
        {
            throw new InvalidDataException(
                $"'{_file}': {Data}.skip is {skip} and the output has {width} features; only one feature is added, to an output of one.");
        }

        var source = RnnModelAttribute.Input;
        if (model.Model.InputSize > 1)
        {
            var column = new float[model.Model.InputSize];
            column[0] = 1;
            source = "SkipFeature";
            model.Add(source, new DenseAttribute(1) { Bias = false, From = RnnModelAttribute.Input });
            model.AddWeight($"{source}.weight", [1, column.Length], column);
        }

        model.Add("Skip", new AddAttribute(last.Name, source));
        model.Notes.Add($"{Data}.skip: the input{(model.Model.InputSize > 1 ? "'s first feature" : "")} is added to the network's output.");
    }

    private void Check(string key, string? found)
    {
        if (found is not null && _values.TryGetValue($"{Data}.{key}", out var said) && said != found)
        {
            throw new InvalidDataException($"'{_file}': {Data}.{key} is {said}, but the weights are those of {found}.");
        }
    }

    private void Add(string name, JsonElement value, int depth)
    {
        if (depth > MaxDepth)
        {
            throw new InvalidDataException($"'{_file}': its objects are nested more than {MaxDepth} deep.");
        }

        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                foreach (var item in value.EnumerateObject())
                {
                    Add(name.Length == 0 ? item.Name : $"{name}.{item.Name}", item.Value, depth + 1);
                }

                break;
            case JsonValueKind.Array when IsOfNumbers(value):
                var array = JsonArrays.Read(_file, name, value);
                _tensors.Add(new SafeTensor(name, array.Shape, array.Values));
                break;
            default:
                _values[name] = value.ValueKind == JsonValueKind.String ? value.GetString()! : value.GetRawText();
                break;
        }
    }

    private static bool IsOfNumbers(JsonElement list)
    {
        while (list.ValueKind == JsonValueKind.Array && list.GetArrayLength() > 0)
        {
            list = list[0];
        }

        return list.ValueKind == JsonValueKind.Number;
    }

    [GeneratedRegex("""^\{("model_data":\{|"state_dict":\{|"[^"]*(weight|bias)[^"]*":\[)""")]
    private static partial Regex Start();
}
