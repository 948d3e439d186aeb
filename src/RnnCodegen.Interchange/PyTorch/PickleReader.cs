using System.Buffers.Binary;

namespace RnnCodegen.Interchange;

/// <summary>
/// Reads pickles of protocol 2 as data: dictionaries, lists (<see cref="List{T}"/>), tuples (arrays), texts, whole numbers (long), doubles,
/// booleans, null, and what <see cref="IPickleObjects"/> makes. Executes nothing: objects of other classes become
/// <see cref="PickleForeign"/>, and instructions that state dicts do not need are refused. Iterative; time and memory are in proportion to
/// the pickle.
/// </summary>
internal sealed class PickleReader(string file, byte[] pickle, IPickleObjects objects)
{
    private const int Version = 2;
    private const int MaxShown = 100;

    private static readonly object MarkObject = new();
    private readonly List<object?> _stack = [];
    private readonly Dictionary<uint, object?> _memo = [];
    private readonly PickleCursor _in = new(file, pickle);

    /// <summary>The pickle's one object.</summary>
    /// <exception cref="InvalidDataException">Something is refused or wrong; the message says what, and where.</exception>
    public object? Read()
    {
        if (_in.Byte() != PickleOpcode.Protocol || _in.Byte() is not Version)
        {
            throw Bad($"is not of protocol {Version}: save it without the argument pickle_protocol");
        }

        while (true)
        {
            var opcode = _in.Byte();
            if (opcode == PickleOpcode.Stop)
            {
                return _in.IsAtEnd && _stack is [var result] && result != MarkObject
                    ? result
                    : throw Bad("does not end with its one object");
            }

            if (!(Scalar(opcode) || Container(opcode) || Memo(opcode) || Object(opcode)))
            {
                throw Bad($"has the instruction {PickleOpcode.NameOf(opcode)}, which tensors do not need; only tensors are read");
            }
        }
    }

    private bool Scalar(byte opcode)
    {
        object? value;
        switch (opcode)
        {
            case PickleOpcode.None:
                value = null;
                break;
            case PickleOpcode.True or PickleOpcode.False:
                value = opcode == PickleOpcode.True;
                break;
            case PickleOpcode.UInt8:
                value = (long)_in.Byte();
                break;
            case PickleOpcode.UInt16:
                value = (long)BinaryPrimitives.ReadUInt16LittleEndian(_in.Bytes(2));
                break;
            case PickleOpcode.Int32:
                value = (long)BinaryPrimitives.ReadInt32LittleEndian(_in.Bytes(4));
                break;
            case PickleOpcode.Long:
                value = _in.WholeNumber();
                break;
            case PickleOpcode.Float:
                value = BinaryPrimitives.ReadDoubleBigEndian(_in.Bytes(8));
                break;
            case PickleOpcode.Text:
                value = _in.Text(_in.Bytes(BinaryPrimitives.ReadUInt32LittleEndian(_in.Bytes(4))));
                break;
            default:
                return false;
        }

        _stack.Add(value);
        return true;
    }

    private bool Container(byte opcode)
    {
        switch (opcode)
        {
            case PickleOpcode.Mark:
                _stack.Add(MarkObject);
                break;
            case PickleOpcode.Pop:
                _ = _stack.Count > 0 && _stack[^1] == MarkObject ? PopToMark() : Pop(1);
                break;
            case PickleOpcode.PopMark:
                _ = PopToMark();
                break;
            case PickleOpcode.EmptyDict:
                _stack.Add(new PickleDictionary());
                break;
            case PickleOpcode.EmptyList:
                _stack.Add(new List<object?>());
                break;
            case PickleOpcode.EmptyTuple:
                _stack.Add(Array.Empty<object?>());
                break;
            case PickleOpcode.Tuple:
                _stack.Add(PopToMark());
                break;
            case PickleOpcode.Tuple1 or PickleOpcode.Tuple2 or PickleOpcode.Tuple3:
                _stack.Add(Pop(opcode - PickleOpcode.Tuple1 + 1));
                break;
            case PickleOpcode.Append:
                AddToList(Pop(1));
                break;
            case PickleOpcode.Appends:
                AddToList(PopToMark());
                break;
            case PickleOpcode.SetItem:
                AddToDictionary(Pop(2));
                break;
            case PickleOpcode.SetItems:
                AddToDictionary(PopToMark());
                break;
            default:
                return false;
        }

        return true;
    }

