using RnnCodegen.Interchange;
using RnnCodegen.Tool.Commands;

namespace RnnCodegen.Tool.Golden;

/// <summary>
/// The tensors of a golden file for one model, in this project's names and shapes: input F32 [T, B, I] or tokens I32 [T, B], output,
/// lengths and states. Files of others may lack sizes of 1 and have the sample before the step.
/// </summary>
internal sealed class GoldenData
{
    private const string Input = "input";
    private const string Tokens = "tokens";
    private const string Output = "output";
    private const string Lengths = "lengths";
    private const string Memory = "memory";

    private readonly string _path;
    private readonly SafeTensorsFile _file;
    private readonly GoldenOptions _options;
    private readonly ModelDefinition _model;
    private readonly List<SafeTensor> _tensors = [];

    private GoldenData(string path, GoldenOptions options, ModelDefinition model) =>
        (_path, _file, _options, _model) = (path, ReadFile(path), options, model);

    /// <summary>Time steps T.</summary>
    public int Steps { get; private set; }

    /// <summary>Samples B.</summary>
    public int Batch { get; private set; }

    /// <summary>The tensors.</summary>
    public SafeTensorsFile File => SafeTensorsFile.Of(_tensors, _file.Metadata);

    /// <summary>Reads a golden file.</summary>
    /// <param name="path">The file: safetensors, or NumPy's npz, whatever it is called.</param>
    /// <param name="options">Its names and order.</param>
    /// <param name="model">The model that it is for.</param>
    /// <exception cref="CommandException">A tensor is missing or does not fit the model; the message says what the model needs.</exception>
    public static GoldenData Read(string path, GoldenOptions options, ModelDefinition model)
    {
        var data = new GoldenData(path, options, model);
        data.ReadInput();
        data.ReadOutput();
        data._tensors.AddRange(data._file.Tensors.Where(t =>
            t.Name is Lengths or Memory or "memory_lengths" || t.Name.StartsWith("initial.", StringComparison.Ordinal) ||
            t.Name.StartsWith("final.", StringComparison.Ordinal)).Select(data.Other));
        return data;
    }

    /// <summary>A tensor beside input and output: lengths of any type, a memory [S, B, M] or, with the sample first, [B, S, M].</summary>
    private SafeTensor Other(SafeTensor tensor)
    {
        if (tensor.Name.EndsWith(Lengths, StringComparison.Ordinal))
        {
            return SafeTensor.Of<int>(tensor.Name, [.. tensor.Shape], Integers(tensor, "lengths"));
        }

        if (tensor.Name != Memory || !_options.BatchFirst || tensor.Shape.Count != 3)
        {
            return tensor;
        }

        var (steps, width) = (tensor.Shape[1], tensor.Shape[2]);
        return tensor.Shape[0] == Batch
            ? new SafeTensor(Memory, [steps, Batch, width], Swapped(tensor.ToFloats(), true, steps, width))
            : throw Unfit(tensor, $"a memory of {Batch} samples, [{Batch}, S, {_model.MemorySize}]");
    }

    private static SafeTensorsFile ReadFile(string path)
    {
        RegularFile.Require(path);
        return FileHead.Read(path).Entries.Count > 0
            ? SafeTensorsFile.Of(NpzFile.Read(path), new Dictionary<string, string>())
            : SafeTensorsFile.Read(path);
    }

