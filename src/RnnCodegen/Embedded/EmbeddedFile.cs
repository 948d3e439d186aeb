using System.Reflection;

namespace RnnCodegen;

/// <summary>A safetensors file that a build put into an assembly, read where it lies.</summary>
internal sealed unsafe class EmbeddedFile
{
    private readonly byte* _data;
    private readonly long _length;
    private readonly object _owner;

    private EmbeddedFile(string name, byte* data, long length, object owner)
    {
        Name = name;
        _data = data;
        _length = length;
        _owner = owner;
        Tensors = SafeTensorsFile.Read(name, data, length, owner);
    }

    /// <summary>What errors call the file.</summary>
    public string Name { get; }

    /// <summary>What the file holds.</summary>
    public SafeTensorsFile Tensors { get; }

    /// <summary>Opens a resource by its name.</summary>
    /// <param name="assembly">The assembly that holds it.</param>
    /// <param name="resource">The resource's name.</param>
    /// <param name="item">The project item that puts it there, for the error where it is missing.</param>
    /// <exception cref="InvalidOperationException">The assembly has no such resource.</exception>
    /// <exception cref="InvalidDataException">It is not a safetensors file.</exception>
    public static EmbeddedFile Open(Assembly assembly, string resource, string item)
    {
        var name = $"{assembly.GetName().Name}: {resource}";
        var stream = assembly.GetManifestResourceStream(resource) ?? throw new InvalidOperationException(
            $"{assembly.GetName().Name} has no resource '{resource}', which the build makes of an {item} item; it was removed " +
            "after the build.");
        if (stream is UnmanagedMemoryStream mapped)
        {
            // The stream keeps the assembly loaded, and with it the memory.
            return new EmbeddedFile(name, mapped.PositionPointer, mapped.Length, mapped);
        }

        using (stream)
        {
            var copy = GC.AllocateUninitializedArray<byte>(checked((int)stream.Length), pinned: true);
            stream.ReadExactly(copy);
            return new EmbeddedFile(
                name, (byte*)System.Runtime.InteropServices.Marshal.UnsafeAddrOfPinnedArrayElement(copy, 0), copy.Length, copy);
        }
    }

    /// <summary>A file in memory, as one inside an assembly is.</summary>
    public static EmbeddedFile At(string name, byte* data, long length, object owner) => new(name, data, length, owner);

    /// <summary>
    /// The values where they lie, if they can be used there: the file holds exactly these tensors as F32, in their order. Null otherwise.
    /// </summary>
    public BorrowedFloats? InPlace(IReadOnlyList<ParameterInfo> tensors)
    {
        if (Tensors.Tensors.Count != tensors.Count || tensors.Count == 0)
        {
            return null;
        }

        var count = 0;
        for (var i = 0; i < tensors.Count; i++)
        {
            var (tensor, expected) = (Tensors.Tensors[i], tensors[i]);
            if (tensor.Name != expected.Name || tensor.Type != ElementType.Float32 || tensor.Count != expected.Length)
            {
                return null;
            }

            count += expected.Length;
        }

        // The tensors fill the file's end, without a gap.
        var start = _data + _length - (sizeof(float) * (long)count);
        return BorrowedFloats.CanRead(start) ? new BorrowedFloats((float*)start, count, _owner) : null;
    }
}
