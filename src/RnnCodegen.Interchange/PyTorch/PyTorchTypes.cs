namespace RnnCodegen.Interchange;

/// <summary>PyTorch's names of typed storages, beside the safetensors names of the types and their sizes.</summary>
internal static class PyTorchTypes
{
    private static readonly (string Storage, string DataType, int Size)[] All =
    [
        ("FloatStorage", "F32", 4), ("DoubleStorage", "F64", 8), ("HalfStorage", "F16", 2), ("BFloat16Storage", "BF16", 2),
        ("LongStorage", "I64", 8),
        ("IntStorage", "I32", 4), ("ShortStorage", "I16", 2), ("CharStorage", "I8", 1), ("ByteStorage", "U8", 1),
        ("BoolStorage", "BOOL", 1),
    ];

    /// <summary>The storage that holds a type, or null where PyTorch has none.</summary>
    public static string? StorageOf(string dataType) => Array.Find(All, t => t.DataType == dataType).Storage;

    /// <summary>The type that a storage holds, or null where its name is unknown.</summary>
    /// <param name="global">Its full name, e.g. <c>torch.FloatStorage</c>.</param>
    public static (string DataType, int Size)? Find(string global)
    {
        var row = Array.Find(All, t => global == "torch." + t.Storage);
        return row.Storage is null ? null : (row.DataType, row.Size);
    }
}
