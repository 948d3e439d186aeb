namespace RnnCodegen;

/// <content>What is looked at once before anything is computed: each input, and each target that counts.</content>
public sealed partial class TrainingSet
{
    /// <summary>Refuses a set that a model, loss or metric cannot take, or that they would make something of that is not finite.</summary>
    internal void Check(ModelDefinition model, Loss loss, string argument, IReadOnlyList<Metric>? metrics = null)
    {
        CheckInput(model, argument);
        if (TargetKind is null)
        {
            throw new ArgumentException("The set's samples have no targets: they can be predicted with, and nothing else.", argument);
        }

        if (TargetKind != loss.TargetKind)
        {
            throw new ArgumentException(
                $"The set's targets are {Loss.Describe(TargetKind.Value)}, but the loss takes {Loss.Describe(loss.TargetKind)}.",
                argument);
        }

        if (loss.FindFault(model.OutputSize) is { } fault)
        {
            throw new ArgumentException($"The loss does not fit {model.Name}: {fault}", argument);
        }

        if (loss.FindFault(model) is { } misfit)
        {
            throw new ArgumentException(misfit, argument);
        }

        var counted = false;
        for (var i = 0; i < Count; i++)
        {
            counted |= CheckTarget(i, model, loss, argument, metrics ?? []) > 0;
        }

        if (!counted)
        {
            throw new ArgumentException(
                $"No target of the set counts in the loss, which is over {loss.Window}: all else is ignored, of weight 0, or not in " +
                $"that window{(loss.TargetKind == RnnCodegen.TargetKind.Labels ? ", or has more labels than its steps can say" : "")}.",
                argument);
        }
    }

    /// <summary>Refuses a set without samples, or with inputs that a model cannot take.</summary>
    internal void CheckInput(ModelDefinition model, string argument)
    {
        if (Count == 0)
        {
            throw new ArgumentException("The set has no samples.", argument);
        }

        if (_inputSize != model.InputSize)
        {
            throw new ArgumentException(
                $"The set has {DescribeInput(_inputSize)}, but {model.Name} takes {DescribeInput(model.InputSize)}.", argument);
        }

        for (var i = 0; i < Count; i++)
        {
            var (sample, vocabulary) = (_samples[i], model.Vocabulary);
            if (sample.Steps < model.LeastSteps)
            {
                throw new ArgumentException(
                    $"Sample {i} has {sample.Steps} steps, but {model.Name} needs at least {model.LeastSteps}.", argument);
            }

            if (sample.Tokens.Span.IndexOfAnyExceptInRange(0, vocabulary - 1) is >= 0 and var bad)
            {
                throw new ArgumentException(
                    $"Token {sample.Tokens.Span[bad]} at position {bad} of sample {i} is not from 0 to {vocabulary - 1}.", argument);
            }

            // Also of samples that do not count: what is not a number would reach the weights' gradients all the same.
            if (GradientGuard.IndexOfBad(sample.Rows.Span) is >= 0 and var place)
            {
                throw new ArgumentException(
                    FormattableString.Invariant(
                        $"The input of sample {i} is not finite: feature {place % _inputSize} at step {place / _inputSize} ") +
                    FormattableString.Invariant($"is {sample.Rows.Span[place]}; replace it, or leave the sample out."),
                    argument);
            }

            CheckCategories(model, i, argument);
        }
    }

    private void CheckCategories(ModelDefinition model, int index, string argument)
    {
        var rows = _samples[index].Rows.Span;
        foreach (var category in model.Categories)
        {
            for (var place = category.Column; place < rows.Length; place += _inputSize)
            {
                if (!ModelChecks.IsId(rows[place], category))
                {
                    throw new ArgumentException(
                        ModelChecks.DescribeId(model, category, rows[place], $"step {place / _inputSize} of sample {index}"), argument);
                }
            }
        }
    }

    private static string DescribeInput(int inputSize) => inputSize == 0 ? "tokens" : $"rows of {inputSize} features";

    /// <summary>Refuses a target that does not fit; returns what the sample counts in the loss.</summary>
    private double CheckTarget(int index, ModelDefinition model, Loss loss, string argument, IReadOnlyList<Metric> metrics)
    {
        var sample = _samples[index];
        var rows = (int)model.OutputRows(sample.Steps, 1);
        long width = loss.TargetKind == RnnCodegen.TargetKind.Values ? loss.TargetWidth(model.OutputSize) : 1;
        var length = loss.TargetKind == RnnCodegen.TargetKind.Values ? sample.Values.Length : sample.Ids.Length;
        if (loss.TargetKind != RnnCodegen.TargetKind.Labels && length != rows * width)
        {
            throw new ArgumentException(
                $"Sample {index} of {sample.Steps} steps has {length} target elements, but {model.Name} and the loss need {rows * width}.",
                argument);
        }

        if (!sample.StepWeights.IsEmpty && sample.StepWeights.Length != rows)
        {
            throw new ArgumentException(
                $"Sample {index} has {sample.StepWeights.Length} weights of steps, but {model.Name} makes {rows} output rows of it.",
                argument);
        }

        ReadOnlySpan<int> labelLengths = [sample.Ids.Length];
        ReadOnlySpan<float> weights = [sample.Weight];
        var shape = new LossShape(rows, 1, model.OutputSize)
        {
            SampleWeights = weights, StepWeights = sample.StepWeights.Span, FirstSample = index, Window = loss.Window,
        };
        var target = loss.TargetKind switch
        {
            RnnCodegen.TargetKind.Values => new LossTargets(sample.Values.Span),
            RnnCodegen.TargetKind.Classes => new LossTargets(sample.Ids.Span),
            _ => new LossTargets(sample.Ids.Span, labelLengths),
        };
        if (loss.FindFault(target, shape) is { } bad)
        {
            throw new ArgumentException(bad, argument);
        }

        _ = loss.Divisor(target, shape);
        if (loss.FindEndless(target, shape) is { } endless)
        {
            var made = rows == sample.Steps ? "" : $" {model.Name} makes {rows} output steps of the sample's {sample.Steps}.";
            throw new ArgumentException(endless + made, argument);
        }

        for (var m = 0; m < metrics.Count; m++)
        {
            if (metrics[m].FindFault(target, shape) is { } fault)
            {
                throw new ArgumentException(fault, argument);
            }
        }

        return loss.Count(target, shape);
    }
}
