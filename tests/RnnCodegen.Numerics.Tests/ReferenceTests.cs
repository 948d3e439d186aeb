using Xunit;

namespace RnnCodegen.Numerics.Tests;

/// <summary>The reference's gradients against central finite differences of its own forward, in double.</summary>
public class ReferenceTests
{
    private const double Step = 1e-5;

    /// <summary>Of the tensor's largest finite difference (1 where that is smaller); the differences' own error is near 1e-10.</summary>
    private const double Tolerance = 1e-6;

    private static readonly Dictionary<string, ReferenceModel> Models = new()
    {
        ["lstm"] = One(new LstmAttribute(3)),
        ["lstm, no bias"] = One(new LstmAttribute(3) { Bias = false }),
        ["lstm, peepholes"] = One(new LstmAttribute(3) { Peepholes = true }),
        ["lstm, coupled"] = One(new LstmAttribute(3) { CoupledInputForget = true }),
        ["lstm, projection"] = One(new LstmAttribute(4) { Projection = 2, Layers = 2, Bidirectional = true }),
        ["lstm, everything"] = One(new LstmAttribute(3)
        {
            Projection = 2, Peepholes = true, CoupledInputForget = true, Layers = 2, Bidirectional = true, Dropout = 0.4f,
            ReturnSequences = false,
        }),
        ["lstm, relu and hard sigmoid"] = One(
            new LstmAttribute(3) { GateActivation = Activation.HardSigmoid, Activation = Activation.Relu }),
        ["lstm, linear and tanh"] = One(new LstmAttribute(3) { GateActivation = Activation.Tanh, Activation = Activation.Linear }),
        ["gru, after"] = One(new GruAttribute(3) { Layers = 2, Bidirectional = true }),
        ["gru, before"] = One(new GruAttribute(3) { ResetAfter = false, Layers = 2, Dropout = 0.3f }),
        ["gru, hard sigmoid of Keras 2"] = One(
            new GruAttribute(3) { GateActivation = Activation.HardSigmoidKeras2, Activation = Activation.Sigmoid }),
        ["elman"] = One(new ElmanAttribute(3) { Bidirectional = true, ReturnSequences = false }),
        ["elman, relu"] = One(new ElmanAttribute(3) { Activation = Activation.Relu, Bias = false }),
        ["elman, elu, in reverse"] = One(new ElmanAttribute(3) { Activation = Activation.Elu, Alpha = 0.7f, Reverse = true, Layers = 2 }),
        ["lstm, bounds"] = One(new LstmAttribute(3) { Clip = 0.5f, CellClip = 0.3f, Peepholes = true, Projection = 2 }),
        ["lstm, leaky gates and a cell through elu"] = One(
            new LstmAttribute(3)
            {
                GateActivation = Activation.LeakyRelu,
                GateAlpha = 0.2f,
                CellActivation = Activation.Elu,
                Alpha = 1.5f
            }),
        ["lstm, learned start"] = One(
            new LstmAttribute(4) { LearnedInitialState = true, Projection = 2, Layers = 2, Bidirectional = true }),
        ["minimal gru"] = One(new MinGruAttribute(3) { Layers = 2, Bidirectional = true, LearnedInitialState = true }),
        ["minimal gru, bounds"] = One(new MinGruAttribute(3) { Activation = Activation.Tanh, Clip = 0.4f, Reverse = true, Bias = false }),
        ["minimal lstm"] = One(new MinLstmAttribute(3) { Layers = 2, Bidirectional = true, LearnedInitialState = true }),
        ["minimal lstm, bounds"] = One(
            new MinLstmAttribute(3) { Activation = Activation.Tanh, Clip = 0.4f, Reverse = true, Bias = false }),
        ["lstm, noise"] = One(
            new LstmAttribute(4)
            {
                RecurrentDropout = 0.3f,
                Zoneout = 0.2f,
                CellZoneout = 0.4f,
                Projection = 2,
                Layers = 2,
                Bidirectional = true,
                Dropout = 0.1f
            }),
        ["gru, noise"] = One(new GruAttribute(3) { RecurrentDropout = 0.3f, Zoneout = 0.2f }),
        ["gru, noise, before"] = One(new GruAttribute(3) { RecurrentDropout = 0.3f, Zoneout = 0.2f, ResetAfter = false }),
        ["elman, noise"] = One(new ElmanAttribute(3) { RecurrentDropout = 0.3f, Zoneout = 0.2f }),
        ["gru, bounds"] = One(new GruAttribute(3) { Clip = 0.4f, Layers = 2, Bidirectional = true }),
        ["gru, bounds, before"] = One(
            new GruAttribute(3) { Clip = 0.4f, ResetAfter = false, Reverse = true, LearnedInitialState = true, ReturnSequences = false }),
        ["embedding and head"] = new(
            0,
            new("Table", new EmbeddingAttribute(5, 3)),
            new("Cell", new GruAttribute(4)),
            new("Head", new DenseAttribute(2) { Activation = Activation.Tanh })),
        ["branches"] = new(
            2,
            new("A", new DenseAttribute(3)),
            new("Norm", new LayerNormAttribute()),
            new("Cell", new LstmAttribute(3)),
            new("Sum", new AddAttribute("A", "Cell", "Norm")),
            new("Drop", new DropoutAttribute(0.5f)),
            new("Other", new ElmanAttribute(2) { From = "A" }),
            new("Joined", new ConcatAttribute("Other", "Drop", "Cell")),
            new("Head", new DenseAttribute(2) { Bias = false })),
        ["row layers"] = new(
            3,
            new("Square", new MultiplyAttribute(RnnModelAttribute.Input, RnnModelAttribute.Input)),
            new("Scaled", new AffineAttribute()),
            new("Bent", new PReluAttribute { From = RnnModelAttribute.Input }),
            new("Mirrored", new ReverseTimeAttribute()),
            new("Shaped", new ActivationAttribute(Activation.Elu) { Alpha = 0.7f }),
            new("Product", new MultiplyAttribute("Shaped", "Scaled", "Bent", RnnModelAttribute.Input)),
            new("Cell", new GruAttribute(3)),
            new("Leaky", new ActivationAttribute(Activation.LeakyRelu)),
            new("Out", new AddAttribute("Leaky", "Product", "Mirrored"))),
    };

