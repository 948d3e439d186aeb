namespace RnnCodegen;

/// <summary>The best validation so far, its weights, and how long ago it was.</summary>
internal sealed class BestWeights(EarlyStopping settings, ParameterSet weights)
{
    /// <summary>The weights; meaningful once there is a best validation.</summary>
    public ParameterSet Weights { get; } = weights;

    /// <summary>The monitored value of the best validation; not a number before the first.</summary>
    public double Value { get; set; } = double.NaN;

    /// <summary>The epoch of the best validation, from 1; 0 before the first.</summary>
    public int Epoch { get; set; }

    /// <summary>The updates done at the best validation.</summary>
    public long Update { get; set; }

    /// <summary>Validations since the best one.</summary>
    public int Waited { get; set; }

    public bool IsOutOfPatience => Waited >= settings.Patience;

    /// <summary>Takes the weights where a value is better than the best; a value that is not a number never is.</summary>
    public void Add(double value, ParameterSet parameters, int epoch, long update)
    {
        var gain = settings.Monitor is { HigherIsBetter: true } ? value - Value : Value - value;
        if (double.IsNaN(value) || (Epoch > 0 && !(gain > settings.MinDelta)))
        {
            Waited++;
            return;
        }

        Weights.CopyFrom(parameters);
        (Value, Epoch, Update, Waited) = (value, epoch, update, 0);
    }
}
