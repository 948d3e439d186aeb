using System.Runtime.CompilerServices;

namespace RnnCodegen.Runtime;

/// <summary>
/// The part of a model that is the same for all: parameters, and the checks of Step, Run, Forward and Backward, which an engine computes.
/// Generated classes hold one and pass their public members on. Inference is safe from many threads at once; changing parameters is not.
/// </summary>
public sealed partial class ModelCore
{
    private readonly IModelEngine _engine;
    private readonly StateStart _start;
    private readonly bool _hasCategories;

    /// <summary>A model of the given kernels, with parameters of its own, all zero.</summary>
    /// <param name="definition">Names and sizes.</param>
    /// <param name="kernels">Generated code.</param>
    public ModelCore(ModelDefinition definition, ModelKernels kernels)
        : this(definition, kernels, new ParameterSet((definition ?? throw new ArgumentNullException(nameof(definition))).Parameters))
    {
    }

    /// <summary>A model over existing parameters, which may be shared, e.g. by kernels of several widths.</summary>
    /// <param name="definition">Names and sizes.</param>
    /// <param name="kernels">Generated code.</param>
    /// <param name="parameters">Parameters of the definition's layout.</param>
    public ModelCore(ModelDefinition definition, ModelKernels kernels, ParameterSet parameters)
    {
        ArgumentNullException.ThrowIfNull(definition);
        ArgumentNullException.ThrowIfNull(kernels);
        ArgumentNullException.ThrowIfNull(parameters);
        if (parameters.Count != definition.ParameterCount)
        {
            throw new ArgumentException(
                $"{definition.Name} has {definition.ParameterCount} parameters; the set has {parameters.Count}.", nameof(parameters));
        }

        (Definition, Parameters, Width) = (definition, parameters, kernels.Width);
        _start = new StateStart(definition, parameters);
        _hasCategories = definition.Categories.Count > 0;
        _engine = new CpuEngine(definition, kernels, parameters, _start);
    }

    /// <summary>A model that another engine computes.</summary>
    /// <param name="core">The model, whose parameters it shares.</param>
    /// <param name="create">Makes the engine, given the state before the first step.</param>
    internal ModelCore(ModelCore core, Func<StateStart, IModelEngine> create)
    {
        (Definition, Parameters, Width, _start) = (core.Definition, core.Parameters, core.Width, core._start);
        _hasCategories = core._hasCategories;
        _engine = create(_start);
    }

    /// <summary>Names and sizes.</summary>
    public ModelDefinition Definition { get; }

    /// <summary>What computes.</summary>
    internal IModelEngine Engine => _engine;

    /// <summary>The trained values.</summary>
    public ParameterSet Parameters { get; }

    /// <summary>The vector width of the generated code in use.</summary>
    public SimdWidth Width { get; }

    /// <summary>
    /// Most threads that one call of Run, Forward or Backward works on, from 1 to 64; 1 unless set. The batch is divided among them by its
    /// shape alone, so equal calls with equal MaxThreads give equal bits; a call uses fewer where more do not pay. Results of Run and
    /// Forward do not depend on it, gradients do in the order of their sums. On a GPU nothing depends on it.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is not from 1 to 64.</exception>
    public int MaxThreads
    {
        get => _engine.MaxThreads;
        set => _engine.MaxThreads = BatchPartition.RequireThreads(value, nameof(MaxThreads));
    }

    /// <summary>Zeros of the parameters' shapes.</summary>
    public ParameterSet CreateGradients() => new(Definition.Parameters);

    /// <summary>The recurrent state before the first step: zeros, but for vectors whose initial values are learned.</summary>
    /// <param name="batch">Samples B.</param>
    /// <exception cref="ArgumentOutOfRangeException">B is not positive, or
    /// so large that its state is more than one array holds.</exception>
    public ModelState CreateState(int batch = 1) => new(Definition, _start, batch, _engine);

    /// <summary>A tape for batches of the given size; it can be reshaped.</summary>
    /// <param name="steps">Time steps T.</param>
    /// <param name="batch">Samples B.</param>
    /// <exception cref="ArgumentOutOfRangeException">T or B is not positive, or the tape for them is more than one array holds.</exception>
    public Tape CreateTape(int steps, int batch) => new(Definition, _engine.CreateTape(), steps, batch);

    /// <summary>One time step of one stream.</summary>
    /// <param name="x">Input row [I], or as many as the model's definition says a step takes.</param>
    /// <param name="y">Receives the output row [F].</param>
    /// <param name="state">The stream's state, of one sample; updated.</param>
    [SkipLocalsInit]
    public void Step(ReadOnlySpan<float> x, Span<float> y, ModelState state)
    {
        if (x.Length != Definition.StepRows * Definition.InputSize || Definition.TakesTokens)
        {
            ModelChecks.ThrowInput(Definition, x.Length);
        }

        CheckStep(y, state);
        if (_hasCategories)
        {
            ModelChecks.Categories(Definition, x, 1, []);
        }

        _engine.Step(x, y, state);
    }

