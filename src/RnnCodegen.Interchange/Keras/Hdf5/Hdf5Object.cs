namespace RnnCodegen.Interchange;

/// <summary>What a message of an object's header tells.</summary>
internal enum Hdf5MessageType
{
    Dataspace = 1,
    LinkInfo = 2,
    Datatype = 3,
    OldFillValue = 4,
    FillValue = 5,
    Link = 6,
    ExternalFiles = 7,
    Layout = 8,
    Filters = 11,
    Attribute = 12,
    Continuation = 16,
    SymbolTable = 17,
    AttributeInfo = 21,
}

/// <summary>A message of an object's header: its type, where its bytes are, and whether they only point to bytes elsewhere.</summary>
internal readonly record struct Hdf5Message(Hdf5MessageType Type, int Start, int Length, bool IsShared);

/// <summary>A group, dataset or type: the messages of its header.</summary>
internal sealed class Hdf5Object
{
    private const int MessageLimit = 1 << 16;

    private readonly Hdf5Source _source;

    private Hdf5Object(Hdf5Source source) => _source = source;

    public List<Hdf5Message> Messages { get; } = [];

    /// <summary>Reads an object's header.</summary>
    public static Hdf5Object Read(Hdf5Source source, long address)
    {
        var read = new Hdf5Object(source);
        var cursor = source.At(address, "an object's header");
        if (cursor.Left > 0 && cursor.Take(1)[0] == (byte)'O')
        {
            read.ReadNew(address);
        }
        else
        {
            read.ReadOld(address);
        }

        return read;
    }

    /// <summary>The first message of a type; null where there is none.</summary>
    public Hdf5Message? Find(Hdf5MessageType type) => Messages.Find(m => m.Type == type) is { Length: >= 0, Type: not 0 } message
        ? message
        : null;

    /// <summary>Starts to read a message; one that is shared is read at the object that has it.</summary>
    public Hdf5Cursor Open(Hdf5Message message, string what) => message.IsShared
        ? Shared(_source, message.Type, message.Start, message.Length, what)
        : _source.Slice(message.Start, message.Length, what);

    /// <summary>Starts to read a message of another object, which bytes here point to.</summary>
    public static Hdf5Cursor Shared(Hdf5Source source, Hdf5MessageType type, int start, int length, string what)
    {
        var pointer = source.Slice(start, length, what);
        var version = pointer.Version(1, 3);
        var kind = pointer.U8();
        if (version == 3 && kind == 1)
        {
            throw new InvalidDataException(
                $"{what} is kept in a table of shared messages, which is not read; rewrite the file with h5repack.");
        }

        pointer.Skip(version == 1 ? 6 : 0);
        var owner = Read(source, pointer.Address());
        return owner.Find(type) is { IsShared: false } message
            ? source.Slice(message.Start, message.Length, what)
            : throw new InvalidDataException($"{what} points to an object that has none.");
    }

    private void ReadOld(long address)
    {
        var cursor = _source.At(address, "an object's header");
        cursor.Version(1, 1);
        cursor.Skip(7);
        var size = cursor.U32();
        cursor.Skip(4);
        var blocks = new Queue<(long Start, long Length)>([(cursor.Place, size)]);
        while (blocks.TryDequeue(out var block))
        {
            var messages = _source.Slice(block.Start, block.Length, "a block of an object's header");
            while (messages.Left >= 8)
            {
                var (type, length, flags) = (messages.U16(), messages.U16(), messages.U8());
                messages.Skip(3);
                Add(type, length, flags, ref messages, blocks);
            }
        }
    }

    private void ReadNew(long address)
    {
        var cursor = _source.At(address, "an object's header");
        cursor.Mark("OHDR"u8);
        cursor.Version(2, 2);
        var header = cursor.U8();
        cursor.Skip(((header & 0x20) != 0 ? 16 : 0) + ((header & 0x10) != 0 ? 4 : 0));
        var size = cursor.Number(1 << (header & 3));
        var blocks = new Queue<(long Start, long Length)>();
        ReadMessages(_source.Slice(cursor.Place, size, "a block of an object's header"), header, blocks);
        while (blocks.TryDequeue(out var block))
        {
            var messages = _source.Slice(block.Start, block.Length, "a block of an object's header");
            messages.Mark("OCHK"u8);
            ReadMessages(_source.Slice(block.Start + 4, block.Length - 8, "a block of an object's header"), header, blocks);
        }
    }

    private void ReadMessages(Hdf5Cursor messages, int header, Queue<(long Start, long Length)> blocks)
    {
        var prefix = (header & 4) != 0 ? 6 : 4;
        while (messages.Left >= prefix)
        {
            var (type, length, flags) = (messages.U8(), messages.U16(), messages.U8());
            messages.Skip(prefix - 4);
            Add(type, length, flags, ref messages, blocks);
        }
    }

    private void Add(int type, int length, int flags, ref Hdf5Cursor messages, Queue<(long Start, long Length)> blocks)
    {
        var start = messages.Place;
        messages.Skip(length);
        if (Messages.Count == MessageLimit)
        {
            throw new InvalidDataException($"an object's header has more than {MessageLimit} messages.");
        }

        if ((Hdf5MessageType)type == Hdf5MessageType.Continuation)
        {
            var next = _source.Slice(start, length, "a continuation of an object's header");
            var address = next.Address();
            blocks.Enqueue((address < 0 ? -1 : _source.Base + address, next.Size()));
            _source.Claim(64);
        }

        _source.Claim(32);
        Messages.Add(new((Hdf5MessageType)type, start, length, (flags & 2) != 0));
    }
}
