namespace RnnCodegen.Cuda;

/// <summary>
/// The weights that a call's attention layers give the rows of the memory, on the device: [layer, T, B, S], of which a layer has as many
/// steps as its rows.
/// </summary>
/// <param name="engine">The model.</param>
internal sealed class CudaAttention(CudaEngine engine)
{
    private CudaMemory? _device;
    private CudaShape? _shape;
    private int _epoch = -1;

    /// <summary>Makes room for a call's weights, and forgets those of an earlier one.</summary>
    /// <param name="shape">The call's sizes.</param>
    /// <returns>Where kernels write them.</returns>
    public ulong Lay(CudaShape shape)
    {
        var model = engine.Definition;
        var all = (Int128)model.AttentionLayers.Count * shape.Steps * shape.Batch * shape.MemorySteps;
        var floats = ModelChecks.Room(
            model, "The weights of attention", (long)Int128.Min(all, long.MaxValue), shape.Steps, shape.Batch);
        if (_device is null || _epoch != engine.Epoch || _device.Bytes < sizeof(float) * floats)
        {
            _device?.Dispose();
            (_device, _epoch) = (null, -1);
            _device = engine.Allocate(sizeof(float) * floats);
        }

        (_shape, _epoch) = (shape, engine.Epoch);
        return _device.Address;
    }

    /// <summary>A layer's steps.</summary>
    public int StepsOf(int layer) => engine.Program.AttentionAxes[layer] is >= 0 and var axis ? _shape!.StepsOf(axis) : 1;

    /// <summary>A layer's weights.</summary>
    public int LengthOf(int layer) => StepsOf(layer) * _shape!.Batch * _shape.MemorySteps;

    /// <summary>Copies a layer's weights to the host.</summary>
    public void CopyTo(int layer, Span<float> weights)
    {
        var start = (ulong)layer * (ulong)_shape!.Steps * (ulong)_shape.Batch * (ulong)_shape.MemorySteps;
        if (!weights.IsEmpty)
        {
            engine.Download(_device!.Address + (sizeof(float) * start), weights);
        }
    }

    /// <summary>Refuses weights that an earlier failure took.</summary>
    public void RequireKept()
    {
        if (_epoch != engine.Epoch)
        {
            throw new InvalidOperationException(
                "The weights of attention were lost on the device when a later call failed; call Forward again.");
        }
    }
}
