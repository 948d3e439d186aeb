using System.Text;

namespace RnnCodegen.Interchange;

/// <summary>
/// A state dict as TorchSharp's <c>module.save</c> writes it: how many tensors there are, and of each its name, type, sizes and values, one
/// behind the other. Numbers are written in groups of 7 bits.
/// </summary>
internal sealed class TorchSharpFile
{
    private const int MaxTensors = 1 << 16;
    private const int MaxName = 512;
    private const int MaxRank = 8;

    /// <summary>The types by their numbers in PyTorch; those without a name here are not read.</summary>
    private static readonly (string? DataType, int Size)[] s_types =
    [
        ("U8", 1), ("I8", 1), ("I16", 2), ("I32", 4), ("I64", 8), ("F16", 2), ("F32", 4), ("F64", 8), (null, 0), (null, 0), (null, 0),
        ("BOOL", 1), (null, 0), (null, 0), (null, 0), ("BF16", 2),
    ];

    private readonly string _file;
    private readonly byte[] _bytes;
    private int _position;

    private TorchSharpFile(string file, byte[] bytes) => (_file, _bytes) = (file, bytes);

    /// <summary>Whether a file's start is that of one: a number of tensors, and the name of the first.</summary>
    public static bool Matches(FileHead head) => head.Extension == ".dat" && head.Bytes is [> 0 and < 0x80, > 0 and < 0x80, ..]
        && head.Bytes.Length > 2 + head.Bytes[1]
        && head.Bytes.AsSpan(2, head.Bytes[1]).IndexOfAnyExceptInRange((byte)' ', (byte)'~') < 0;

    /// <summary>The tensors in the order of the file, which is that of the modules.</summary>
    /// <exception cref="InvalidDataException">It is not such a file, is damaged, or has a type that is not read.</exception>
    public static IReadOnlyList<SafeTensor> Read(string path) => Read(path, FileReader.ReadAll(path));

    /// <summary>The tensors of a file in memory.</summary>
    public static IReadOnlyList<SafeTensor> Read(string file, byte[] bytes) => new TorchSharpFile(file, bytes).Read();

    private List<SafeTensor> Read()
    {
        var count = Number(MaxTensors, "tensors");
        var tensors = new List<SafeTensor>();
        for (var k = 0L; k < count; k++)
        {
            tensors.Add(Tensor());
        }

        return _position == _bytes.Length
            ? tensors
            : throw Bad($"{_bytes.Length - _position} bytes are left behind its {count} tensors");
    }

    private SafeTensor Tensor()
    {
        var name = Encoding.UTF8.GetString(Take(Number(MaxName, "letters of a name")));
        var type = Number(long.MaxValue, "types");
        if (type >= s_types.Length || s_types[type] is not ({ } dataType, var size))
        {
            throw Bad($"the type {type} of '{name}' is not read");
        }

        var shape = new int[Number(MaxRank, "axes")];
        var length = (long)size;
        for (var axis = 0; axis < shape.Length; axis++)
        {
            shape[axis] = (int)Number(int.MaxValue, "items of an axis");
            length = Math.Min(length * shape[axis], int.MaxValue);
        }

        return SafeTensor.OfBytes(name, dataType, shape, Take(length).ToArray());
    }

    private long Number(long most, string what)
    {
        var value = 0L;
        for (var shift = 0; shift < 63; shift += 7)
        {
            var next = Take(1)[0];
            value |= (long)(next & 0x7F) << shift;
            if (next < 0x80)
            {
                return value <= most ? value : throw Bad($"it claims {value} {what}; at most {most} are read");
            }
        }

        throw Bad("a number is longer than 63 bits");
    }

    private ReadOnlySpan<byte> Take(long count)
    {
        if (count > _bytes.Length - _position)
        {
            throw Bad("it is truncated");
        }

        _position += (int)count;
        return _bytes.AsSpan(_position - (int)count, (int)count);
    }

    private InvalidDataException Bad(string what) => new(
        $"'{_file}': it is no state dict of TorchSharp's module.save, or damaged: {what} (at its byte {_position}).");
}
