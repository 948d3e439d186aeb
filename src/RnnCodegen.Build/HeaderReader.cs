namespace RnnCodegen.Build;

/// <summary>Reads and checks the header of a safetensors file, and nothing of its values.</summary>
internal static class HeaderReader
{
    /// <summary>The tensors of a file in the order of their bytes.</summary>
    /// <exception cref="ModelFileException">The file cannot be read, or is
    /// not what the format says; the message names the tensor.</exception>
    public static IReadOnlyList<SafeTensorsHeader.Entry> Read(string path)
    {
        try
        {
            using var stream = RegularFile.OpenRead(path);
            return Read(stream);
        }
        catch (InvalidDataException e)
        {
            throw new ModelFileException(ModelFileException.Malformed, e.Message.TrimEnd('.'));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException or ArgumentException)
        {
            var reason = e is FileNotFoundException or DirectoryNotFoundException ? "there is no such file" : e.Message.TrimEnd('.');
            throw new ModelFileException(ModelFileException.Unreadable, reason);
        }
    }

    private static IReadOnlyList<SafeTensorsHeader.Entry> Read(FileStream stream)
    {
        var prefix = ReadExactly(stream, (int)Math.Min(SafeTensorsHeader.PrefixLength, stream.Length));
        ulong claimed = 0;
        for (var i = prefix.Length - 1; i >= 0; i--)
        {
            claimed = (claimed << 8) | prefix[i];
        }

        var json = ReadExactly(stream, SafeTensorsHeader.CheckLength("", claimed, stream.Length));
        return SafeTensorsHeader.Parse("", json, stream.Length - SafeTensorsHeader.PrefixLength - json.Length).Entries;
    }

    private static byte[] ReadExactly(FileStream stream, int count)
    {
        var bytes = new byte[count];
        for (var done = 0; done < count;)
        {
            var read = stream.Read(bytes, done, count - done);
            done += read > 0 ? read : throw new EndOfStreamException("the file became shorter while it was read");
        }

        return bytes;
    }
}
