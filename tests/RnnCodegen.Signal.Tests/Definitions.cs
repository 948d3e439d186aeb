namespace RnnCodegen.Signal.Tests;

/// <summary>
/// The features of the libraries as their documentation and sources define them, each written out for itself, with sums over all samples in
/// place of a fast transform.
/// </summary>
internal static class Definitions
{
    /// <summary>librosa.feature.mfcc(y, sr, n_mfcc, n_fft, hop_length, n_mels), of power_to_db(S, ref=1, top_db=None).</summary>
    public static double[] LibrosaMfcc(float[] y, int sr, int count, int fft, int hop, int mels)
    {
        double[] padded = [.. new double[fft / 2], .. y.Select(v => (double)v), .. new double[fft / 2]];
        var edges = Enumerable.Range(0, mels + 2).Select(i => LibrosaHertz(LibrosaMel(sr / 2.0) * i / (mels + 1))).ToArray();
        return [.. Enumerable.Range(0, 1 + (y.Length / hop)).SelectMany(t =>
        {
            var power = Power([.. Enumerable.Range(0, fft).Select(n => padded[(t * hop) + n] * HannOf(n, fft))], fft);
            var db = Enumerable.Range(0, mels).Select(m =>
            {
                var energy = Enumerable.Range(0, power.Length).Sum(k =>
                {
                    var f = (double)k * sr / fft;
                    var lower = (f - edges[m]) / (edges[m + 1] - edges[m]);
                    var upper = (edges[m + 2] - f) / (edges[m + 2] - edges[m + 1]);
                    return power[k] * Math.Max(0, Math.Min(lower, upper)) * 2.0 / (edges[m + 2] - edges[m]);
                });
                return 10 * Math.Log10(Math.Max(1e-10, energy));
            }).ToArray();
            return Enumerable.Range(0, count).Select(i => Dct(db, i) * Math.Sqrt((i == 0 ? 1.0 : 2.0) / mels));
        })];
    }

    /// <summary>compute-mfcc-feats --dither=0 of 16 kHz, with what else Kaldi has by default.</summary>
    public static double[] KaldiMfcc(float[] y, int bands, int count)
    {
        const int Length = 400, Hop = 160, Fft = 512;
        var (low, high) = (HtkMel(20), HtkMel(8000));
        double MelAt(int m) => low + ((high - low) * m / (bands + 1));
        return [.. Enumerable.Range(0, 1 + ((y.Length - Length) / Hop)).SelectMany(t =>
        {
            var x = Enumerable.Range(0, Length).Select(n => y[(t * Hop) + n] * 32768.0).ToArray();
            var mean = x.Average();
            x = [.. x.Select(v => v - mean)];
            var energy = Math.Log(Math.Max(x.Sum(v => v * v), 1.1920928955078125e-7));
            x = [.. x.Select((v, n) => v - (0.97 * x[Math.Max(0, n - 1)]))];
            x = [.. x.Select((v, n) => v * Math.Pow(0.5 - (0.5 * Math.Cos(2 * Math.PI * n / (Length - 1))), 0.85))];
            var power = Power(x, Fft);
            var logs = Enumerable.Range(0, bands).Select(m =>
            {
                var (left, center, right) = (MelAt(m), MelAt(m + 1), MelAt(m + 2));
                var sum = 0.0;
                for (var k = 0; k < Fft / 2; k++)
                {
                    var mel = HtkMel(k * 16000.0 / Fft);
                    sum += mel <= left || mel >= right ? 0
                        : power[k] * (mel <= center ? (mel - left) / (center - left) : (right - mel) / (right - center));
                }

                return Math.Log(Math.Max(sum, 1.1920928955078125e-7));
            }).ToArray();
            return Enumerable.Range(0, count).Select(i => i == 0
                ? energy
                : Dct(logs, i) * Math.Sqrt(2.0 / bands) * (1 + (11 * Math.Sin(Math.PI * i / 22))));
        })];
    }

    /// <summary>tf.signal.mfccs_from_log_mel_spectrograms of ln(mel + 1e-6), mel from magnitudes of tf.signal.stft.</summary>
    public static double[] TensorFlowMfcc(float[] y, int rate, int frame, int hop, int bands, double low, double high, int count) =>
        [.. Enumerable.Range(0, 1 + ((y.Length - frame) / hop)).SelectMany(t =>
        {
            var power = Power([.. Enumerable.Range(0, frame).Select(n => y[(t * hop) + n] * HannOf(n, frame))], frame);
            double MelAt(int m) => HtkMel(low) + ((HtkMel(high) - HtkMel(low)) * m / (bands + 1));
            var logs = Enumerable.Range(0, bands).Select(m => Math.Log(1e-6 + Enumerable.Range(1, power.Length - 1).Sum(k =>
            {
                var mel = HtkMel((double)k * rate / frame);
                var lower = (mel - MelAt(m)) / (MelAt(m + 1) - MelAt(m));
                var upper = (MelAt(m + 2) - mel) / (MelAt(m + 2) - MelAt(m + 1));
                return Math.Sqrt(power[k]) * Math.Max(0, Math.Min(lower, upper));
            }))).ToArray();
            return Enumerable.Range(0, count).Select(i => 2 * Dct(logs, i) / Math.Sqrt(2 * bands));
        })];

    /// <summary>|X|^2 of a frame with zeros after it.</summary>
    public static double[] Power(double[] frame, int fft) => [.. Enumerable.Range(0, (fft / 2) + 1).Select(k =>
    {
        var (re, im) = (0.0, 0.0);
        for (var n = 0; n < Math.Min(frame.Length, fft); n++)
        {
            var angle = -2 * Math.PI * ((long)k * n % fft) / fft;
            (re, im) = (re + (frame[n] * Math.Cos(angle)), im + (frame[n] * Math.Sin(angle)));
        }

        return (re * re) + (im * im);
    })];

    private static double Dct(double[] x, int i) => x.Select((v, n) => v * Math.Cos(Math.PI * i * ((2 * n) + 1) / (2 * x.Length))).Sum();

    private static double HannOf(int n, int length) => 0.5 - (0.5 * Math.Cos(2 * Math.PI * n / length));

    private static double HtkMel(double f) => 1127 * Math.Log(1 + (f / 700));

    private static double LibrosaMel(double f) => f >= 1000 ? 15 + (Math.Log(f / 1000) * 27 / Math.Log(6.4)) : f * 3 / 200;

    private static double LibrosaHertz(double mel) => mel >= 15 ? 1000 * Math.Exp((mel - 15) * Math.Log(6.4) / 27) : mel * 200 / 3;
}
