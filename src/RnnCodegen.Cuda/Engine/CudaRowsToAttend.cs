namespace RnnCodegen.Cuda;

/// <summary>
/// Rows to attend to: on the host, and on the device once a call needs them there, with the keys that the model's layers make of them.
/// </summary>
/// <param name="engine">The model whose states it comes with.</param>
internal sealed unsafe class CudaRowsToAttend(CudaEngine engine) : ModelMemory
{
    private float[] _rows = [];
    private ulong _elsewhere;
    private CudaMemory? _device;
    private int _version = -1;
    private int _epoch = -1;
    private int _keysOf;
    private bool _hasKeys;

    public CudaEngine Engine => engine;

    /// <summary>Where the rows are on the device.</summary>
    public ulong Rows => _elsewhere != 0 ? _elsewhere : _device!.Address;

    /// <summary>Where each sample's valid rows are; 0 where all are valid.</summary>
    public ulong Lengths => ValidRows.IsEmpty ? 0 : _device!.Address + (ulong)RowBytes;

    /// <summary>Whether the keys are those of the rows and parameters as they are now.</summary>
    public bool HasCurrentKeys => engine.KeyNodes.Length == 0 || (_hasKeys && _keysOf == engine.ParametersVersion);

    /// <summary>Values of all rows.</summary>
    public int Count => Steps * Batch * Width;

    private long RowBytes => _elsewhere != 0 ? 0 : CudaShape.Aligned(sizeof(float) * (long)Count);

    private long LengthBytes => CudaShape.Aligned(sizeof(int) * (long)Batch);

    /// <inheritdoc/>
    public override void CopyTo(Span<float> rows) => _rows.AsSpan(0, Count).CopyTo(rows);

    /// <summary>Where a layer's keys are; 0 where the rows are the keys.</summary>
    public ulong KeysOf(int layer)
    {
        if (engine.Program.KeyWidths[layer] == 0)
        {
            return 0;
        }

        var start = RowBytes + LengthBytes;
        for (var before = 0; before < layer; before++)
        {
            start += KeyBytes(before);
        }

        return _device!.Address + (ulong)start;
    }

    /// <summary>Takes rows [S, B, M] that are on the device already, in memory of another model.</summary>
    /// <param name="rows">Their address, which holds until the next content.</param>
    /// <param name="steps">Rows of a sample S.</param>
    /// <param name="batch">Samples B.</param>
    /// <param name="width">Features of a row M.</param>
    /// <param name="lengths">Valid rows of each sample; all where empty.</param>
    public void Refer(ulong rows, int steps, int batch, int width, ReadOnlySpan<int> lengths)
    {
        Resize(steps, batch, width, lengths);
        _elsewhere = rows;
    }

    /// <summary>Copies the rows to the device where it has older ones.</summary>
    public void Bring()
    {
        if (_version == Version && _epoch == engine.Epoch)
        {
            return;
        }

        var bytes = RowBytes + LengthBytes;
        for (var layer = 0; layer < engine.Program.KeyWidths.Length; layer++)
        {
            bytes += KeyBytes(layer);
        }

        if (bytes > 0 && (_device is null || _epoch != engine.Epoch || _device.Bytes < bytes))
        {
            _device?.Dispose();
            _device = null;
            _device = engine.Allocate(bytes);
        }

        if (_elsewhere == 0)
        {
            engine.Upload(Rows, _rows.AsSpan(0, Count), []);
        }

        if (!ValidRows.IsEmpty)
        {
            engine.Upload(Lengths, [], ValidRows);
        }

        (_version, _epoch, _hasKeys) = (Version, engine.Epoch, false);
    }

    /// <summary>Notes that the keys are made of the rows and parameters as they are now.</summary>
    public void SetKeys() => (_hasKeys, _keysOf) = (true, engine.ParametersVersion);

    /// <inheritdoc/>
    protected override void Store(ReadOnlySpan<float> rows)
    {
        if (_rows.Length < rows.Length)
        {
            _rows = new float[rows.Length];
        }

        rows.CopyTo(_rows);
        _elsewhere = 0;
    }

    private long KeyBytes(int layer) => CudaShape.Aligned(sizeof(float) * (long)Steps * Batch * engine.Program.KeyWidths[layer]);
}
