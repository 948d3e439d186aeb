namespace RnnCodegen;

/// <summary>An engine that can keep what an update reads and writes on its own side.</summary>
internal interface ITrainingEngine
{
    /// <summary>What computes, in a few words.</summary>
    string Device { get; }

    /// <summary>Takes a training over, whose last model is this engine's.</summary>
    /// <param name="plan">What is trained.</param>
    /// <param name="reason">Why it cannot, as the end of a sentence; empty where it can.</param>
    /// <returns>The training; null where loss, optimizer or memory are not to be had there.</returns>
    IDeviceTraining? TryCreateTraining(in DeviceTrainingPlan plan, out string reason);
}

/// <summary>What a device is asked to train.</summary>
/// <param name="Trainees">
/// The models, in the order in which they compute: one, or an encoder and a decoder. Optimizers know the parameters.
/// </param>
/// <param name="Loss">The loss of the last one's outputs.</param>
/// <param name="Rows">Most output rows of a batch.</param>
/// <param name="Samples">Most samples of a batch.</param>
/// <param name="Labels">Most labels of a sample, where targets are labels.</param>
/// <param name="AddsUp">Whether an update can have several batches.</param>
internal readonly record struct DeviceTrainingPlan(
    IReadOnlyList<Trainee> Trainees, Loss Loss, int Rows, int Samples, int Labels, bool AddsUp);

/// <summary>What one model reads of a batch.</summary>
internal readonly ref struct DeviceRows
{
    /// <param name="input">The input, checked.</param>
    /// <param name="tape">Says T, B and dropout; holds what is computed.</param>
    /// <param name="lengths">Valid steps of each sample [B]; all where empty.</param>
    public DeviceRows(ModelInput input, Tape tape, ReadOnlySpan<int> lengths)
    {
        Input = input;
        Tape = tape;
        Lengths = lengths;
    }

    public ModelInput Input { get; }

    public Tape Tape { get; }

    public ReadOnlySpan<int> Lengths { get; }
}

/// <summary>
/// The updates of one training on an engine's side: what crosses over are a batch's inputs and targets, and a few numbers. Parameters and
/// optimizer state stay there until someone on the host asks for them, and come back when it is disposed.
/// </summary>
internal interface IDeviceTraining : IValueHolder, IDisposable
{
    /// <summary>Forward, loss and Backward of a batch of one model. Its gradients stay on the device.</summary>
    /// <param name="rows">What the model reads.</param>
    /// <param name="initial">State before the first step; the model's start where null.</param>
    /// <param name="final">Receives the state after the last valid step; may be the initial one.</param>
    /// <param name="targets">Targets that the loss' divisor has checked, of the output's last rows.</param>
    /// <param name="shape">Sizes, lengths and weights of these rows.</param>
    /// <param name="divisor">What the gradient is divided by; 0 where nothing counts.</param>
    /// <returns>The sum of the batch's losses, not divided.</returns>
    double Train(
        in DeviceRows rows, ModelState? initial, ModelState? final, LossTargets targets, LossShape shape, double divisor);

    /// <summary>
    /// The same of an encoder and a decoder: the encoder's final state is the decoder's initial one, its outputs are what the decoder
    /// attends to, if it does, and their gradients go back the same way.
    /// </summary>
    /// <param name="source">What the encoder reads.</param>
    /// <param name="target">What the decoder reads.</param>
    /// <param name="encodedLengths">Valid outputs of the encoder of each sample [B]; all where empty.</param>
    /// <param name="targets">Targets of the decoder's outputs, that the loss' divisor has checked.</param>
    /// <param name="shape">Sizes, lengths and weights of these outputs.</param>
    /// <param name="divisor">What the gradient is divided by; 0 where nothing counts.</param>
    /// <returns>The sum of the batch's losses, not divided.</returns>
    double Train(
        in DeviceRows source, in DeviceRows target, ReadOnlySpan<int> encodedLengths, LossTargets targets, LossShape shape,
        double divisor);

    /// <summary>Forgets the batches that were added up.</summary>
    void ClearSums();

    /// <summary>Adds the last batch's gradients, but for those of frozen parameters, to those of its update.</summary>
    /// <returns>Whether they are finite; nothing was added where they are not.</returns>
    bool AddToSums();

    /// <summary>
    /// Clips the gradients of all models together and steps each optimizer. Where the norm is not finite nothing was changed. Frozen
    /// parameters have no gradients.
    /// </summary>
    /// <param name="divisor">What the sums of an update's batches are divided by; 0 where the last batch is alone.</param>
    /// <param name="clipNorm">Largest global norm.</param>
    /// <param name="clipValue">Largest magnitude of an element, after that.</param>
    /// <returns>The norm before clipping, and whether all new values are finite.</returns>
    (float Norm, bool IsFinite) Step(double divisor, float clipNorm, float clipValue);

    /// <summary>Makes the parameters what they were before the last step; the optimizers' state stays.</summary>
    void TakeBack();

    /// <summary>Reads the last model's outputs of the last batch.</summary>
    void ReadOutput(Span<float> output);

    /// <summary>Reads a model's gradients: the last batch's, or the update's.</summary>
    /// <param name="model">Its place among the models.</param>
    /// <param name="gradients">Receives them.</param>
    void ReadGradients(int model, Span<float> gradients);
}
