using RnnCodegen.Interchange.Tests.Archives;

namespace RnnCodegen.Interchange.Tests.PyTorch;

/// <summary>Puts a pickle and storages into an archive as torch.save does.</summary>
internal static class TorchArchive
{
    public static byte[] Of(byte[] pickle, params byte[][] storages) =>
        ZipBytes.Of(
            [("archive/data.pkl", pickle), .. storages.Select((s, i) => ($"archive/data/{i}", s)), ("archive/version", "3\n"u8.ToArray())]);

    public static PyTorchFile Read(byte[] archive) => PyTorchFile.Read("test.pt", new MemoryStream(archive));

    public static PyTorchFile Read(byte[] pickle, params byte[][] storages) => Read(Of(pickle, storages));

    public static byte[] Floats(params float[] values) => [.. values.SelectMany(BitConverter.GetBytes)];

    public static string Refusal(byte[] pickle, params byte[][] storages)
    {
        var message = Xunit.Assert.Throws<InvalidDataException>(() => Read(pickle, storages)).Message;
        Xunit.Assert.StartsWith("'test.pt': ", message, StringComparison.Ordinal);
        return message;
    }
}
