namespace RnnCodegen;

/// <summary>What an optimizer's learning rate is multiplied with, as training goes on.</summary>
public abstract class LearningRateSchedule
{
    private protected LearningRateSchedule()
    {
    }

    /// <summary>The factor for one update.</summary>
    /// <param name="update">Updates done before it.</param>
    /// <param name="epoch">Epochs done before it.</param>
    public abstract double FactorAt(long update, int epoch);

    /// <summary>What the factor depends on besides the counts; empty for most. Setting it continues where it was read.</summary>
    /// <exception cref="ArgumentException">The state is another schedule's.</exception>
    internal virtual double[] State
    {
        get => [];
        set => RequireState(value, 0);
    }

    /// <summary>Tells the validation's loss or metric after an epoch.</summary>
    internal virtual void Observe(double metric)
    {
    }

    /// <summary>The schedule in words that are equal for equal settings.</summary>
    internal abstract string Describe();

    private protected static void RequireState(double[] state, int length)
    {
        if (state.Length != length)
        {
            throw new ArgumentException($"The state of this schedule is {length} numbers, not {state.Length}.", nameof(state));
        }
    }
}
