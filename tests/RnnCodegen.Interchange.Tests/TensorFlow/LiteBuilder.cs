using System.Runtime.InteropServices;
using Google.FlatBuffers;

namespace RnnCodegen.Interchange.Tests.TensorFlow;

/// <summary>Writes TensorFlow Lite files by the numbers of the published schema, and not with the code under test.</summary>
internal sealed class LiteBuilder
{
    public const byte Float32 = 0;
    public const byte Int32 = 2;
    public const byte Int8 = 9;

    private readonly FlatBufferBuilder _builder = new(1024);
    private readonly List<(string Name, int[] Shape, byte Type, byte[] Data, float Scale)> _tensors = [];
    private readonly List<(int Code, int[] Inputs, int[] Outputs, (int Field, object Value)[] Options)> _operators = [];

    /// <summary>Adds a value that is computed.</summary>
    public int Value(string name, byte type, params int[] shape)
    {
        _tensors.Add((name, shape, type, [], 0));
        return _tensors.Count - 1;
    }

    public int Floats(int[] shape, params float[] values) => Constant(shape, Float32, MemoryMarshal.AsBytes<float>(values).ToArray());

    public int Ints(params int[] values) => Constant([values.Length], Int32, MemoryMarshal.AsBytes<int>(values).ToArray());

    public int Bytes(int[] shape, float scale, params sbyte[] values) =>
        Constant(shape, Int8, MemoryMarshal.AsBytes<sbyte>(values).ToArray(), scale);

    /// <summary>Adds an operator; its options are fields of a table: an int is a byte of it, a long four.</summary>
    public void Operator(int code, int[] inputs, int output, params (int Field, object Value)[] options) =>
        _operators.Add((code, inputs, [output], options));

    /// <summary>The file.</summary>
    public byte[] Build(int[] inputs, int[] outputs)
    {
        var codes = _operators.Select(o => o.Code).Distinct().ToList();
        var codeTable = Tables(codes.Select(code => Table(t =>
        {
            t.AddByte(0, (byte)Math.Min(code, 127), 0);
            t.AddInt(3, code, 0);
        }, 4)));
        var buffers = new List<int> { Table(_ => { }, 1) };
        var tensors = new List<int>();
        foreach (var tensor in _tensors)
        {
            var buffer = 0;
            if (tensor.Data.Length > 0)
            {
                var data = List(tensor.Data.Length, 1, k => _builder.AddByte(tensor.Data[k]));
                buffer = buffers.Count;
                buffers.Add(Table(t => t.AddOffset(0, data, 0), 1));
            }

            var (name, shape) = (_builder.CreateString(tensor.Name).Value, Numbers(tensor.Shape));
            var quantization = 0;
            if (tensor.Scale > 0)
            {
                var scale = List(1, 4, _ => _builder.AddFloat(tensor.Scale));
                quantization = Table(t => t.AddOffset(2, scale, 0), 7);
            }

            tensors.Add(Table(t =>
            {
                t.AddOffset(0, shape, 0);
                t.AddByte(1, tensor.Type, 0);
                t.AddInt(2, buffer, 0);
                t.AddOffset(3, name, 0);
                t.AddOffset(4, quantization, 0);
            }, 9));
        }

        var operators = _operators.ConvertAll(o =>
        {
            var (read, made) = (Numbers(o.Inputs), Numbers(o.Outputs));
            var options = Table(t =>
            {
                foreach (var (field, value) in o.Options)
                {
                    Add(t, field, value);
                }
            }, 8);
            return Table(t =>
            {
                t.AddInt(0, codes.IndexOf(o.Code), -1);
                t.AddOffset(1, read, 0);
                t.AddOffset(2, made, 0);
                t.AddOffset(4, options, 0);
            }, 9);
        });
        var (tensorList, inputList, outputList, operatorList) =
            (Tables(tensors), Numbers(inputs), Numbers(outputs), Tables(operators));
        var graph = Table(t =>
        {
            t.AddOffset(0, tensorList, 0);
            t.AddOffset(1, inputList, 0);
            t.AddOffset(2, outputList, 0);
            t.AddOffset(3, operatorList, 0);
        }, 5);
        var (graphs, bufferList) = (Tables([graph]), Tables(buffers));
        var model = Table(t =>
        {
            t.AddInt(0, 3, 0);
            t.AddOffset(1, codeTable, 0);
            t.AddOffset(2, graphs, 0);
            t.AddOffset(4, bufferList, 0);
        }, 8);
        _builder.Finish(model, "TFL3");
        return _builder.SizedByteArray();
    }

    private static void Add(FlatBufferBuilder table, int field, object value)
    {
        switch (value)
        {
            case float number:
                table.AddFloat(field, number, float.NaN);
                break;
            case bool flag:
                table.AddBool(field, flag, !flag);
                break;
            case long number:
                table.AddInt(field, (int)number, -1);
                break;
            default:
                table.AddByte(field, (byte)(int)value, 255);
                break;
        }
    }

    private int Constant(int[] shape, byte type, byte[] data, float scale = 0)
    {
        _tensors.Add(($"constant{_tensors.Count}", shape, type, data, scale));
        return _tensors.Count - 1;
    }

    private int Table(Action<FlatBufferBuilder> fill, int fields)
    {
        _builder.StartTable(fields);
        fill(_builder);
        return _builder.EndTable();
    }

    private int Numbers(int[] values) => List(values.Length, 4, k => _builder.AddInt(values[k]));

    private int Tables(IEnumerable<int> offsets)
    {
        var all = offsets.ToArray();
        return List(all.Length, 4, k => _builder.AddOffset(all[k]));
    }

    /// <summary>A list, which is written from its end.</summary>
    private int List(int count, int size, Action<int> add)
    {
        _builder.StartVector(size, count, size);
        for (var k = count - 1; k >= 0; k--)
        {
            add(k);
        }

        return _builder.EndVector().Value;
    }
}
