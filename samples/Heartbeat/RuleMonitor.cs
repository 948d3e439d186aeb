namespace Heartbeat;

/// <summary>
/// The baseline: a beat is where the energy of the smoothed slope rises above a part of its latest peaks; it is ventricular where it is
/// early and its energy lasts long, atrial where it is early otherwise.
/// </summary>
sealed class RuleMonitor(double early, double wide) : IMonitor
{
    private const int Refractory = Recording.Rate / 4, Window = Recording.Rate / 12;

    private readonly Leveler _leveler = new();
    private readonly double[] _slopes = new double[Window], _past = new double[Recording.Rate / 50];
    private double _energy, _peak = 1, _rest, _smooth, _interval = 0.8 * Recording.Rate, _width = 0.1 * Recording.Rate;
    private int _count, _begin = -1, _highest, _before = -1;

    /// <inheritdoc/>
    public bool Next(float sample, out Beat beat)
    {
        beat = default;
        _smooth += 0.25 * (_leveler.Next(sample) - _smooth);
        ref var past = ref _past[_count % _past.Length];
        var slope = _smooth - past;
        past = _smooth;
        ref var oldest = ref _slopes[_count % Window];
        _energy += (slope * slope) - oldest;
        oldest = slope * slope;
        _count++;
        if (_begin < 0)
        {
            if (_energy > 0.3 * _peak && _count - _before > Refractory)
            {
                (_begin, _highest, _rest) = (_count, _count, _energy);
            }

            _peak *= 1 - (0.05 / Recording.Rate);
            return false;
        }

        if (_energy > _rest)
        {
            (_rest, _highest) = (_energy, _count);
        }

        if (_energy > 0.3 * _rest)
        {
            return false;
        }

        // The energy's peak comes half a window after the beat's.
        var (at, length) = (_highest - (Window / 2), _count - _begin);
        var interval = _before < 0 ? _interval : at - _before;
        var isEarly = interval < early * _interval;
        beat = new(at, !isEarly ? BeatKind.Normal : length > wide * _width ? BeatKind.Ventricular : BeatKind.Atrial);
        _peak = (0.8 * _peak) + (0.2 * _rest);
        if (!isEarly)
        {
            _interval += 0.15 * (Math.Min(interval, 1.3 * _interval) - _interval);
            _width += 0.15 * (length - _width);
        }

        (_before, _begin) = (at, -1);
        return true;
    }
}
