using RnnCodegen;

namespace LstmVsGru;

/// <summary>Which of the models fit a problem.</summary>
internal enum Shape
{
    /// <summary>8 numbers in and 8 out, each step.</summary>
    Rows,

    /// <summary>A character in, the scores of the next one out.</summary>
    Text,

    /// <summary>Words in, one number at the end.</summary>
    Words,
}

/// <summary>Samples to train with, to choose an epoch by, and to judge by.</summary>
internal sealed record ProblemData(TrainingSet Training, TrainingSet Validation, TrainingSet Test);

/// <summary>What a trained model did on the samples to judge by.</summary>
/// <param name="Loss">The mean loss.</param>
/// <param name="Metric">The problem's metric; not a number where it has none.</param>
/// <param name="Predict">All outputs.</param>
internal sealed record Judged(double Loss, double Metric, Func<Predictions> Predict);

/// <summary>A question that is put to every cell, with as much training for each.</summary>
internal abstract class Problem
{
    /// <summary>Numbers that a model of rows reads and writes each step; what a problem does not need of them is 0.</summary>
    public const int Width = 8;

    /// <summary>What is asked, without its size.</summary>
    public abstract string Family { get; }

    /// <summary>The size, e.g. a lag; null where there is one only.</summary>
    public virtual int? Size => null;

    /// <summary>Name in the results.</summary>
    public string Name => Size is { } size ? $"{Family} {size}" : Family;

    /// <summary>Which models fit.</summary>
    public virtual Shape Shape => Shape.Rows;

    /// <summary>What is minimised.</summary>
    public abstract Loss Loss { get; }

    /// <summary>What the score is.</summary>
    public abstract string Score { get; }

    /// <summary>Whether more of the score is better.</summary>
    public abstract bool HigherIsBetter { get; }

    /// <summary>Writes a score.</summary>
    public virtual string Format(double score) => score.ToString("F3", System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>What a score has to be compared with, e.g. that of a guess.</summary>
    public abstract string Beside { get; }

    /// <summary>Most epochs.</summary>
    public required int Epochs { get; init; }

    /// <summary>Samples a batch.</summary>
    public int BatchSize { get; init; } = 32;

    /// <summary>Epochs without a better one after which a training ends.</summary>
    public int Patience { get; init; } = int.MaxValue;

    /// <summary>Validation loss at which the problem counts as learned, and training ends; null where there is none.</summary>
    public virtual float? Learned => null;

    /// <summary>A new metric; null where the loss is enough.</summary>
    public virtual Metric? CreateMetric() => null;

    /// <summary>The data. Equal seeds give equal data; samples to judge by are the same for all seeds, unless data are few.</summary>
    public abstract ProblemData Create(int seed);

    /// <summary>The score, and what else is to be told beside it.</summary>
    public virtual (double Score, IReadOnlyList<MetricValue> More) Judge(Judged judged) =>
        (double.IsNaN(judged.Metric) ? judged.Loss : judged.Metric, []);
}
