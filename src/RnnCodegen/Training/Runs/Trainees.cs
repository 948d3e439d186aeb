using System.Numerics.Tensors;

namespace RnnCodegen;

/// <summary>The models that one run trains together, and the memory of their updates. Nothing is allocated after it was made.</summary>
internal class Trainees
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
    protected void ClearFrozen()
    {
        for (var i = 0; i < Gradients.Length; i++)
        {
            _all[i].Optimizer.ClearFrozen(Parameters[i], Gradients[i]);
        }
    }

    /// <summary>Forgets the batches that were added up.</summary>
    public virtual void ClearSums()
    {
        foreach (var sum in _sums)
        {
            sum.Clear();
        }
    }

    /// <summary>Adds one batch's gradients to those of its update.</summary>
    /// <param name="checks">Whether those that are not finite are refused.</param>
    /// <returns>The first gradient that is refused; nothing was added then.</returns>
    public virtual BadValue? AddToSums(bool checks)
    {
        ClearFrozen();
        if (checks && FindBad(Gradients) is { } bad)
        {
            return bad;
        }

        for (var i = 0; i < _sums.Length; i++)
        {
            _sums[i].Add(Gradients[i].Values);
        }

        return null;
    }

    /// <summary>Makes the gradients those of the batches that were added up, divided by what all of them count.</summary>
    public virtual void TakeSums(double divisor)
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

    /// <summary>Clips the gradients, and steps each optimizer where they are finite.</summary>
    /// <param name="settings">Limits, and the schedule of the learning rates.</param>
    /// <param name="epochs">Epochs done.</param>
    /// <returns>The gradients' norm before clipping, and whether all new values are finite.</returns>
    public virtual (float Norm, bool IsFinite) Step(TrainingSettings settings, int epochs)
    {
        ClearFrozen();
        var norm = GradientClipping.ByGlobalNorm(Gradients, settings.ClipNorm);
        if (!float.IsFinite(norm))
        {
            return (norm, false);
        }

        if (float.IsFinite(settings.ClipValue))
        {
            foreach (var set in Gradients)
            {
                GradientClipping.ByValue(set, settings.ClipValue);
            }
        }

        Keep();
        var finite = true;
        for (var i = 0; i < Parameters.Length; i++)
        {
            Schedule(settings, epochs, i);
            _all[i].Optimizer.Step(Parameters[i], Gradients[i]);
            finite &= TensorPrimitives.IsFiniteAll(Parameters[i].Values);
        }

        return (norm, finite);
    }

    /// <summary>Makes the parameters what they were before the last step.</summary>
    public virtual void TakeStepBack() => TakeBack();

    /// <summary>The first gradient that is not finite, in the order of models and layers.</summary>
    public virtual BadValue? FindBadGradient() => FindBad(Gradients);

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

    /// <summary>Gives an optimizer the schedule's factor of its learning rate.</summary>
    protected void Schedule(TrainingSettings settings, int epochs, int model)
    {
        var optimizer = _all[model].Optimizer;
        if (settings.Schedule is { } schedule)
        {
            optimizer.LearningRateFactor = schedule.FactorAt(optimizer.StepCount, epochs);
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
