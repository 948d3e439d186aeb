namespace RnnCodegen.Tests.Engines;

/// <summary>
/// Another engine: the linear model y = w x + b of <see cref="Tests.Training.LinearModel"/>, computed without a pointer, with memory of its
/// own that counts what is asked of it.
/// </summary>
internal sealed class ManagedEngine(ModelDefinition model, ParameterSet parameters) : IModelEngine
{
    public string Layout => "Managed";

    public int MaxThreads { get; set; } = 1;

    /// <summary>The calls so far.</summary>
    public List<string> Calls { get; } = [];

    public StateBuffer CreateState() => new Vectors();

    public ModelMemory CreateMemory() => throw new NotSupportedException("The model attends to nothing.");

    public TapeBuffer CreateTape() => new Inputs();

    public void Step(ReadOnlySpan<float> x, Span<float> y, ModelState state)
    {
        Calls.Add(nameof(Step));
        Compute(x, y);
    }

    public void Step(int token, Span<float> y, ModelState state) => throw new NotSupportedException("The model takes no tokens.");

    public void Run(ModelInput x, Span<float> y, int steps, int batch, ReadOnlySpan<int> lengths, ModelState? initial, ModelState? final)
    {
        Calls.Add(nameof(Run));
        Compute(x.Rows, y);
    }

    public void Forward(ModelInput x, Span<float> y, Tape tape, ReadOnlySpan<int> lengths, ModelState? initial, ModelState? final)
    {
        Calls.Add(nameof(Forward));
        x.Rows.CopyTo(((Inputs)tape.Buffer).Rows);
        Compute(x.Rows, y);
    }

    public void Backward(
        ReadOnlySpan<float> dy, Span<float> dx, Tape tape, ParameterSet gradients, bool accumulates, ModelState? final, ModelState? initial)
    {
        Calls.Add(nameof(Backward));
        var (width, rows) = (model.InputSize, ((Inputs)tape.Buffer).Rows);
        var g = gradients.Edit();
        if (!accumulates)
        {
            g.Clear();
        }

        for (var row = 0; row < dy.Length; row++)
        {
            for (var k = 0; k < width; k++)
            {
                g[k] += dy[row] * rows[(row * width) + k];
            }

            g[width] += dy[row];
        }
    }

    private void Compute(ReadOnlySpan<float> rows, Span<float> y)
    {
        var width = model.InputSize;
        var p = parameters.Values;
        for (var row = 0; row < y.Length; row++)
        {
            y[row] = p[width];
            for (var k = 0; k < width; k++)
            {
                y[row] += p[k] * rows[(row * width) + k];
            }
        }
    }

    private sealed class Vectors : StateBuffer
    {
        private float[] _values = [];

        public override Span<float> Values => _values;

        public override void Reserve(long floats) => Array.Resize(ref _values, (int)floats);
    }

    private sealed class Inputs : TapeBuffer
    {
        public float[] Rows { get; private set; } = [];

        public override string Layout => "Managed";

        public override void Lay(int steps, int batch) => Rows = new float[steps * batch * 2];
    }
}
