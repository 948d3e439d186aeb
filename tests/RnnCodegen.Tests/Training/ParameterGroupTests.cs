using RnnCodegen.Tests.Parameters;
using Xunit;

namespace RnnCodegen.Tests.Training;

public sealed class ParameterGroupTests
{
    public static TheoryData<string> Optimizers => [.. All.Keys];

    private static Dictionary<string, Func<ParameterGroup[], Optimizer>> All { get; } = new()
    {
        ["Sgd"] = groups => new Sgd(0.1, 0.9, 0.1) { Groups = groups },
        ["Adam"] = groups => new Adam(0.1, weightDecay: 0.1) { Groups = groups },
        ["AdamW"] = groups => new AdamW(0.1, weightDecay: 0.1) { Groups = groups },
        ["RmsProp"] = groups => new RmsProp(0.1, momentum: 0.5, centered: true, weightDecay: 0.1) { Groups = groups },
        ["Adagrad"] = groups => new Adagrad(0.1, weightDecay: 0.1) { Groups = groups },
        ["Lion"] = groups => new Lion(0.1, weightDecay: 0.1) { Groups = groups },
    };

    [Theory]
    [MemberData(nameof(Optimizers))]
    public void Each_tensor_is_trained_as_an_optimizer_of_its_own_settings_would(string kind)
    {
        ParameterGroup[] groups =
        [
            ParameterGroup.BiasesAndNormsWithoutDecay,
            new ParameterGroup("Head", "Words.weight") { LearningRateScale = 0.5 },
            new ParameterGroup("recurrent weights", info => info.Role == ParameterRole.HiddenWeight) { Frozen = true },
        ];
        var grouped = Run(All[kind](groups), 1);
        var plain = Run(All[kind]([]), 1);
        var withoutDecay = Run(All[kind]([new ParameterGroup("all", _ => true) { WeightDecay = 0 }]), 1);
        var slow = Run(All[kind]([]), 0.5);
        var slowWithoutDecay = Run(All[kind]([new ParameterGroup("all", _ => true) { WeightDecay = 0 }]), 0.5);
        foreach (var tensor in grouped.Tensors)
        {
            var isBias = tensor.Name.Contains("bias", StringComparison.Ordinal) || tensor.Name == "Norm.weight";
            var isSlow = tensor.Name.StartsWith("Head.", StringComparison.Ordinal) || tensor.Name == "Words.weight";
            var expected = tensor.Name == "Encoder.weight_hh_l0" ? Start() : (isBias, isSlow) switch
            {
                (false, false) => plain,
                (true, false) => withoutDecay,
                (false, true) => slow,
                (true, true) => slowWithoutDecay,
            };
            Assert.True(expected[tensor.Name].Values.SequenceEqual(tensor.Values), tensor.Name);
        }

        // The settings matter, or this test could not fail.
        Assert.False(plain.Values.SequenceEqual(withoutDecay.Values));
        Assert.False(plain.Values.SequenceEqual(slow.Values));
    }

    [Theory]
    [MemberData(nameof(Optimizers))]
    public void Frozen_parameters_keep_their_bits_and_state(string kind)
    {
        var parameters = Start();
        parameters["Head.bias"].Edit()[0] = float.NaN;
        var before = parameters.Values.ToArray();
        var gradients = new ParameterSet(Layouts.Lstm());
        var optimizer = All[kind]([new ParameterGroup("Encoder", "Head") { Frozen = true }]);
        optimizer.Prepare(parameters);
        float[][] state = [.. optimizer.Slots.Select(slot => slot.Values.ToArray())];
        for (var t = 0; t < 3; t++)
        {
            gradients.Edit().Fill(t == 1 ? float.NaN : 1);
            optimizer.Step(parameters, gradients);
        }

        foreach (var tensor in parameters.Tensors)
        {
            var range = new Range(tensor.Info.Offset, tensor.Info.Offset + tensor.Info.Length);
            var isFrozen = tensor.Name.StartsWith("Encoder.", StringComparison.Ordinal)
                || tensor.Name.StartsWith("Head.", StringComparison.Ordinal);
            Assert.Equal(isFrozen, before[range].SequenceEqual(tensor.Values.ToArray()));
            foreach (var (was, slot) in state.Zip(optimizer.Slots))
            {
                Assert.Equal(isFrozen, was[range].SequenceEqual(slot.Values[range]));
            }
        }
    }

