namespace RnnCodegen;

/// <content>A state in a file.</content>
public sealed unsafe partial class ModelState
{
    /// <summary>Writes the state to a safetensors file, a tensor [B, size] a vector.</summary>
    public void Save(string path)
    {
        var tensors = new List<SafeTensor>();
        for (var k = 0; k < Slots.Count; k++)
        {
            var data = new float[Batch * Slots[k].Size];
            for (var sample = 0; sample < Batch; sample++)
            {
                Row(k, sample).CopyTo(data.AsSpan(sample * Slots[k].Size));
            }

            tensors.Add(new SafeTensor(Slots[k].Name, [Batch, Slots[k].Size], data));
        }

        SafeTensorsFile.Write(path, tensors);
    }

    /// <summary>Reads what <see cref="Save"/> wrote, for the same model and batch.</summary>
    /// <exception cref="InvalidDataException">The file is damaged or of another model or batch; the state is as it was.</exception>
    public void Restore(string path)
    {
        var tensors = SafeTensorsFile.Read(path);
        foreach (var slot in Slots)
        {
            if (!tensors.TryGet(slot.Name, out var tensor))
            {
                throw new InvalidDataException($"{path}: state '{slot.Name}' is missing.");
            }

            if (tensor.DataType != ElementType.Float32.Name)
            {
                throw new InvalidDataException($"{path}: state '{slot.Name}' must be F32, but the file's is {tensor.DataType}.");
            }

            if (tensor.Shape.Count != 2 || tensor.Shape[0] != Batch || tensor.Shape[1] != slot.Size)
            {
                throw new InvalidDataException(
                    $"{path}: state '{slot.Name}' has shape [{string.Join(", ", tensor.Shape)}]; expected [{Batch}, {slot.Size}].");
            }
        }

        if (tensors.Tensors.FirstOrDefault(t => Slots.All(slot => slot.Name != t.Name)) is { } other)
        {
            throw new InvalidDataException(
                $"{path}: {Definition.Name} has no state '{SafeTensorsHeader.Shown(other.Name)}'; it " +
                $"has {string.Join(", ", Slots.Select(s => s.Name))}.");
        }

        Clear();
        for (var k = 0; k < Slots.Count; k++)
        {
            for (var sample = 0; sample < Batch; sample++)
            {
                tensors[Slots[k].Name].Floats.Slice(sample * Slots[k].Size, Slots[k].Size).CopyTo(Row(k, sample));
            }
        }
    }
}
