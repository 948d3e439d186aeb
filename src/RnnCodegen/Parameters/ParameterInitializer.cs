namespace RnnCodegen;

/// <summary>Draws the starting values of parameters.</summary>
public static class ParameterInitializer
{
    private const float EmbeddingLimit = 0.05f;
    private const float PReluSlope = 0.25f;

    /// <summary>Overwrites all values; equal seeds give equal values on every platform.</summary>
    /// <param name="parameters">The parameters.</param>
    /// <param name="initialization">The distributions.</param>
    /// <param name="seed">Any number.</param>
    /// <exception cref="ArgumentOutOfRangeException">The initialization is not a member of the enum.</exception>
    public static void Initialize(ParameterSet parameters, Initialization initialization, int seed)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        Action<ParameterInfo, Span<float>, SeededRandom> initialize = initialization switch
        {
            Initialization.PyTorch => PyTorch,
            Initialization.GlorotOrthogonal => GlorotOrthogonal,
            _ => throw new ArgumentOutOfRangeException(nameof(initialization), initialization, "Use one of the enum's values."),
        };

        var random = new SeededRandom((ulong)seed);
        foreach (var tensor in parameters.Tensors)
        {
            initialize(tensor.Info, tensor.Edit(), random);
        }
    }

    private static void PyTorch(ParameterInfo info, Span<float> values, SeededRandom random)
    {
        switch (info.Role)
        {
            case ParameterRole.EmbeddingTable:
                foreach (ref var value in values)
                {
                    value = (float)random.NextNormal();
                }

                break;
            case ParameterRole.NormScale or ParameterRole.AffineScale:
                values.Fill(1);
                break;
            case ParameterRole.NormShift or ParameterRole.AffineShift or ParameterRole.InitialState:
                values.Clear();
                break;
            case ParameterRole.PReluSlope:
                values.Fill(PReluSlope);
                break;
            default:
                Uniform(values, 1 / Math.Sqrt(info.FanIn), random);
                break;
        }
    }

    private static void GlorotOrthogonal(ParameterInfo info, Span<float> values, SeededRandom random)
    {
        switch (info.Role)
        {
            case ParameterRole.InputWeight or ParameterRole.ProjectionWeight or ParameterRole.DenseWeight:
                Uniform(values, Math.Sqrt(6.0 / (info.Rows + info.Columns)), random);
                break;
            case ParameterRole.HiddenWeight:
                OrthogonalMatrix.Fill(values, info.Rows, info.Columns, random);
                break;
            case ParameterRole.EmbeddingTable:
                Uniform(values, EmbeddingLimit, random);
                break;
            case ParameterRole.NormScale or ParameterRole.AffineScale:
                values.Fill(1);
                break;
            case ParameterRole.InputBias when info.ForgetOffset >= 0:
                values.Clear();
                values.Slice(info.ForgetOffset, info.ForgetLength).Fill(1);
                break;
            default:
                values.Clear();
                break;
        }
    }

    private static void Uniform(Span<float> values, double limit, SeededRandom random)
    {
        foreach (ref var value in values)
        {
            value = (float)(limit * ((2 * random.NextDouble()) - 1));
        }
    }
}
