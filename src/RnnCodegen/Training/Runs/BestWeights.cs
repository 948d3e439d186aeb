namespace RnnCodegen;

/// <summary>The best validation so far, its weights, and how long ago it was.</summary>
internal sealed class BestWeights(EarlyStopping settings, ParameterSet[] weights)
{
    /// <summary>The weights of each model; meaningful once there is a best validation.</summary>
    public ParameterSet[] Weights { get; } = weights;

    /// <summary>The monitored value of the best validation; not a number before the first.</summary>
    public double Value { get; set; } = double.NaN;

    /// <summary>The epoch of the best validation, from 1; 0 before the first.</summary>
    public int Epoch { get; set; }

    /// <summary>The updates done at the best validation.</summary>
    public long Update { get; set; }

    /// <summary>The validation loss at the best validation.</summary>
    public float Loss { get; set; }

    /// <summary>The metrics of the best validation; none before the first.</summary>
    public MetricValue[] Metrics { get; set; } = [];

    /// <summary>Validations since the best one.</summary>
    public int Waited { get; set; }

    public bool IsOutOfPatience => Waited >= settings.Patience;

    /// <summary>Takes the weights where a value is better than the best; a value that is not a number never is.</summary>
    /// <param name="value">The monitored value.</param>
    /// <param name="parameters">The weights it was computed with.</param>
    /// <param name="state">The training's state, with this validation's loss and metrics.</param>
    public void Add(double value, ParameterSet[] parameters, TrainingState state)
    {
        var gain = settings.Monitor is { HigherIsBetter: true } ? value - Value : Value - value;
        if (double.IsNaN(value) || (Epoch > 0 && !(gain > settings.MinDelta)))
        {
            Waited++;
            return;
        }

        Copy(parameters, Weights);
        (Value, Epoch, Update, Waited) = (value, state.Epoch + 1, state.Update, 0);
        (Loss, Metrics) = (state.ValidationLosses[^1], state.Metrics);
    }

    /// <summary>Puts the weights back.</summary>
    public void CopyTo(ParameterSet[] parameters) => Copy(Weights, parameters);

    private static void Copy(ParameterSet[] from, ParameterSet[] to)
    {
        for (var i = 0; i < to.Length; i++)
        {
            to[i].CopyFrom(from[i]);
        }
    }
}
