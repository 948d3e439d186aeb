using System.Collections.Generic;
using RnnCodegen;

namespace Models;

/// <summary>A class library's model, with its weights in the library.</summary>
[RnnModel(InputSize = 1)]
public partial class Echo
{
    /// <summary>Remembers.</summary>
    [Lstm(8)]
    public partial LstmLayer Memory { get; }

    /// <summary>Says.</summary>
    [Dense(1)]
    public partial DenseLayer Head { get; }

    /// <summary>The outputs of a sequence, for languages without spans.</summary>
    public float[] Answer(IReadOnlyCollection<float> values)
    {
        float[] x = [.. values], y = new float[x.Length];
        Run(x, y, x.Length);
        return y;
    }
}