    public static TheoryData<string, bool> Cases()
    {
        var cases = new TheoryData<string, bool>();
        foreach (var name in Models.Keys)
        {
            cases.Add(name, false);
            cases.Add(name, true);
        }

        return cases;
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Gradients_equal_finite_differences(string name, bool withLengths)
    {
        const int Steps = 4;
        var model = Models[name];
        var samples = new Samples(7);
        int[]? lengths = withLengths ? [4, 0, 2] : null;
        var call = new ReferenceCall(Steps, 3)
        {
            Input = model.InputSize > 0 ? samples.Uniform(Steps * 3 * model.InputSize, 2) : null,
            Tokens = model.InputSize > 0 ? null : samples.Integers(Steps * 3, 5),
            Lengths = lengths,
            Parameters = samples.Parameters(model),
            InitialState = model.Parameters.Any(p => p.Name == "Cell.h0_l0") ? new Dictionary<string, double[]>() : samples.State(model, 3),
            DropoutMask = (dropout, rows, columns, p) =>
                Array.ConvertAll(new Samples(dropout).Uniform(rows * columns, 0.5, 0.5), u => u < p ? 0 : 1 / (1 - p)),
        };
        var run = new ReferenceRun(model, call);
        var dy = samples.Uniform(run.Output.Length);
        var dState = samples.State(model, 3);
        var gradients = run.Backward(dy, dState);

        double Loss()
        {
            var moved = new ReferenceRun(model, call);
            return Dot(moved.Output, dy) + moved.FinalState.Sum(s => Dot(s.Value, dState[s.Key]));
        }

        foreach (var (tensor, values) in call.Parameters)
        {
            RequireDifferences(tensor, values, gradients.Parameters[tensor], Loss);
        }

        foreach (var (state, values) in call.InitialState)
        {
            RequireDifferences(state, values, gradients.InitialState[state], Loss);
        }

        if (call.Input is not null)
        {
            RequireDifferences("x", call.Input, gradients.Input, Loss);
        }
    }

    [Fact]
    public void A_sample_of_length_zero_keeps_its_state_and_gives_zeros()
    {
        var model = Models["gru, after"];
        var samples = new Samples(3);
        var state = samples.State(model, 2);
        var run = new ReferenceRun(model, new ReferenceCall(3, 2)
        {
            Input = samples.Uniform(3 * 2 * 2), Lengths = [3, 0], Parameters = samples.Parameters(model), InitialState = state,
        });
        Assert.All(Enumerable.Range(0, 3), t => Assert.All(run.Output[((t * 2 * 6) + 6)..((t * 2 * 6) + 12)], y => Assert.Equal(0, y)));
        Assert.All(run.FinalState, s => Assert.Equal(state[s.Key][3..], s.Value[3..]));
        Assert.NotEqual(state["Cell.h_l0"][..3], run.FinalState["Cell.h_l0"][..3]);
    }

    [Fact]
    public void A_padded_sample_is_the_short_sample()
    {
        var model = Models["lstm, projection"];
        var samples = new Samples(5);
        var (parameters, state, x) = (samples.Parameters(model), samples.State(model, 1), samples.Uniform(5 * 2));
        var shorter = new ReferenceRun(model, new ReferenceCall(3, 1) { Input = x[..6], Parameters = parameters, InitialState = state });
        var padded = new ReferenceRun(model,
            new ReferenceCall(5, 1) { Input = x, Lengths = [3], Parameters = parameters, InitialState = state });
        Assert.Equal(shorter.Output, padded.Output[..shorter.Output.Length]);
        Assert.All(padded.Output[shorter.Output.Length..], y => Assert.Equal(0, y));
        Assert.All(shorter.FinalState, s => Assert.Equal(s.Value, padded.FinalState[s.Key]));
    }

    [Fact]
    public void A_layer_in_reverse_is_one_over_the_reversed_samples()
    {
        const int Steps = 5;
        var (forward, reverse) = (One(new LstmAttribute(3)), One(new LstmAttribute(3) { Reverse = true }));
        var samples = new Samples(5);
        int[] lengths = [5, 3];
        var call = new ReferenceCall(Steps, 2)
        {
            Input = samples.Uniform(Steps * 2 * 2), Lengths = lengths, Parameters = samples.Parameters(forward),
            InitialState = samples.State(forward, 2),
        };
        var expected = new ReferenceRun(forward, call with { Input = Reversed(call.Input, 2) });
        var run = new ReferenceRun(reverse, call);
        Assert.Equal(Reversed(expected.Output, 3), run.Output);
        Assert.All(expected.FinalState, s => Assert.Equal(s.Value, run.FinalState[s.Key]));

        double[] Reversed(double[] rows, int width) => [.. Enumerable.Range(0, Steps * 2).SelectMany(row =>
        {
            var (t, b) = (row / 2, row % 2);
            var from = t < lengths[b] ? lengths[b] - 1 - t : t;
            return rows.Skip(((from * 2) + b) * width).Take(width);
        })];
    }

    [Fact]
    public void A_state_that_is_given_hides_the_learned_one()
    {
        var model = Models["lstm, learned start"];
        var samples = new Samples(6);
        var (x, parameters, state) = (samples.Uniform(3 * 2 * 2), samples.Parameters(model), samples.State(model, 2));
        var given = new ReferenceRun(model, new ReferenceCall(3, 2) { Input = x, Parameters = parameters, InitialState = state });
        var gradients = given.Backward(samples.Uniform(given.Output.Length));
        Assert.All(gradients.Parameters.Where(p => p.Key.Contains("0_l", StringComparison.Ordinal)),
            p => Assert.All(p.Value, g => Assert.Equal(0, g)));

        var learned = state.ToDictionary(
            s => s.Key,
            s => (double[])[.. Enumerable.Repeat(parameters[s.Key.Replace(".h_", ".h0_").Replace(".c_", ".c0_")], 2).SelectMany(v => v)]);
        var same = new ReferenceRun(model, new ReferenceCall(3, 2) { Input = x, Parameters = parameters, InitialState = learned });
        Assert.Equal(new ReferenceRun(model, new ReferenceCall(3, 2) { Input = x, Parameters = parameters }).Output, same.Output);
    }

    private static ReferenceModel One(RecurrentAttribute options) => new(2, new ReferenceLayer("Cell", options));

    private static double Dot(double[] a, double[] b) => a.Zip(b, (p, q) => p * q).Sum();

    private static void RequireDifferences(string name, double[] values, double[] gradient, Func<double> loss)
    {
        var differences = new double[values.Length];
        for (var i = 0; i < values.Length; i++)
        {
            var value = values[i];
            values[i] = value + Step;
            var above = loss();
            values[i] = value - Step;
            var below = loss();
            values[i] = value;
            differences[i] = (above - below) / (2 * Step);
        }

        var limit = Tolerance * Math.Max(1, differences.Max(Math.Abs));
        for (var i = 0; i < values.Length; i++)
        {
            Assert.True(
                Math.Abs(differences[i] - gradient[i]) <= limit,
                $"{name}[{i}]: gradient {gradient[i]:R}, finite difference {differences[i]:R}");
        }
    }
}
