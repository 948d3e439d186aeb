namespace RnnCodegen.Cuda;

/// <summary>Rows to attend to: on the host, and on the device once a call needs them there.</summary>
/// <param name="engine">The model whose states it comes with.</param>
internal sealed unsafe class CudaRowsToAttend(CudaEngine engine) : ModelMemory
{
    private float[] _rows = [];
    private CudaMemory? _device;
    private int _version = -1;
    private int _epoch = -1;

    public CudaEngine Engine => engine;

    /// <inheritdoc/>
    public override void CopyTo(Span<float> rows) => _rows.AsSpan(0, Count).CopyTo(rows);

    /// <summary>Gives a call the rows, which are copied where the device has older ones.</summary>
    public void Bind(ref CudaCall call)
    {
        var bytes = sizeof(float) * (long)Count;
        var lengths = sizeof(int) * (long)ValidRows.Length;
        if (_version != Version || _epoch != engine.Epoch)
        {
            if (_device is null || _epoch != engine.Epoch || _device.Bytes < bytes + lengths)
            {
                _device?.Dispose();
                _device = null;
                _device = engine.AllocateTracked(bytes + lengths);
            }

            engine.Upload(_device.Address, _rows.AsSpan(0, Count), ValidRows);
            (_version, _epoch) = (Version, engine.Epoch);
        }

        call.Memory = _device!.Address;
        call.MemoryLengths = lengths == 0 ? 0 : _device.Address + (ulong)bytes;
    }

    /// <inheritdoc/>
    protected override void Store(ReadOnlySpan<float> rows)
    {
        if (_rows.Length < rows.Length)
        {
            _rows = new float[rows.Length];
        }

        rows.CopyTo(_rows);
    }

    private int Count => Steps * Batch * Width;
}