    private void ReadInput()
    {
        var width = _model.TakesTokens ? 1 : _model.InputSize;
        var tensor = Find(_options.InputName ?? (_model.TakesTokens ? Tokens : Input));
        var sizes = tensor.Shape.ToList();
        if (!_model.TakesTokens && sizes.Count > 0 && sizes[^1] == width)
        {
            sizes.RemoveAt(sizes.Count - 1);
        }
        else if (width != 1)
        {
            throw Unfit(tensor, $"rows of {width}, [{(_options.BatchFirst ? "B, T" : "T, B")}, {width}] or [T, {width}]");
        }

        (Steps, Batch) = sizes switch
        {
            [] => (1, 1),
            [var t] => (t, 1),
            [var t, var b] => _options.BatchFirst ? (b, t) : (t, b),
            _ => throw Unfit(tensor, _model.TakesTokens ? "token ids [T, B]" : $"rows [T, B, {width}]"),
        };
        var swap = _options.BatchFirst && sizes.Count == 2;
        _tensors.Add(_model.TakesTokens
            ? SafeTensor.Of<int>(Tokens, [Steps, Batch], Swapped(Integers(tensor, "token ids"), swap, Steps, 1))
            : new SafeTensor(Input, [Steps, Batch, width], Swapped(tensor.ToFloats(), swap, Steps, width)));
    }

    private void ReadOutput()
    {
        var tensor = Find(_options.OutputName ?? Output);
        var steps = _model.OutputIsSequence ? _model.OutputSteps(Steps) : 1;
        var isSwapped = _options.BatchFirst && _model.OutputIsSequence;
        int[] shape = _model.OutputIsSequence ? [steps, Batch, _model.OutputSize] : [Batch, _model.OutputSize];
        int[] expected = isSwapped ? [Batch, steps, _model.OutputSize] : shape;
        if (!tensor.Shape.Where(n => n != 1).SequenceEqual(expected.Where(n => n != 1)))
        {
            throw Unfit(tensor, $"[{string.Join(", ", expected)}] for this input");
        }

        _tensors.Add(new SafeTensor(Output, shape, Swapped(tensor.ToFloats(), isSwapped, steps, _model.OutputSize)));
    }

    private SafeTensor Find(string name) => _file.TryGet(name, out var tensor)
        ? tensor
        : throw new CommandException(
            ExitCode.Unusable,
            $"'{_path}': there is no tensor '{name}'; it has {string.Join(", ", _file.Tensors.Select(t => t.Name))}. Say --input-name " +
            "and --output-name.");

    /// <summary>[B, T, width] as [T, B, width].</summary>
    private T[] Swapped<T>(T[] values, bool swap, int steps, int width)
    {
        if (!swap)
        {
            return values;
        }

        var result = new T[values.Length];
        for (var sample = 0; sample < Batch; sample++)
        {
            for (var step = 0; step < steps; step++)
            {
                values.AsSpan(((sample * steps) + step) * width, width).CopyTo(result.AsSpan(((step * Batch) + sample) * width));
            }
        }

        return result;
    }

    private int[] Integers(SafeTensor tensor, string what) => tensor.DataType switch
    {
        "I64" => Array.ConvertAll(tensor.Values<long>().ToArray(),
            v => v is >= 0 and <= int.MaxValue ? (int)v : throw Unfit(tensor, $"{what} of at most 31 bits")),
        "U64" => Array.ConvertAll(tensor.Values<ulong>().ToArray(),
            v => v <= int.MaxValue ? (int)v : throw Unfit(tensor, $"{what} of at most 31 bits")),
        "U32" => Array.ConvertAll(tensor.Values<uint>().ToArray(),
            v => v <= int.MaxValue ? (int)v : throw Unfit(tensor, $"{what} of at most 31 bits")),
        "I32" => tensor.Values<int>().ToArray(),
        "I16" => Array.ConvertAll(tensor.Values<short>().ToArray(), v => (int)v),
        "U16" => Array.ConvertAll(tensor.Values<ushort>().ToArray(), v => (int)v),
        "I8" => Array.ConvertAll(tensor.Values<sbyte>().ToArray(), v => (int)v),
        "U8" => Array.ConvertAll(tensor.Values<byte>().ToArray(), v => (int)v),
        _ => throw Unfit(tensor, $"{what} of a type of whole numbers"),
    };

    private CommandException Unfit(SafeTensor tensor, string needed) => new(
        ExitCode.Unusable,
        $"'{_path}': tensor '{tensor.Name}' is {tensor.DataType} [{string.Join(", ", tensor.Shape)}], but {_model.Name} needs {needed}.");
}
