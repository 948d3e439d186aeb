namespace RnnCodegen.Interchange;

/// <summary>
/// Writes the zip archive of a state dict: a pickle that describes the tensors, and the bytes of each as an entry of its own.
/// </summary>
internal static class PyTorchWriter
{
    private const int Alignment = 64;

    public static void Check(IReadOnlyList<SafeTensor> tensors)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var tensor in tensors)
        {
            if (!names.Add(tensor.Name))
            {
                throw new ArgumentException($"Two tensors are named '{tensor.Name}'.", nameof(tensors));
            }

            if (PyTorchTypes.StorageOf(tensor.DataType) is null)
            {
                throw new ArgumentException(
                    $"Tensor '{tensor.Name}' is {tensor.DataType}, for which PyTorch's files have no storage.", nameof(tensors));
            }
        }
    }

    public static void Write(Stream stream, string folder, IReadOnlyList<SafeTensor> tensors)
    {
        // The folder's name means nothing; PyTorch takes the file's.
        var name = new string([.. folder.Select(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' ? c : '_')]);
        name = name.Length == 0 ? "archive" : name;
        var zip = new StoredZipWriter(stream, Alignment);
        zip.Add($"{name}/data.pkl", PickleWriter.Write(tensors));
        zip.Add($"{name}/byteorder", "little"u8);
        for (var i = 0; i < tensors.Count; i++)
        {
            zip.Add($"{name}/data/{i}", tensors[i].Bytes);
        }

        zip.Add($"{name}/version", "3\n"u8);
        zip.Finish();
    }
}
