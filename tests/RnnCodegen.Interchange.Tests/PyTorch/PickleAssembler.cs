using System.Buffers.Binary;
using System.Text;

namespace RnnCodegen.Interchange.Tests.PyTorch;

/// <summary>Writes pickles instruction by instruction, with the numbers of Python's pickletools and not of the code under test.</summary>
internal sealed class PickleAssembler
{
    private readonly MemoryStream _bytes = new();

    /// <summary>A pickle that starts as protocol 2 does.</summary>
    public static PickleAssembler Start => new PickleAssembler().Raw(0x80, 2);

    public PickleAssembler Mark => Raw('(');

    public PickleAssembler Tuple => Raw('t');

    public PickleAssembler EmptyDict => Raw('}');

    public PickleAssembler EmptyList => Raw(']');

    public PickleAssembler SetItems => Raw('u');

    public PickleAssembler Reduce => Raw('R');

    public PickleAssembler OrderedDict => Global("collections", "OrderedDict").Raw(')', 'R');

    public byte[] Stop => Raw('.')._bytes.ToArray();

    public PickleAssembler Raw(params int[] bytes)
    {
        foreach (var value in bytes)
        {
            _bytes.WriteByte((byte)value);
        }

        return this;
    }

    public PickleAssembler Global(string module, string name)
    {
        _bytes.Write(Encoding.UTF8.GetBytes($"c{module}\n{name}\n"));
        return this;
    }

    public PickleAssembler Text(string text)
    {
        var utf8 = Encoding.UTF8.GetBytes(text);
        _bytes.Write([(byte)'X', .. BitConverter.GetBytes(utf8.Length), .. utf8]);
        return this;
    }

    /// <summary>A whole number in its shortest form, as Python writes it.</summary>
    public PickleAssembler Integer(long value)
    {
        switch (value)
        {
            case >= 0 and < 256:
                return Raw('K', (int)value);
            case >= 0 and < 65536:
                return Raw('M', (int)(value & 255), (int)(value >> 8));
            case >= int.MinValue and <= int.MaxValue:
                _bytes.Write([(byte)'J', .. BitConverter.GetBytes((int)value)]);
                return this;
            default:
                _bytes.Write([0x8A, 8, .. BitConverter.GetBytes(value)]);
                return this;
        }
    }

    public PickleAssembler Double(double value)
    {
        var bytes = new byte[8];
        BinaryPrimitives.WriteDoubleBigEndian(bytes, value);
        _bytes.Write([(byte)'G', .. bytes]);
        return this;
    }

    public PickleAssembler Integers(params long[] values)
    {
        Raw('(');
        foreach (var value in values)
        {
            Integer(value);
        }

        return Raw('t');
    }

    public PickleAssembler Storage(string type, string key, long count) =>
        Mark.Text("storage").Global("torch", type).Text(key).Text("cpu").Integer(count).Tuple.Raw('Q');

    /// <summary>torch._utils._rebuild_tensor_v2(storage, offset, shape, strides, False, OrderedDict()).</summary>
    public PickleAssembler Tensor(string type, string key, long count, long offset, long[] shape, long[] strides) =>
        Global("torch._utils", "_rebuild_tensor_v2").Mark.Storage(type, key, count).Integer(offset).Integers(shape).Integers(strides)
            .Raw(0x89).OrderedDict.Tuple.Reduce;
}
