using RnnCodegen;

namespace Heartbeat;

/// <summary>What finds beats in a stream of samples.</summary>
interface IMonitor
{
    /// <summary>Takes a sample.</summary>
    /// <param name="sample">Millivolts.</param>
    /// <param name="beat">The beat that was recognised with it, some time after its R wave.</param>
    /// <returns>Whether there is one.</returns>
    bool Next(float sample, out Beat beat);
}

/// <summary>Finds beats with the model, which makes a step every sixth sample. No allocation.</summary>
sealed class HeartMonitor(HeartNet model) : IMonitor, IDisposable
{
    private readonly ModelStream _stream = model.CreateStream();
    private readonly Leveler _leveler = new();
    private readonly float[] _samples = new float[HeartNet.Stride];
    private readonly float[] _probabilities = new float[HeartNet.OutputSize];
    private readonly float[] _sums = new float[HeartNet.OutputSize];
    private int _count, _first = -1;

    /// <inheritdoc/>
    public bool Next(float sample, out Beat beat)
    {
        beat = default;
        var place = _count++ % HeartNet.Stride;
        _samples[place] = _leveler.Next(sample);
        if (place < HeartNet.Stride - 1)
        {
            return false;
        }

        _stream.Step(_samples, _probabilities);
        if (_probabilities[0] < 0.5f)
        {
            // As long as there is a beat, its kinds' probabilities add up.
            _first = _first < 0 ? _count : _first;
            for (var kind = 1; kind < _sums.Length; kind++)
            {
                _sums[kind] += _probabilities[kind];
            }

            return false;
        }

        if (_first < 0)
        {
            return false;
        }

        var middle = (_first + _count - HeartNet.Stride) / 2;
        beat = new(middle - HeartNet.Delay, (BeatKind)TokenSampler.Argmax(_sums));
        Array.Clear(_sums);
        _first = -1;
        return true;
    }

    /// <inheritdoc/>
    public void Dispose() => _stream.Dispose();
}