    /// <summary>One time step of one stream of a token model.</summary>
    /// <param name="token">Token id.</param>
    /// <param name="y">Receives the output row [F].</param>
    /// <param name="state">The stream's state, of one sample; updated.</param>
    public void Step(int token, Span<float> y, ModelState state)
    {
        ModelChecks.Tokens(Definition, [token], 1, nameof(token));
        CheckStep(y, state);
        _engine.Step(token, y, state);
    }

    /// <summary>Inference over a sequence or batch of a feature model.</summary>
    /// <remarks>
    /// Equal calls with equal <see cref="MaxThreads"/> give equal bits on one machine. A sample in a batch of another size, a sequence in
    /// segments or step by step, or a machine with other vectors add the same terms in another order: their results agree within rounding,
    /// not bit by bit.
    /// </remarks>
    /// <param name="x">Input rows [T, B, I].</param>
    /// <param name="y">Receives the output [T, B, F], or [B, F] where the output is one row per sequence.</param>
    /// <param name="steps">Time steps T.</param>
    /// <param name="batch">Samples B.</param>
    /// <param name="lengths">Valid steps of each sample [B]; all where empty.</param>
    /// <param name="initialState">State before the first step; zeros, or what is learned, where null.</param>
    /// <param name="finalState">Receives the state after the last valid step; may be the initial one.</param>
    public void Run(
        ReadOnlySpan<float> x, Span<float> y, int steps, int batch = 1, ReadOnlySpan<int> lengths = default,
        ModelState? initialState = null, ModelState? finalState = null)
    {
        ModelChecks.Features(Definition, x, steps, batch);
        Run(new ModelInput(x), y, steps, batch, lengths, initialState, finalState);
    }

    /// <summary>Inference over a sequence or batch of a token model.</summary>
    /// <remarks>
    /// Equal calls with equal <see cref="MaxThreads"/> give equal bits on one machine. A sample in a batch of another size, a sequence in
    /// segments or step by step, or a machine with other vectors add the same terms in another order: their results agree within rounding,
    /// not bit by bit.
    /// </remarks>
    /// <param name="tokens">Token ids [T, B].</param>
    /// <param name="y">Receives the output [T, B, F], or [B, F] where the output is one row per sequence.</param>
    /// <param name="steps">Time steps T.</param>
    /// <param name="batch">Samples B.</param>
    /// <param name="lengths">Valid steps of each sample [B]; all where empty.</param>
    /// <param name="initialState">State before the first step; zeros, or what is learned, where null.</param>
    /// <param name="finalState">Receives the state after the last valid step; may be the initial one.</param>
    public void Run(
        ReadOnlySpan<int> tokens, Span<float> y, int steps, int batch = 1, ReadOnlySpan<int> lengths = default,
        ModelState? initialState = null, ModelState? finalState = null)
    {
        ModelChecks.Tokens(Definition, tokens, (long)steps * batch, nameof(tokens));
        Run(new ModelInput(tokens), y, steps, batch, lengths, initialState, finalState);
    }

    internal void RequireStreaming()
    {
        if (!Definition.CanStream)
        {
            ModelChecks.ThrowNotStreaming(Definition);
        }
    }

    private void CheckStep(Span<float> y, ModelState state)
    {
        ArgumentNullException.ThrowIfNull(state);
        RequireStreaming();
        ModelChecks.State(Definition, state, 1, nameof(state));
        _ = ModelChecks.Memory(Definition, state, 1, nameof(state));
        if (y.Length != Definition.OutputSize)
        {
            ModelChecks.ThrowLength(nameof(y), y.Length, Definition.OutputSize, "F");
        }
    }

    private void Run(
        ModelInput x, Span<float> y, int steps, int batch, ReadOnlySpan<int> lengths, ModelState? initialState, ModelState? finalState)
    {
        ModelChecks.Output(Definition, y.Length, steps, batch, nameof(y));
        ModelChecks.Lengths(lengths, steps, batch);
        ModelChecks.OptionalState(Definition, initialState, batch, nameof(initialState));
        ModelChecks.OptionalState(Definition, finalState, batch, nameof(finalState));
        _ = ModelChecks.Memory(Definition, initialState, batch, nameof(initialState));
        ModelChecks.Categories(Definition, x.Rows, batch, lengths);
        _engine.Run(x, y, steps, batch, lengths, initialState, finalState);
    }
}
