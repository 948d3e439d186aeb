using Google.FlatBuffers;

namespace RnnCodegen.Interchange.TensorFlow.Lite;

/// <summary>A table of a FlatBuffer, whose fields are named by their numbers in the format's schema; each may be left out.</summary>
internal readonly struct LiteTable
{
    private readonly Table _table;

    private LiteTable(Table table) => _table = table;

    /// <summary>The outermost table.</summary>
    public static LiteTable Root(byte[] bytes)
    {
        var buffer = new ByteBuffer(bytes);
        return new LiteTable(new Table(buffer.GetInt(0), buffer));
    }

    public bool Has(int field) => Offset(field) != 0;

    public int Int(int field, int otherwise = 0) => Offset(field) is not 0 and var at ? _table.bb.GetInt(_table.bb_pos + at) : otherwise;

    public float Float(int field, float otherwise = 0) =>
        Offset(field) is not 0 and var at ? _table.bb.GetFloat(_table.bb_pos + at) : otherwise;

    public int Byte(int field, int otherwise = 0) => Offset(field) is not 0 and var at ? _table.bb.Get(_table.bb_pos + at) : otherwise;

    public bool Flag(int field) => Byte(field) != 0;

    public string Text(int field) => Offset(field) is not 0 and var at ? _table.__string(_table.bb_pos + at) : "";

    public LiteTable? Table(int field) =>
        Offset(field) is not 0 and var at ? new LiteTable(new Table(_table.__indirect(_table.bb_pos + at), _table.bb)) : null;

    public LiteTable[] Tables(int field)
    {
        var (start, length) = List(field, sizeof(int));
        var result = new LiteTable[length];
        for (var k = 0; k < length; k++)
        {
            result[k] = new LiteTable(new Table(_table.__indirect(start + (k * sizeof(int))), _table.bb));
        }

        return result;
    }

    public int[] Ints(int field)
    {
        var (start, length) = List(field, sizeof(int));
        var buffer = _table.bb;
        return [.. Enumerable.Range(0, length).Select(k => buffer.GetInt(start + (k * sizeof(int))))];
    }

    public float[] Floats(int field)
    {
        var (start, length) = List(field, sizeof(float));
        var buffer = _table.bb;
        return [.. Enumerable.Range(0, length).Select(k => buffer.GetFloat(start + (k * sizeof(float))))];
    }

    public long[] Longs(int field)
    {
        var (start, length) = List(field, sizeof(long));
        var buffer = _table.bb;
        return [.. Enumerable.Range(0, length).Select(k => buffer.GetLong(start + (k * sizeof(long))))];
    }

    public byte[] Bytes(int field)
    {
        var (start, length) = List(field, 1);
        return length == 0 ? [] : _table.bb.ToArray<byte>(start, length);
    }

    private int Offset(int field) => _table.__offset(4 + (2 * field));

    /// <summary>Where a list's items start, and how many there are, all of them inside the file.</summary>
    private (int Start, int Length) List(int field, int size)
    {
        if (Offset(field) is not (not 0 and var at))
        {
            return (0, 0);
        }

        var (start, length) = (_table.__vector(at), _table.__vector_len(at));
        return length >= 0 && start >= 0 && length <= (_table.bb.Length - start) / size
            ? (start, length)
            : throw new ArgumentOutOfRangeException(nameof(field), $"a list of {length} items does not end within the file");
    }
}
