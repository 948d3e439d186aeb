namespace RnnCodegen;

/// <summary>A mean of batches' losses in which all that counts has its weight.</summary>
internal struct LossMean
{
    public double Sum { get; set; }

    public double Weight { get; set; }

    /// <summary>The mean; 0 where nothing counted.</summary>
    public readonly float Value => (float)(Weight > 0 ? Sum / Weight : 0);

    /// <summary>Adds a batch's sum of losses and what it counts.</summary>
    public void Add(double sum, double weight) => (Sum, Weight) = (Sum + sum, Weight + weight);
}
