namespace RnnCodegen.Runtime;

/// <summary>Pools rows of windows, as <see cref="TimeWindows"/> lays them out: of each feature's values one remains.</summary>
public static unsafe class WindowPool
{
    /// <summary>Pools each row.</summary>
    /// <param name="pooling">Mean or maximum.</param>
    /// <param name="x">Rows of windows, size values per feature.</param>
    /// <param name="xStride">Floats from one row of x to the next.</param>
    /// <param name="size">Steps of a window.</param>
    /// <param name="y">Receives the rows of <paramref name="width"/> features.</param>
    /// <param name="yStride">Floats from one row of y to the next.</param>
    /// <param name="rows">Rows.</param>
    /// <param name="width">Features.</param>
    public static void Forward(Pooling pooling, float* x, nint xStride, int size, float* y, nint yStride, nint rows, nint width)
    {
        for (; rows > 0; rows--, x += xStride, y += yStride)
        {
            for (nint i = 0; i < width; i++)
            {
                var values = x + (i * size);
                if (pooling == Pooling.Max)
                {
                    y[i] = values[0];
                    for (var j = 1; j < size; j++)
                    {
                        y[i] = MathF.Max(y[i], values[j]);
                    }

                    continue;
                }

                // In double, as windows may be thousands of steps.
                var sum = 0.0;
                for (var j = 0; j < size; j++)
                {
                    sum += values[j];
                }

                y[i] = (float)(sum / size);
            }
        }
    }

    /// <summary>The gradient of <see cref="Forward"/>; a maximum's goes to the first of equal values.</summary>
    /// <param name="pooling">Mean or maximum.</param>
    /// <param name="dy">Gradient of the pooled rows.</param>
    /// <param name="dyStride">Floats from one row of dy to the next.</param>
    /// <param name="x">Forward's input.</param>
    /// <param name="dx">Receives the gradient of x; what is behind a row's end becomes zero.</param>
    /// <param name="xStride">Floats from one row of x, and of dx, to the next.</param>
    /// <param name="size">Steps of a window.</param>
    /// <param name="rows">Rows.</param>
    /// <param name="width">Features.</param>
    public static void Backward(
        Pooling pooling, float* dy, nint dyStride, float* x, float* dx, nint xStride, int size, nint rows, nint width)
    {
        for (; rows > 0; rows--, dy += dyStride, x += xStride, dx += xStride)
        {
            new Span<float>(dx, (int)xStride).Clear();
            for (nint i = 0; i < width; i++)
            {
                var gradient = new Span<float>(dx + (i * size), size);
                if (pooling == Pooling.Max)
                {
                    gradient[System.Numerics.Tensors.TensorPrimitives.IndexOfMax(new ReadOnlySpan<float>(x + (i * size), size))] = dy[i];
                }
                else
                {
                    gradient.Fill(dy[i] / size);
                }
            }
        }
    }
}