    [Fact]
    public void Learned_initial_states_do_not_decay()
    {
        var parameters = new ParameterSet(
            Layouts.Place(("E.weight_ci_l0", ParameterRole.Peephole, 3, 0, 3), ("E.h0_l0", ParameterRole.InitialState, 3, 0, 3)));
        parameters.Edit().Fill(1);
        var optimizer = new Sgd(0.1, weightDecay: 0.1) { Groups = [ParameterGroup.BiasesAndNormsWithoutDecay] };
        optimizer.Step(parameters, new ParameterSet([.. parameters.Tensors.Select(t => t.Info)]));
        Assert.False(parameters["E.h0_l0"].Values.ContainsAnyExcept(1f));
        Assert.False(parameters["E.weight_ci_l0"].Values.Contains(1f));
    }

    [Fact]
    public void Frozen_gradients_can_be_kept_out_of_the_norm()
    {
        var (parameters, gradients) = (Start(), new ParameterSet(Layouts.Lstm()));
        gradients.Edit().Fill(1);
        var optimizer = new Sgd(1) { Groups = [new ParameterGroup("Encoder") { Frozen = true }] };
        optimizer.ClearFrozen(parameters, gradients);
        var trained = parameters.Tensors.Where(t => !t.Name.StartsWith("Encoder.", StringComparison.Ordinal)).Sum(t => t.Info.Length);
        Assert.Equal(Math.Sqrt(trained), GradientClipping.ByGlobalNorm(gradients, float.PositiveInfinity), 1e-3);
        Assert.Equal(1, gradients["Head.bias"].Values[0]);
    }

    [Fact]
    public void Groups_that_do_not_fit_are_refused_by_name_before_the_first_step()
    {
        AssertRefused("No tensor or layer is named 'Encodr'. Nearest: 'Encoder'", new ParameterGroup("Head", "Encodr") { Frozen = true });
        AssertRefused("No tensor or layer is named 'Encoder.weight'", new ParameterGroup("Encoder.weight") { Frozen = true });
        AssertRefused("No tensor or layer is named 'Enc'", new ParameterGroup("Enc") { Frozen = true });
        AssertRefused(
            "The rule of the group of tables of 3 rows matches no tensor",
            new ParameterGroup("tables of 3 rows", i => i.Rows == 3) { Frozen = true });
        AssertRefused("The group of 'Head' sets nothing", new ParameterGroup("Head"));
        AssertRefused(
            "Tensor 'Head.bias' gets its WeightDecay from two groups, biases and norms and 'Head'; let one say it",
            ParameterGroup.BiasesAndNormsWithoutDecay, new ParameterGroup("Head") { WeightDecay = 1 });
        AssertRefused(
            "Tensor 'Head.weight' gets its LearningRateScale from two groups",
            new ParameterGroup("Head.weight") { LearningRateScale = 2 }, new ParameterGroup("Head") { LearningRateScale = 2 });
        Assert.Throws<ArgumentException>("names", () => new ParameterGroup());
        Assert.Throws<ArgumentOutOfRangeException>("WeightDecay", () => new ParameterGroup("Head") { WeightDecay = -1 });
        Assert.Throws<ArgumentOutOfRangeException>("LearningRateScale",
            () => new ParameterGroup("Head") { LearningRateScale = double.NaN });

        static void AssertRefused(string message, params ParameterGroup[] groups)
        {
            var (parameters, optimizer) = (Start(), new AdamW(0.1) { Groups = groups });
            var error = Assert.Throws<ArgumentException>("parameters", () => optimizer.Step(parameters, new ParameterSet(Layouts.Lstm())));
            Assert.Contains(message, error.Message, StringComparison.Ordinal);
            Assert.Equal(0, optimizer.StepCount);
            Assert.True(parameters.Values.SequenceEqual(Start().Values));
        }
    }

    private static ParameterSet Run(Optimizer optimizer, double rateFactor)
    {
        var (parameters, gradients, random) = (Start(), new ParameterSet(Layouts.Lstm()), new Random(2));
        optimizer.LearningRateFactor = rateFactor;
        for (var t = 0; t < 5; t++)
        {
            FlatParameters.Fill(gradients.Edit(), random);
            optimizer.Step(parameters, gradients);
        }

        return parameters;
    }

    private static ParameterSet Start()
    {
        var parameters = new ParameterSet(Layouts.Lstm());
        FlatParameters.Fill(parameters.Edit(), new Random(1));
        return parameters;
    }
}
