using RnnCodegen.Runtime;

namespace RnnCodegen.Interchange.Tests.Conformance;

/// <summary>
/// Steps of plain SGD on the mean squared error of one row per sequence, as Keras' fit does them: a layer has one bias, so the second of
/// this project's stays 0.
/// </summary>
internal sealed class FirstOrderTraining
{
    private readonly ModelCore _core;
    private readonly Sgd _optimizer;
    private readonly Tape _tape;
    private readonly ParameterSet _gradients;
    private readonly ModelState _state;

    /// <summary>Training of a model.</summary>
    /// <param name="core">The model.</param>
    /// <param name="learningRate">Size of the steps.</param>
    /// <param name="steps">Time steps of a batch.</param>
    /// <param name="batch">Samples of a batch.</param>
    public FirstOrderTraining(ModelCore core, double learningRate, int steps, int batch)
    {
        _core = core;
        var hidden = core.Parameters.Tensors.Where(t => t.Info.Role == ParameterRole.HiddenBias).Select(t => t.Name).ToArray();
        _optimizer = new Sgd(learningRate) { Groups = hidden.Length == 0 ? [] : [new ParameterGroup(hidden) { Frozen = true }] };
        (_tape, _gradients, _state) = (core.CreateTape(steps, batch), core.CreateGradients(), core.CreateState(batch));
    }

    /// <summary>Whether the next step begins where the last one ended.</summary>
    public bool Stateful { get; init; }

    /// <summary>One step on one batch.</summary>
    /// <param name="call">What goes in.</param>
    /// <param name="target">The rows wanted [B, F].</param>
    /// <returns>The loss before the step.</returns>
    public float Step(SequenceCall call, float[] target)
    {
        var y = new float[call.Batch * _core.Definition.OutputSize];
        var initial = Stateful ? _state : null;
        if (_core.Definition.TakesTokens)
        {
            _core.Forward(call.Tokens, y, _tape, call.Lengths, initial, _state);
        }
        else
        {
            _core.Forward(call.Rows, y, _tape, call.Lengths, initial, _state);
        }

        var dy = new float[y.Length];
        var loss = Loss.MeanSquaredError.Compute(y, target, dy, new LossShape(call.Batch, _core.Definition.OutputSize));
        _core.Backward(dy, [], _tape, _gradients);
        _optimizer.Step(_core.Parameters, _gradients);
        return loss;
    }
}
