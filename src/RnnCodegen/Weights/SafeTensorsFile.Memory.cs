using System.Runtime.InteropServices;

namespace RnnCodegen;

public sealed unsafe partial class SafeTensorsFile
{
    /// <summary>Reads a file that is in memory; F32 tensors are read where they are, if the processor can, and all others are copied.</summary>
    /// <param name="name">What errors call the file.</param>
    /// <param name="data">The file's first byte.</param>
    /// <param name="length">Bytes of the file.</param>
    /// <param name="owner">What keeps the memory alive.</param>
    /// <exception cref="InvalidDataException">It is not a valid safetensors file; the message names the file and the tensor.</exception>
    internal static SafeTensorsFile Read(string name, byte* data, long length, object owner)
    {
        RequireLittleEndian();
        if (length < sizeof(ulong))
        {
            throw new InvalidDataException(
                $"'{name}': the file has {length} bytes, too few for the 8-byte length that starts a safetensors file.");
        }

        var rest = length - sizeof(ulong);
        var headerLength = HeaderLength(name, new ReadOnlySpan<byte>(data, sizeof(ulong)), rest);
        var json = new ReadOnlySpan<byte>(data + sizeof(ulong), headerLength);
        var header = SafeTensorsHeader.Parse(name, json, rest - headerLength);
        var values = data + sizeof(ulong) + headerLength;
        var tensors = Array.ConvertAll(header.Entries, entry => Tensor(name, values + entry.Begin, entry, owner));
        GC.KeepAlive(owner);
        return new SafeTensorsFile(tensors, header.Metadata);
    }

    private static SafeTensor Tensor(string name, byte* data, SafeTensorsHeader.Entry entry, object owner)
    {
        var length = entry.End - entry.Begin;
        if (length > Array.MaxLength)
        {
            throw new InvalidDataException(
                $"'{name}': tensor '{entry.Name}' has {length} bytes; at most {Array.MaxLength} a tensor can be read.");
        }

        var bytes = new ReadOnlySpan<byte>(data, (int)length);
        if (entry.DataType != SafeTensorsHeader.Float32)
        {
            return new SafeTensor(entry.Name, entry.Shape, entry.DataType, bytes.ToArray());
        }

        if (!BorrowedFloats.CanRead(data))
        {
            var copy = new float[length / sizeof(float)];
            bytes.CopyTo(MemoryMarshal.AsBytes(copy.AsSpan()));
            return new SafeTensor(entry.Name, entry.Shape, copy);
        }

        return new SafeTensor(entry.Name, entry.Shape, new BorrowedFloats((float*)data, (int)length / sizeof(float), owner).Memory);
    }
}
