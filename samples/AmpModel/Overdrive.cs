namespace AmpModel;

/// <summary>
/// The circuit to be learned, a distortion pedal: a high-pass of 150 Hz, a gain, a resistor of 2.2 kOhm into a capacitor of 10 nF with one
/// diode in one direction and two in the other, and a tone control, a low-pass of 3.5 kHz. It is solved by implicit Euler steps, each by
/// Newton's method, eight for each sample; the output is their mean.
/// </summary>
sealed class Overdrive(int rate)
{
    private const int Oversampling = 8;
    private const double Gain = 25, Resistance = 2200, Capacitance = 10e-9, Saturation = 2.5e-9, Thermal = 0.0459, Level = 0.9;

    private readonly double _step = 1.0 / (rate * Oversampling);
    private double _before, _bass, _diodes, _tone;

    /// <summary>What comes out for a recording; the circuit begins without charge.</summary>
    public static float[] Play(ReadOnlySpan<float> dry, int rate)
    {
        var circuit = new Overdrive(rate);
        var wet = new float[dry.Length];
        for (var n = 0; n < wet.Length; n++)
        {
            wet[n] = circuit.Next(dry[n]);
        }

        return wet;
    }

    private float Next(double dry)
    {
        var sum = 0.0;
        for (var k = 1; k <= Oversampling; k++)
        {
            var input = _before + ((dry - _before) * k / Oversampling);
            _bass += (input - _bass) * Pole(150);
            _diodes = Clip(Gain * (input - _bass));
            _tone += (_diodes - _tone) * Pole(3500);
            sum += _tone;
        }

        _before = dry;
        return (float)(Level * sum / Oversampling);
    }

    // The voltage at the diodes a step later: v with v - v' = h ((u - v) / R - i(v)) / C.
    private double Clip(double input)
    {
        var v = _diodes;
        for (var iteration = 0; iteration < 50; iteration++)
        {
            double forward = Math.Exp(v / Thermal), backward = Math.Exp(-v / (2 * Thermal));
            var current = ((input - v) / Resistance) - (Saturation * (forward - backward));
            var slope = (-1 / Resistance) - (Saturation / Thermal * (forward + (backward / 2)));
            var change = (v - _diodes - (_step / Capacitance * current)) / (1 - (_step / Capacitance * slope));

            // Shorter steps where the exponentials would overflow.
            v -= Math.Clamp(change, -0.2, 0.2);
            if (Math.Abs(change) < 1e-9)
            {
                break;
            }
        }

        return v;
    }

    private double Pole(double frequency) => 1 - Math.Exp(-2 * Math.PI * frequency * _step);
}
