namespace EdgeMonitor;

/// <summary>
/// How unusual the last readings are: the error of each sensor's prediction over what is usual for it, as a root mean square over sensors
/// and the last few steps. About 1 while nothing is wrong.
/// </summary>
sealed class AnomalyScore
{
    /// <summary>A score of more than this is an alarm.</summary>
    public const float Limit = 1.9f;

    private const float Slow = 0.005f; // what is usual is learned over about 200 steps
    private const float Fast = 0.25f;  // and the score is taken over about 4
    private readonly float[] _usual = new float[Pump.Sensors];
    private float _recent = 1;

    /// <summary>Starts with errors that are large enough to be lowered by what comes.</summary>
    public AnomalyScore() => Array.Fill(_usual, 0.05f * 0.05f);

    /// <summary>The score after one more reading.</summary>
    public float Add(ReadOnlySpan<float> predicted, ReadOnlySpan<float> reading)
    {
        var sum = 0f;
        for (var i = 0; i < _usual.Length; i++)
        {
            var error = predicted[i] - reading[i];
            var square = error * error;
            sum += square / _usual[i];

            // A fault must not become what is usual.
            _usual[i] += Slow * (MathF.Min(square, 4 * _usual[i]) - _usual[i]);
        }

        _recent += Fast * (sum / _usual.Length - _recent);
        return MathF.Sqrt(_recent);
    }
}
