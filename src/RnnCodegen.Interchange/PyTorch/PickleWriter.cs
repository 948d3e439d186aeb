using System.Buffers.Binary;
using System.Text;

namespace RnnCodegen.Interchange;

/// <summary>Writes the pickle, protocol 2, of a state dict.</summary>
internal sealed class PickleWriter
{
    private readonly MemoryStream _pickle = new();

    /// <summary>The pickle of an ordered dictionary of tensors; each has the storage whose key is its index.</summary>
    public static byte[] Write(IReadOnlyList<SafeTensor> tensors)
    {
        var writer = new PickleWriter();
        writer.Put(PickleOpcode.Protocol, 2);
        writer.Global("collections", "OrderedDict");
        writer.Put(PickleOpcode.EmptyTuple, PickleOpcode.Reduce, PickleOpcode.Mark);
        for (var i = 0; i < tensors.Count; i++)
        {
            writer.Text(tensors[i].Name);
            writer.Tensor(tensors[i], i);
        }

        writer.Put(PickleOpcode.SetItems, PickleOpcode.Stop);
        return writer._pickle.ToArray();
    }

    private void Tensor(SafeTensor tensor, int key)
    {
        // _rebuild_tensor_v2(storage, offset, size, stride, requires_grad, backward_hooks)
        Global("torch._utils", "_rebuild_tensor_v2");
        Put(PickleOpcode.Mark, PickleOpcode.Mark);
        Text("storage");
        Global("torch", PyTorchTypes.StorageOf(tensor.DataType)!);
        Text(key.ToString(System.Globalization.CultureInfo.InvariantCulture));
        Text("cpu");
        Integer(tensor.Count);
        Put(PickleOpcode.Tuple, PickleOpcode.PersistentId);
        Integer(0);
        Integers(tensor.Shape);
        var strides = new int[tensor.Shape.Count];
        for (var (axis, stride) = (strides.Length - 1, 1); axis >= 0; stride *= Math.Max(1, tensor.Shape[axis--]))
        {
            strides[axis] = stride;
        }

        Integers(strides);
        Put(PickleOpcode.False);
        Global("collections", "OrderedDict");
        Put(PickleOpcode.EmptyTuple, PickleOpcode.Reduce, PickleOpcode.Tuple, PickleOpcode.Reduce);
    }

    private void Integers(IReadOnlyList<int> values)
    {
        Put(PickleOpcode.Mark);
        foreach (var value in values)
        {
            Integer(value);
        }

        Put(PickleOpcode.Tuple);
    }

    private void Integer(int value)
    {
        Span<byte> bytes = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, value);
        Put(PickleOpcode.Int32);
        _pickle.Write(bytes);
    }

    private void Text(string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        Span<byte> length = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(length, bytes.Length);
        Put(PickleOpcode.Text);
        _pickle.Write(length);
        _pickle.Write(bytes);
    }

    private void Global(string module, string name)
    {
        Put(PickleOpcode.Global);
        _pickle.Write(Encoding.ASCII.GetBytes($"{module}\n{name}\n"));
    }

    private void Put(params ReadOnlySpan<byte> bytes) => _pickle.Write(bytes);
}
