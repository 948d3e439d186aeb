namespace RnnCodegen.Signal;

/// <summary>How coefficients of a cepstrum are scaled. M is the number of bands.</summary>
public enum CepstrumScale
{
    /// <summary>
    /// The orthonormal DCT-II: sqrt(1 / M) for the first coefficient and sqrt(2 / M) for the others. librosa's, Kaldi's and sonopy's.
    /// </summary>
    Orthonormal,

    /// <summary>sqrt(2 / M) for all: TensorFlow's.</summary>
    TensorFlow,
}

/// <summary>The first coefficients of a DCT-II over the logarithms of bands.</summary>
internal sealed class Cepstrum
{
    private readonly double[][] _rows;

    /// <param name="bands">Bands M.</param>
    /// <param name="count">Coefficients.</param>
    /// <param name="scale">Their scale.</param>
    /// <param name="lifter">Q of 1 + Q / 2 sin(pi i / Q), which each is multiplied by; 0 for none.</param>
    public Cepstrum(int bands, int count, CepstrumScale scale, double lifter) =>
        _rows = [.. Enumerable.Range(0, count).Select(i =>
        {
            var factor = Math.Sqrt((i == 0 && scale == CepstrumScale.Orthonormal ? 1.0 : 2.0) / bands)
                * (lifter == 0 ? 1 : 1 + (lifter / 2 * Math.Sin(Math.PI * i / lifter)));
            return Enumerable.Range(0, bands).Select(m => factor * Math.Cos(Math.PI * i * (m + 0.5) / bands)).ToArray();
        })];

    public void Apply(ReadOnlySpan<double> bands, Span<float> coefficients)
    {
        for (var i = 0; i < _rows.Length; i++)
        {
            var (row, sum) = (_rows[i], 0.0);
            for (var m = 0; m < row.Length; m++)
            {
                sum += row[m] * bands[m];
            }

            coefficients[i] = (float)sum;
        }
    }
}
