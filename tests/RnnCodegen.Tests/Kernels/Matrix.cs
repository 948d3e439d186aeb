using Xunit;

namespace RnnCodegen.Tests;

/// <summary>
/// Rows of floats with a stride, pinned for pointer-based kernels; the gaps hold a marker, so that a kernel that writes past its
/// columns is caught by <see cref="CheckGaps"/>.
/// </summary>
internal sealed unsafe class Matrix
{
    private const float Marker = 12345f;
    private readonly float[] values;
    private readonly int rows;
    private readonly int width;

    public Matrix(int rows, int width, int stride, Func<int, int, float> value)
    {
        (this.rows, this.width, Stride) = (rows, width, stride);
        values = GC.AllocateArray<float>(Math.Max(1, rows * stride), pinned: true);
        Array.Fill(values, Marker);
        for (int r = 0; r < rows; r++)
        {
            for (int c = 0; c < width; c++)
            {
                this[r, c] = value(r, c);
            }
        }
    }

    public int Stride { get; }

    public float* Pointer => (float*)System.Runtime.CompilerServices.Unsafe.AsPointer(ref values[0]);

    public ref float this[int row, int column] => ref values[row * Stride + column];

    public static Matrix Random(int seed, int rows, int width, int stride, float scale = 1f)
    {
        var random = new Random(seed);
        return new Matrix(rows, width, stride, (_, _) => (random.NextSingle() * 2 - 1) * scale);
    }

    public static Matrix Zeros(int rows, int width, int stride) => new(rows, width, stride, (_, _) => 0f);

    public Matrix Clone() => new(rows, width, Stride, (r, c) => this[r, c]);

    public void CheckRelative(Func<int, int, double> expected, double tolerance)
    {
        for (int r = 0; r < rows; r++)
        {
            for (int c = 0; c < width; c++)
            {
                double e = expected(r, c);
                Assert.True(Math.Abs(this[r, c] - e) <= tolerance * Math.Abs(e),
                    $"[{r}, {c}]: {this[r, c]:g9}, expected {e:g9}, off by {(this[r, c] / e) - 1:g3}");
            }
        }

        CheckGaps();
    }

    public void CheckEach(Func<int, int, double> expected, double tolerance)
    {
        for (int r = 0; r < rows; r++)
        {
            for (int c = 0; c < width; c++)
            {
                double e = expected(r, c);
                if (!(Math.Abs(this[r, c] - e) <= tolerance))
                {
                    Assert.Fail($"[{r}, {c}] of [{rows}, {width}], stride {Stride}: {this[r, c]:g9}, expected {e:g9} within {tolerance}");
                }
            }
        }

        CheckGaps();
    }

    private void CheckGaps()
    {
        for (int i = 0; i < values.Length; i++)
        {
            if (i % Stride >= width && values[i] != Marker)
            {
                Assert.Fail($"The gap behind row {i / Stride} was written: {values[i]:g9}.");
            }
        }
    }
}
