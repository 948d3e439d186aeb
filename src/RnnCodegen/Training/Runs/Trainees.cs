using System.Numerics.Tensors;

namespace RnnCodegen;

/// <summary>The models that one run trains together, and the memory of their updates. Nothing is allocated after it was made.</summary>
internal sealed class Trainees
{
    private readonly IReadOnlyList<Trainee> _all;
    private readonly float[][] _before;
    private readonly GradientSum[] _sums;

    /// <param name="all">The models.</param>
    /// <param name="addsUp">Whether an update can have several batches.</param>
    public Trainees(IReadOnlyList<Trainee> all, bool addsUp)
    {
        _all = all;
        Parameters = [.. all.Select(t => t.Parameters)];
        Gradients = CreateGradients();
        _before = [.. all.Select(t => new float[t.Parameters.Count])];
        _sums = addsUp ? [.. all.Select(t => new GradientSum(t.Parameters.Count))] : [];
    }

    /// <summary>Parameters of all models.</summary>
    public int Count => Parameters.Sum(p => p.Count);

    public ParameterSet[] Parameters { get; }

    /// <summary>The gradients of the batch or update in hand.</summary>
    public ParameterSet[] Gradients { get; }

    /// <summary>The learning rate of the last update: the last model's, its schedule's factor included.</summary>
    public double LearningRate => _all[^1].Optimizer.LearningRate * _all[^1].Optimizer.LearningRateFactor;

    public ParameterSet[] CreateGradients() => [.. _all.Select(t => t.Core.CreateGradients())];

    /// <summary>Frozen parameters have no gradients.</summary>
    public void ClearFrozen()
    {
        for (var i = 0; i < Gradients.Length; i++)
        {
            _all[i].Optimizer.ClearFrozen(Parameters[i], Gradients[i]);
        }
    }

    /// <summary>Forgets the batches that were added up.</summary>
    public void ClearSums()
    {
        foreach (var sum in _sums)
        {
            sum.Clear();
        }
    }

    /// <summary>Adds one batch's gradients to those of its update.</summary>
    public void AddToSums()
    {
        for (var i = 0; i < _sums.Length; i++)
        {
            _sums[i].Add(Gradients[i].Values);
        }
    }

    /// <summary>Makes the gradients those of the batches that were added up, divided by what all of them count.</summary>
    public void TakeSums(double divisor)
    {
        for (var i = 0; i < _sums.Length; i++)
        {
            _sums[i].DivideInto(Gradients[i].Edit(), divisor);
        }
    }

    /// <summary>Multiplies all gradients.</summary>
    public void Scale(float factor)
    {
        foreach (var set in Gradients)
        {
            var gradients = set.Edit();
            TensorPrimitives.Multiply(gradients, factor, gradients);
        }
    }

    /// <summary>Limits each gradient.</summary>
    public void ClipByValue(float limit)
    {
        foreach (var set in Gradients)
        {
            GradientClipping.ByValue(set, limit);
        }
    }

    /// <summary>One step of each optimizer.</summary>
    /// <param name="schedule">Says the factor of the learning rates; null leaves them.</param>
    /// <param name="epochs">Epochs done.</param>
    /// <returns>Whether all new values are finite.</returns>
    public bool Step(LearningRateSchedule? schedule, int epochs)
    {
        Keep();
        var finite = true;
        for (var i = 0; i < Parameters.Length; i++)
        {
            var optimizer = _all[i].Optimizer;
            if (schedule is not null)
            {
                optimizer.LearningRateFactor = schedule.FactorAt(optimizer.StepCount, epochs);
            }

            optimizer.Step(Parameters[i], Gradients[i]);
            finite &= TensorPrimitives.IsFiniteAll(Parameters[i].Values);
        }

        return finite;
    }

    /// <summary>Remembers the parameters for <see cref="TakeBack"/>.</summary>
    public void Keep()
    {
        for (var i = 0; i < Parameters.Length; i++)
        {
            Parameters[i].Values.CopyTo(_before[i]);
        }
    }

    /// <summary>Makes the parameters what they were when they were kept.</summary>
    public void TakeBack()
    {
        for (var i = 0; i < Parameters.Length; i++)
        {
            _before[i].CopyTo(Parameters[i].Edit());
        }
    }

    /// <summary>The first number that is not finite, in the order of models and layers.</summary>
    /// <param name="sets">The models' parameters, or gradients.</param>
    public BadValue? FindBad(ParameterSet[] sets)
    {
        for (var i = 0; i < sets.Length; i++)
        {
            if (!TensorPrimitives.IsFiniteAll(sets[i].Values) && GradientGuard.FindBad(sets[i]) is var (tensor, index))
            {
                return new BadValue(_all[i], tensor, index);
            }
        }

        return null;
    }
}
