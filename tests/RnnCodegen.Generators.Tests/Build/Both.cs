using RnnCodegen.Build;

namespace RnnCodegen.Generators.Tests.Build;

/// <summary>What the build and the program say of a safetensors file, in a form that can be compared.</summary>
internal static class Both
{
    /// <summary>What the build says.</summary>
    public static (string? Tensors, string? Error) Build(string path)
    {
        try
        {
            return (Describe(HeaderReader.Read(path)), null);
        }
        catch (ModelFileException e)
        {
            return (null, $"'file': {e.Message}.");
        }
    }

    /// <summary>What the program says; the places of tensors are found by their bytes' addresses.</summary>
    public static unsafe (string? Tensors, string? Error) Runtime(byte[] bytes)
    {
        try
        {
            fixed (byte* first = bytes)
            {
                var tensors = SafeTensorsFile.Parse("file", bytes).Tensors;
                var start = first + 8 + BitConverter.ToInt64(bytes);
                var parts = new List<string>();
                long end = 0;
                foreach (var tensor in tensors)
                {
                    fixed (byte* begin = tensor.Bytes)
                    {
                        // A span of no bytes has no address; such a tensor lies where the one before it ends.
                        var offset = begin is null ? end : begin - start;
                        end = offset + tensor.Bytes.Length;
                        parts.Add($"{tensor.Name} {tensor.DataType} [{string.Join(",", tensor.Shape)}] {offset}-{end}");
                    }
                }

                return (string.Join("; ", parts), null);
            }
        }
        catch (InvalidDataException e)
        {
            return (null, e.Message);
        }
    }

    /// <summary>Tensors as text.</summary>
    public static string Describe(IEnumerable<SafeTensorsHeader.Entry> tensors) =>
        string.Join("; ", tensors.Select(t => $"{t.Name} {t.DataType} [{string.Join(",", t.Shape)}] {t.Begin}-{t.End}"));
}
