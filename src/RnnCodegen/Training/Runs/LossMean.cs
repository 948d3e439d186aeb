namespace RnnCodegen;

/// <summary>
/// A mean of batches' losses in which all that counts has its weight. Both sums are doubles: n numbers that are not negative are added up
/// to within n 2^-53 of their sum, 1.1e-7 of it for 10^9 of them, and what a batch's own sum is off by comes on top in the same way.
/// </summary>
internal struct LossMean
{
    public double Sum { get; set; }

    public double Weight { get; set; }

    /// <summary>The mean; 0 where nothing counted.</summary>
    public readonly float Value => (float)(Weight > 0 ? Sum / Weight : 0);

    /// <summary>Adds a batch's sum of losses and what it counts.</summary>
    public void Add(double sum, double weight) => (Sum, Weight) = (Sum + sum, Weight + weight);
}
