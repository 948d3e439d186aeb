namespace RnnCodegen.Interchange;

/// <summary>Numbers of one type, one after the other, that tensors show parts of.</summary>
internal sealed record PyTorchStorage(string Key, string DataType, int ElementSize, byte[] Bytes)
{
    public long Count => Bytes.Length / ElementSize;
}

/// <summary>A tensor as a pickle describes it: elements of a storage, by strides.</summary>
internal sealed record PyTorchTensor(PyTorchStorage Storage, long Offset, int[] Shape, long[] Strides)
{
    /// <summary>Number of elements.</summary>
    public int Count => Shape.Contains(0) ? 0 : Shape.Aggregate(1, (product, size) => product * size);

    /// <summary>The elements row after row: those of the storage where they already are.</summary>
    public ReadOnlyMemory<byte> ToBytes()
    {
        var size = Storage.ElementSize;
        var start = (int)Offset * size;
        if (IsContiguous())
        {
            return Storage.Bytes.AsMemory(start, Count * size);
        }

        var bytes = new byte[Count * size];
        var index = new int[Shape.Length];
        var source = Offset;
        for (var target = 0; target < bytes.Length; target += size)
        {
            Storage.Bytes.AsSpan((int)source * size, size).CopyTo(bytes.AsSpan(target));
            for (var axis = index.Length - 1; axis >= 0; axis--)
            {
                source += Strides[axis];
                if (++index[axis] < Shape[axis])
                {
                    break;
                }

                source -= Strides[axis] * Shape[axis];
                index[axis] = 0;
            }
        }

        return bytes;
    }

    private bool IsContiguous()
    {
        var expected = 1L;
        for (var axis = Shape.Length - 1; axis >= 0; axis--)
        {
            if (Shape[axis] > 1 && Strides[axis] != expected)
            {
                return Count == 0;
            }

            expected *= Shape[axis];
        }

        return true;
    }
}

/// <summary>Makes the objects that a state dict's pickle consists of, and collections of plain values beside it.</summary>
/// <param name="file">Name of the file in messages.</param>
/// <param name="storage">Reads the bytes of the storage with a key.</param>
internal sealed class PyTorchObjects(string file, Func<string, byte[]> storage) : IPickleObjects
{
    private const string OrderedDictionary = "collections.OrderedDict";
    private const string RebuildTensor = "torch._utils._rebuild_tensor_v2";
    private const string RebuildParameter = "torch._utils._rebuild_parameter";
    private const string RebuildWithState = "torch._utils._rebuild_parameter_with_state";
    private const int MaxRank = 64;

    private readonly Dictionary<string, PyTorchStorage> _storages = new(StringComparer.Ordinal);

    // Python 3 writes the names of its own classes as Python 2 called them.
    public bool Knows(string global) => global is OrderedDictionary or RebuildTensor or RebuildParameter or RebuildWithState
            or "collections.defaultdict" or "collections.Counter" or "torch.Size" or "__builtin__.set" or "builtins.set"
            or "__builtin__.frozenset" or "builtins.frozenset"
        || PyTorchTypes.Find(global) is not null;

    public object Call(string global, object?[] arguments) => (global, arguments) switch
    {
        (OrderedDictionary or "collections.defaultdict" or "collections.Counter", [])
            or ("collections.defaultdict", [PickleGlobal or null]) => new PickleDictionary(),
        ("collections.Counter", [PickleDictionary counts]) => counts,
        ("torch.Size", [object?[] sizes]) => sizes,
        ("__builtin__.set" or "builtins.set" or "__builtin__.frozenset" or "builtins.frozenset", [List<object?> items]) => items,

        // The state is what a program attached to the parameter.
        (RebuildWithState, [PyTorchTensor tensor, bool, PickleDictionary, _]) => tensor,
        (RebuildParameter, [PyTorchTensor tensor, bool, PickleDictionary]) => tensor,
        (RebuildTensor, [PyTorchStorage s, long offset, object?[] shape, object?[] strides, bool, PickleDictionary, .. var said])
            when IsPlain(said) =>
            Tensor(s, offset, shape, strides),
        _ => throw Bad($"calls {global} with arguments that it does not take."),
    };

    public object Load(object?[] id)
    {
        if (id is not ["storage", PickleGlobal type, string key, string, long count]
            || PyTorchTypes.Find(type.Name) is not var (dataType, size))
        {
            throw Bad("has a persistent id that is no storage of a known type.");
        }

        if (!_storages.TryGetValue(key, out var found))
        {
            found = new PyTorchStorage(key, dataType, size, storage(key));
            _storages.Add(key, found);
        }

        if (found.DataType != dataType || (Int128)count * size != found.Bytes.Length)
        {
            throw Bad(
                $"declares storage '{key}' as {count} numbers of {dataType}, but it is one " +
                $"of {found.DataType} with {found.Bytes.Length} bytes.");
        }

        return found;
    }

    /// <summary>
    /// Whether nothing is said of a tensor's numbers but where they are; newer versions also say where they stand conjugated or with the
    /// other sign.
    /// </summary>
    private bool IsPlain(object?[] said) => said is []
        || (said is [PickleDictionary { Items: var items }] && (items.TrueForAll(item => item.Value is false or null)
            ? true
            : throw Bad("says of a tensor that its numbers are others than its storage has (conj, neg). Save " +
                "tensor.resolve_conj().resolve_neg() in its place.")));

    private PyTorchTensor Tensor(PyTorchStorage source, long offset, object?[] shape, object?[] strides)
    {
        if (shape.Length != strides.Length || shape.Length > MaxRank || !shape.All(n => n is long and >= 0 and <= int.MaxValue)
            || !strides.All(n => n is long))
        {
            throw Bad(
                $"describes a tensor of storage '{source.Key}' whose sizes or strides are no whole numbers, negative, too large, or " +
                "not as many.");
        }

        var sizes = Array.ConvertAll(shape, n => (int)(long)n!);
        var steps = Array.ConvertAll(strides, n => (long)n!);

        // Strides are not negative in PyTorch; with that, the last element is the one furthest into the storage.
        Int128 last = offset;
        foreach (var (size, stride) in sizes.Zip(steps))
        {
            last = stride < 0 || last > source.Count ? Int128.MaxValue : last + ((size - 1) * (Int128)stride);
        }

        var isEmpty = sizes.Contains(0);
        if (offset < 0 || (isEmpty ? offset > source.Count : last >= source.Count))
        {
            throw Bad(
                $"describes a tensor [{string.Join(", ", sizes)}] with strides [{string.Join(", ", steps)}] from element {offset} on, " +
                $"beyond the {source.Count} of storage '{source.Key}'.");
        }

        // Strides of 0 repeat elements, so the product may be anything.
        var bytes = isEmpty ? 0 : (Int128)source.ElementSize;
        foreach (var size in sizes)
        {
            bytes = Int128.Min(bytes, long.MaxValue) * size;
        }

        return bytes <= Array.MaxLength
            ? new PyTorchTensor(source, offset, sizes, steps)
            : throw Bad($"describes a tensor [{string.Join(", ", sizes)}] of {bytes} bytes; at most {Array.MaxLength} are read.");
    }

    private InvalidDataException Bad(string what) => new($"'{file}': the pickle {what}");
}
