#if RNN_GENERATOR
using RnnCodegen.Generators.Specs;

#endif
namespace RnnCodegen;

/// <summary>
/// Which models a loss can train: one table for the trainers and for the check at build, which share no types and meet by the names of the
/// losses and of the members of <c>OutputTransform</c> and <c>Activation</c>.
/// </summary>
internal sealed class LossFit
{
    private const string None = "None";
    private const string Sigmoid = "Sigmoid";
    private const string Softmax = "Softmax";

    private LossFit(Reason reason, string text) => (Why, Text) = (reason, text);

    /// <summary>What does not fit.</summary>
    public enum Reason
    {
        /// <summary>Inference makes something of the outputs that the loss does not know of.</summary>
        Transform,

        /// <summary>The loss takes logits, and the last layer's activation is no such thing.</summary>
        Activation,

        /// <summary>The loss compares outputs with one another, and there is only one.</summary>
        OneOutput,

        /// <summary>It can be trained, but hardly to what is wanted.</summary>
        Doubtful,
    }

    /// <summary>What does not fit.</summary>
    public Reason Why { get; }

    /// <summary>The whole finding, with its cure.</summary>
    public string Text { get; }

    /// <summary>Whether the model can be trained all the same.</summary>
    public bool IsDoubt => Why == Reason.Doubtful;

    /// <summary>What speaks against a loss for a model, or null; also null for losses that are not in the table.</summary>
    /// <param name="loss">Name of the loss' class.</param>
    /// <param name="model">Name of the model's class.</param>
    /// <param name="output">The model's output transform.</param>
    /// <param name="activation">The activation its outputs come from; <c>Linear</c> where there is none.</param>
    /// <param name="outputs">Features of an output row.</param>
    public static LossFit? Find(string loss, string model, string output, string activation, int outputs)
    {
        if (Applied(loss) is not { } applied)
        {
            return null;
        }

        if (applied == Softmax && outputs == 1)
        {
            return new LossFit(Reason.OneOutput,
                $"{loss} compares the outputs of a row with one another, but {model} has one output, so the loss is always 0: " +
                (loss == "CtcLoss"
                    ? "give the last layer an output for the blank and one for each label"
                    : "train with BinaryCrossEntropyLoss, with targets from 0 to 1, or give the last layer one output per class"));
        }

        if (!Knows(applied, output))
        {
            return new LossFit(Reason.Transform,
                $"{loss} {Does(applied)} the outputs of {model} before its output transform, but Run and Step apply {output} to them, " +
                    $"so one function would be trained and another one run: {TransformCure(loss, applied, output)}");
        }

        return applied == None ? null : FindActivation(loss, model, applied, activation);
    }

    /// <summary>What speaks against an output transform over an activation, or null.</summary>
    /// <param name="output">The output transform.</param>
    /// <param name="activation">The activation below it.</param>
    public static string? FindDoubled(string output, string activation) => output == None || !IsProbability(activation)
        ? null
        : output == Sigmoid
            ? $"sigmoids of what {activation} has brought to 0 to 1 are never below 0.5 nor above 0.74"
            : $"{output} of what {activation} has brought to 0 to 1 never makes one output more than e times as likely as another";

    /// <summary>Whether an activation's values are from 0 to 1.</summary>
    public static bool IsProbability(string activation) => ActivationRange.IsShare(activation);

    /// <summary>Whether a number that is computed from the outputs as they are is one of what inference gives.</summary>
    /// <param name="output">The output transform.</param>
    public static bool IsPlain(string output) => Knows(None, output);

    /// <summary>What a loss applies to the outputs before it compares; null for losses that are not known.</summary>
    private static string? Applied(string loss) => loss switch
    {
        "MeanSquaredErrorLoss" or "MeanAbsoluteErrorLoss" or "HuberLoss" or "QuantileLoss" => None,
        "BinaryCrossEntropyLoss" => Sigmoid,
        "CrossEntropyLoss" or "CtcLoss" => Softmax,
        _ => null,
    };

    /// <summary>
    /// Whether inference computes what is trained where the loss applies one
    /// thing and inference another. No transform leaves logits to the caller.
    /// </summary>
    private static bool Knows(string applied, string output) => output == None || output == applied
        || (applied == Softmax && output == "LogSoftmax");

    private static LossFit? FindActivation(string loss, string model, string applied, string activation)
    {
        var function = applied.ToLowerInvariant();
        var cure = "remove the activation, or put a Dense layer without one behind a recurrent layer, and set " +
            $"Output = OutputTransform.{(loss == "CtcLoss" ? "LogSoftmax" : applied)} where Run and Step should give probabilities";
        var takes = $"{loss} takes logits and applies {function} itself, but the outputs of {model} come from the activation {activation}";
        if (IsProbability(activation))
        {
            return new LossFit(Reason.Activation, $"{takes}, which is squashed already: {cure}");
        }

        var (lowest, highest) = ActivationRange.Of(activation);
        if (applied == Sigmoid && lowest == 0)
        {
            return new LossFit(Reason.Activation, $"{takes}, which is never negative, so that no output could say no: {cure}");
        }

        return !double.IsInfinity(lowest) || !double.IsInfinity(highest)
            ? new LossFit(Reason.Doubtful, $"{takes}, whose bound keeps the model from being sure: {cure}")
            : null;
    }

    private static string Does(string applied) => applied == None ? "compares" : $"applies {applied.ToLowerInvariant()} itself to";

    private static string TransformCure(string loss, string applied, string output)
    {
        if (applied != None)
        {
            var other = applied == Sigmoid ? "CrossEntropyLoss, with class ids" : "BinaryCrossEntropyLoss, with targets from 0 to 1";
            return $"set Output = OutputTransform.{(loss == "CtcLoss" ? "LogSoftmax" : applied)}, or none" +
                (loss == "CtcLoss" ? "" : $", or train with {other}");
        }

        return output == Sigmoid
            ? "remove the transform and end the model with [Activation(Activation.Sigmoid)], which is trained, or train with " +
                "BinaryCrossEntropyLoss, which applies the sigmoid itself"
            : "remove the transform, or train with CrossEntropyLoss and class ids, which applies the softmax itself";
    }
}
