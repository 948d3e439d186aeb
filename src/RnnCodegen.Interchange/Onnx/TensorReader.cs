using System.Buffers.Binary;
using System.Globalization;
using RnnCodegen.Interchange.Onnx.Format;

namespace RnnCodegen.Interchange.Onnx;

/// <summary>
/// Turns a file's tensors into constants. The shape is believed only as far as there are values: raw bytes, a list for the type, or a part
/// of another file, which has to lie in the model's own folder.
/// </summary>
/// <param name="file">The model's file, for messages.</param>
/// <param name="folder">Where files named by the model lie; null where the model was not read from a file.</param>
internal sealed class TensorReader(string file, string? folder)
{
    /// <exception cref="InvalidDataException">The tensor is not what it claims; the message names it and the cause.</exception>
    public Constant Read(TensorProto tensor)
    {
        var (shape, count) = Shape(tensor);
        if (tensor.Type.Size() == 0)
        {
            throw Error(tensor, $"its element type is {tensor.Type}, in which no weight comes");
        }

        var raw = tensor.Location == TensorProto.StoredElsewhere ? External(tensor, count * tensor.Type.Size()) : tensor.Raw;
        if (raw is null)
        {
            return FromLists(tensor, shape, count);
        }

        if (raw.Length != count * tensor.Type.Size())
        {
            throw Error(tensor,
                $"{Constant.Describe(shape)} of {tensor.Type} takes {count * tensor.Type.Size()} bytes, but there are {raw.Length}");
        }

        return FromRaw(tensor.Type, shape, (int)count, raw);
    }

    private (int[] Shape, long Count) Shape(TensorProto tensor)
    {
        var count = 1L;
        foreach (var size in tensor.Shape)
        {
            count = size is >= 0 and <= int.MaxValue ? count * size : -1;
            if (count is < 0 or > int.MaxValue)
            {
                throw Error(tensor, $"its shape [{string.Join(", ", tensor.Shape)}] is not that of a tensor");
            }
        }

        return tensor.Shape.Count <= Constant.MaxRank
            ? ([.. tensor.Shape.Select(s => (int)s)], count)
            : throw Error(tensor, $"it has {tensor.Shape.Count} axes, more than the {Constant.MaxRank} that are read");
    }

    private static Constant FromRaw(OnnxDataType type, int[] shape, int count, ReadOnlySpan<byte> raw)
    {
        var size = type.Size();
        var reals = new float[type.IsReal() ? count : 0];
        var integers = new long[type.IsReal() ? 0 : count];
        for (var i = 0; i < count; i++)
        {
            var bytes = raw.Slice(i * size, size);
            switch (type)
            {
                case OnnxDataType.Float:
                    reals[i] = BinaryPrimitives.ReadSingleLittleEndian(bytes);
                    break;
                case OnnxDataType.Double:
                    reals[i] = (float)BinaryPrimitives.ReadDoubleLittleEndian(bytes);
                    break;
                case OnnxDataType.Float16 or OnnxDataType.BFloat16:
                    reals[i] = FromBits(type, BinaryPrimitives.ReadUInt16LittleEndian(bytes));
                    break;
                default:
                    integers[i] = type switch
                    {
                        OnnxDataType.Int64 or OnnxDataType.UInt64 => BinaryPrimitives.ReadInt64LittleEndian(bytes),
                        OnnxDataType.Int32 => BinaryPrimitives.ReadInt32LittleEndian(bytes),
                        OnnxDataType.UInt32 => BinaryPrimitives.ReadUInt32LittleEndian(bytes),
                        OnnxDataType.Int16 => BinaryPrimitives.ReadInt16LittleEndian(bytes),
                        OnnxDataType.UInt16 => BinaryPrimitives.ReadUInt16LittleEndian(bytes),
                        OnnxDataType.Int8 => (sbyte)bytes[0],
                        _ => bytes[0],
                    };
                    break;
            }
        }

        return type.IsReal() ? Constant.Of(shape, reals) : Constant.Of(shape, integers);
    }

    private Constant FromLists(TensorProto tensor, int[] shape, long count)
    {
        var isHalf = tensor.Type is OnnxDataType.Float16 or OnnxDataType.BFloat16;
        var found = tensor.Type switch
        {
            OnnxDataType.Float => tensor.Floats.Count,
            OnnxDataType.Double => tensor.Doubles.Count,
            _ => tensor.Integers.Count,
        };
        if (found != count)
        {
            throw Error(tensor, $"{Constant.Describe(shape)} has {count} values, but there are {found} of type {tensor.Type}");
        }

        return tensor.Type switch
        {
            OnnxDataType.Float => Constant.Of(shape, [.. tensor.Floats]),
            OnnxDataType.Double => Constant.Of(shape, [.. tensor.Doubles.Select(v => (float)v)]),
            _ when isHalf => Constant.Of(shape, [.. tensor.Integers.Select(v => FromBits(tensor.Type, (ushort)v))]),
            _ => Constant.Of(shape, [.. tensor.Integers]),
        };
    }

    private static float FromBits(OnnxDataType type, ushort bits) =>
        type == OnnxDataType.Float16 ? (float)BitConverter.UInt16BitsToHalf(bits) : BitConverter.UInt32BitsToSingle((uint)bits << 16);

    private byte[] External(TensorProto tensor, long length)
    {
        var location = tensor.External.GetValueOrDefault("location", "");
        if (folder is null)
        {
            throw Error(tensor,
                $"its values are in another file, '{location}', which is known only where the model is read from a file: give its path");
        }

        // A name with a folder in it could lead anywhere.
        if (location.Length == 0 || location is "." or ".." || location.AsSpan().IndexOfAny("/\\:\0") >= 0)
        {
            throw Error(tensor,
                $"its values are in '{location}', which is not the name of a file beside the model; put it there and let the " +
                "model name it so");
        }

        var data = new FileInfo(Path.Combine(folder, location));
        if (!data.Exists || data.LinkTarget is not null)
        {
            throw Error(tensor, $"its values are in '{location}', but there is no such file beside the model");
        }

        if (RegularFile.WhatElse(data.FullName) is { } what)
        {
            throw Error(tensor, $"its values are in '{location}', which is {what}, not a file");
        }

        using var stream = RegularFile.OpenRead(data.FullName);
        var offset = Number(tensor, "offset") ?? 0;
        var declared = Number(tensor, "length") ?? length;
        if (declared != length || offset > stream.Length - length)
        {
            throw Error(tensor,
                $"it takes {length} bytes, but '{location}', {stream.Length} bytes long, is to hold {declared} at {offset}");
        }

        var values = new byte[length];
        stream.Position = offset;
        stream.ReadExactly(values);
        return values;
    }

    private long? Number(TensorProto tensor, string key) => !tensor.External.TryGetValue(key, out var text) ? null
        : long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number
        : throw Error(tensor, $"the {key} of its values is '{text}', not a number");

    private InvalidDataException Error(TensorProto tensor, string why) => new($"'{file}': tensor '{tensor.Name}': {why}.");
}