    private bool Memo(byte opcode)
    {
        switch (opcode)
        {
            case PickleOpcode.Put8:
                _memo[_in.Byte()] = Top();
                break;
            case PickleOpcode.Put32:
                _memo[BinaryPrimitives.ReadUInt32LittleEndian(_in.Bytes(4))] = Top();
                break;
            case PickleOpcode.Get8:
                _stack.Add(Remembered(_in.Byte()));
                break;
            case PickleOpcode.Get32:
                _stack.Add(Remembered(BinaryPrimitives.ReadUInt32LittleEndian(_in.Bytes(4))));
                break;
            default:
                return false;
        }

        return true;
    }

    private bool Object(byte opcode)
    {
        switch (opcode)
        {
            case PickleOpcode.Global:
                var name = $"{_in.Text(_in.Line())}.{_in.Text(_in.Line())}";
                if (HarmfulNames.Contains(name))
                {
                    throw Bad(
                        $"refers to {Shown(name)}, which no checkpoint needs and which would act on the machine if Python loaded the " +
                        "file. Nothing was executed; do not load it elsewhere, and get the weights from somebody you trust");
                }

                _stack.Add(new PickleGlobal(name));
                break;
            case PickleOpcode.Reduce or PickleOpcode.NewObject:
                _stack.Add(Pop(2) switch
                {
                    [PickleGlobal called, object?[] arguments] => Made(called.Name, arguments),
                    [PickleForeign called, object?[] arguments] => Foreign(called.Class, arguments),
                    _ => throw Bad("calls something that is not a name with a tuple of arguments"),
                });
                break;
            case PickleOpcode.Build:
                // Of a dictionary, it is the attribute that tells the versions of a state dict's modules.
                var attributes = Pop(1);
                if (Top() is PickleForeign built)
                {
                    built.Parts.AddRange(attributes);
                }
                else if (attributes[0] is not PickleDictionary || Top() is not PickleDictionary)
                {
                    throw Bad("gives attributes to an object that is not a dictionary; only tensors are read");
                }

                break;
            case PickleOpcode.PersistentId:
                _stack.Add(Pop(1)[0] is object?[] id ? objects.Load(id) : throw Bad("has a persistent id that is not a tuple"));
                break;
            default:
                return false;
        }

        return true;
    }

    private object Made(string name, object?[] arguments) =>
        objects.Knows(name) ? objects.Call(name, arguments) : Foreign(name, arguments);

    private static PickleForeign Foreign(string name, object?[] parts)
    {
        var made = new PickleForeign(name);
        made.Parts.AddRange(parts);
        return made;
    }

    private void AddToList(object?[] items)
    {
        if (Top() is PickleForeign foreign)
        {
            foreign.Parts.AddRange(items);
            return;
        }

        if (Top() is not List<object?> list)
        {
            throw Bad("appends to something that is not a list");
        }

        list.AddRange(items);
    }

    private void AddToDictionary(object?[] items)
    {
        if (Top() is PickleForeign foreign)
        {
            foreign.Parts.AddRange(items);
            return;
        }

        if (Top() is not PickleDictionary dictionary || items.Length % 2 != 0)
        {
            throw Bad("sets items of something that is not a dictionary, or a key without a value");
        }

        for (var i = 0; i < items.Length; i += 2)
        {
            dictionary.Items.Add((items[i], items[i + 1]));
        }
    }

    private object?[] Pop(int count)
    {
        if (_stack.Count < count)
        {
            throw Bad("takes more objects than there are");
        }

        var items = _stack.GetRange(_stack.Count - count, count).ToArray();
        _stack.RemoveRange(_stack.Count - count, count);
        return Array.IndexOf(items, MarkObject) < 0 ? items : throw Bad("takes a mark for an object");
    }

    private object?[] PopToMark()
    {
        var mark = _stack.LastIndexOf(MarkObject);
        if (mark < 0)
        {
            throw Bad("takes objects up to a mark that is not there");
        }

        var items = Pop(_stack.Count - mark - 1);
        _stack.RemoveAt(mark);
        return items;
    }

    private object? Top() => _stack.Count > 0 && _stack[^1] != MarkObject ? _stack[^1] : throw Bad("takes an object that is not there");

    private object? Remembered(uint index) =>
        _memo.TryGetValue(index, out var value) ? value : throw Bad($"refers to its object {index}, which is not there");

    private static string Shown(string name) => name.Length <= MaxShown ? name : name[..MaxShown] + "...";

    private InvalidDataException Bad(string what) => _in.Bad(what);
}
