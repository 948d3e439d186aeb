namespace RnnCodegen;

/// <summary>The element types of the safetensors format whose elements are whole bytes: all but those of 4 and 6 bits.</summary>
internal static class SafeTensorsTypes
{
    /// <summary>Names and bytes of an element, in the order of messages.</summary>
    private static readonly (string Name, int Size)[] s_all =
    [
        ("F32", 4), ("F64", 8), ("F16", 2), ("BF16", 2), ("I64", 8), ("I32", 4), ("I16", 2), ("I8", 1), ("U64", 8), ("U32", 4), ("U16", 2),
        ("U8", 1), ("BOOL", 1), ("F8_E4M3", 1), ("F8_E5M2", 1), ("F8_E8M0", 1), ("F8_E4M3FNUZ", 1), ("F8_E5M2FNUZ", 1), ("C64", 8),
    ];

    private static readonly Dictionary<string, int> s_sizes = s_all.ToDictionary(t => t.Name, t => t.Size, StringComparer.Ordinal);

    /// <summary>All names, for messages.</summary>
    public static string Names => string.Join(", ", s_all.Select(t => t.Name));

    /// <summary>Bytes of an element of the named type; 0 where there is none.</summary>
    public static int SizeOf(string name) => s_sizes.TryGetValue(name, out var size) ? size : 0;
}
