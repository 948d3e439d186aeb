namespace Heartbeat;

/// <summary>Takes the wandering base line off a signal and brings it to one size, sample by sample, from its past alone.</summary>
sealed class Leveler
{
    private float _base, _power = 0.05f;
    private bool _hasBase;

    /// <summary>The next sample, about from -1 to 5.</summary>
    public float Next(float sample)
    {
        _base = _hasBase ? _base + ((sample - _base) * (1.5f / Recording.Rate)) : sample;
        _hasBase = true;
        var level = sample - _base;
        _power += ((level * level) - _power) * (0.2f / Recording.Rate);
        return level / MathF.Sqrt(_power + 1e-4f);
    }
}
