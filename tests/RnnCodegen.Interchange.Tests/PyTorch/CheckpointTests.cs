using RnnCodegen.Interchange.Tests.Archives;
using Xunit;
using static RnnCodegen.Interchange.Tests.PyTorch.TorchArchive;

namespace RnnCodegen.Interchange.Tests.PyTorch;

/// <summary>Training programs' checkpoints: what stands beside a state dict is passed over by name, and parts are joined.</summary>
public class CheckpointTests
{
    public static TheoryData<string, byte[]> Extras => new()
    {
        { "datetime.datetime", Beside(p => p.Global("datetime", "datetime").Text("x").Raw(0x85, 'R')) },
        { "__builtin__.complex", Beside(p => p.Global("__builtin__", "complex").Double(1).Double(2).Raw(0x86, 'R')) },
        { "pathlib.PosixPath", Beside(p => p.Global("pathlib", "PosixPath").Text("a").Raw(0x85, 'R')) },
        { "torch.device", Beside(p => p.Global("torch", "device").Text("cpu").Raw(0x85, 'R')) },
        { "torch.float32", Beside(p => p.Global("torch", "float32")) },
        { "_codecs.encode", Beside(p => p.Global("_codecs", "encode").Text("abc").Text("latin1").Raw(0x86, 'R')) },
        { "a whole number of 9 bytes", Beside(p => p.Raw(0x8A, 9, 1, 2, 3, 4, 5, 6, 7, 8, 9)) },
        { "argparse.Namespace",
            Beside(p => p.Global("argparse", "Namespace").Raw(')', 0x81).EmptyDict.Text("lr").Double(0.1).Raw('s', 'b')) },
        { "my.AttributeDict", Beside(p => p.Global("my", "AttributeDict").Raw(')', 0x81).Text("hidden").Integer(4).Raw('s')) },
        { "numpy.core.multiarray.scalar",
            Beside(p => p.Global("numpy.core.multiarray", "scalar").Global("numpy", "dtype").Text("f8").Raw(0x89, 0x88, 0x87, 'R')
                .Integers(3).Raw('b').Text("x").Raw(0x86, 'R')) },
    };

    [Theory]
    [MemberData(nameof(Extras))]
    public void Objects_beside_a_state_dict_are_passed_over_by_name(string type, byte[] pickle)
    {
        var file = Read(pickle, Floats(1, 2, 3, 4, 5, 6));

        Assert.Equal([new SkippedObject("extra", type, HoldsTensors: false)], file.Skipped);
        Assert.Equal(["fc.weight", "fc.bias"], file.Tensors.Select(t => t.Name));
        var model = Import(file);
        Assert.Equal([1f, 2, 3, 4], model.Weights["Fc.weight"].Values);
        Assert.Contains(model.Notes, n => n.StartsWith("Passed over, as neither tensors nor plain values", StringComparison.Ordinal)
            && n.Contains($"'extra' ({type})", StringComparison.Ordinal));
    }

    [Fact]
    public void Collections_of_plain_values_are_read_as_such()
    {
        var file = Read(
            Beside(p => p.EmptyDict.Mark
                .Text("history").Global("collections", "defaultdict").Global("__builtin__", "list").Raw(0x85, 'R').Text("loss").Double(0.5)
                .Raw('s')
                .Text("steps").Global("collections", "Counter").EmptyDict.Integer(30).Integer(1).Raw('s', 0x85, 'R')
                .Text("frozen").Global("__builtin__", "set").EmptyList.Text("a").Raw('a', 0x85, 'R')
                .Text("size").Global("torch", "Size").Integers(2, 3).Raw(0x85, 'R')
                .SetItems),
            Floats(1, 2, 3, 4, 5, 6));

        Assert.Empty(file.Skipped);
        Assert.Equal(
            [("extra.frozen.0", "a"), ("extra.history.loss", 0.5), ("extra.size.0", 2L), ("extra.size.1", 3L), ("extra.steps.30", 1L)],
            file.Values.Select(v => (v.Key, v.Value!)).OrderBy(v => v.Key, StringComparer.Ordinal));
    }

    [Fact]
    public void A_parameter_with_a_state_of_its_own_is_a_tensor()
    {
        var file = Read(
            PickleAssembler.Start.EmptyDict.Text("w").Global("torch._utils", "_rebuild_parameter_with_state").Mark
                .Tensor("FloatStorage", "0", 6, 0, [6], [1]).Raw(0x88).OrderedDict.EmptyDict.Text("tag").Text("x").Raw('s').Tuple.Reduce
                .Raw('s').Stop,
            Floats(1, 2, 3, 4, 5, 6));
        Assert.Equal([1f, 2, 3, 4, 5, 6], file.Tensors.Single().ToFloats());
    }

    [Fact]
    public void An_object_with_tensors_in_the_model_refuses_it_and_beside_the_model_does_not()
    {
        var lost = Read(
            PickleAssembler.Start.EmptyDict.Text("state_dict").EmptyDict.Mark
                .Text("fc.weight").Tensor("FloatStorage", "0", 6, 0, [2, 2], [2, 1]).Text("fc.bias")
                .Global("torch._utils", "_rebuild_qtensor").Storage("FloatStorage", "0", 6).Raw(0x85, 'R').SetItems.Raw('s').Stop,
            Floats(1, 2, 3, 4, 5, 6));
        var error = Assert.Throws<InvalidDataException>(() => Import(lost));
        Assert.Contains("'state_dict.fc.bias' (torch._utils._rebuild_qtensor) holds tensors", error.Message, StringComparison.Ordinal);

        var beside = Read(
            PickleAssembler.Start.EmptyDict.Mark.Text("state_dict").EmptyDict.Mark
                .Text("fc.weight").Tensor("FloatStorage", "0", 6, 0, [2, 2], [2, 1]).Text("fc.bias")
                .Tensor("FloatStorage", "0", 6, 4, [2], [1]).SetItems
                .Text("optimizer").Global("torch.optim", "Adam").Storage("FloatStorage", "0", 6).Raw(0x85, 'R').SetItems.Stop,
            Floats(1, 2, 3, 4, 5, 6));
        Assert.True(beside.Skipped.Single().HoldsTensors);
        Assert.Equal([5f, 6], Import(beside).Weights["Fc.bias"].Values);
    }

    [Theory]
    [InlineData("model.fc.", "optimizer.state.0.")]
    [InlineData("net.fc.", "optimizer_state.state.0.")]
    [InlineData("fc.", "torch_rng_state")]
    public void What_belongs_to_the_training_is_left_out(string model, string training)
    {
        SafeTensor[] tensors =
        [
            .. Dense(model, 2, 3), training.EndsWith('.') ? new SafeTensor(training + "exp_avg", [2, 3], new float[6])
                : SafeTensor.Of<byte>(training, [4], new byte[4]),
        ];
        var description = PyTorchImporter.Import("m.pt", tensors);
        Assert.Equal("Fc", description.Layers.Single().Name);
        Assert.Contains(description.Notes, n => n.Contains(tensors[^1].Name, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("memory,actor")]
    [InlineData("model_state_dict.memory,actor")]
    public void Parts_make_one_model_in_the_order_in_which_they_are_named(string part)
    {
        // As robot policies are saved: the actor stands before the memory that it reads.
        SafeTensor[] tensors =
        [
            ToTensor("model_state_dict.std", 3), .. Dense("model_state_dict.actor.0.", 4, 4), .. Dense("model_state_dict.actor.2.", 3, 4),
            .. Dense("model_state_dict.critic.0.", 1, 4), ToTensor("model_state_dict.memory.rnn.weight_ih_l0", 12, 6),
            ToTensor("model_state_dict.memory.rnn.weight_hh_l0", 12, 4),
        ];

        foreach (var order in new[] { TensorOrder.Modules, TensorOrder.MostlySorted })
        {
            var model = PyTorchImporter.Import("m.pt", tensors, part, null, order);
            Assert.Equal(["MemoryRnn", "Actor0", "Actor2"], model.Layers.Select(l => l.Name));
            Assert.Equal(6, model.Model.InputSize);
        }

        var unknown = Assert.Throws<InvalidDataException>(() => PyTorchImporter.Import("m.pt", tensors, "encoder"));
        Assert.Contains("no tensor's name starts with 'encoder.'", unknown.Message, StringComparison.Ordinal);
        var whole = Assert.Throws<InvalidDataException>(() => PyTorchImporter.Import("m.pt", tensors));
        Assert.Contains("--part NAME,NAME", whole.Message, StringComparison.Ordinal);
        var twice = Assert.Throws<InvalidDataException>(() => PyTorchImporter.Import("m.pt", tensors, "actor,actor.0"));
        Assert.Contains("a part and one inside of it", twice.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_part_that_is_in_several_places_has_to_be_named_whole()
    {
        SafeTensor[] tensors = [.. Dense("a.fc.", 2, 2), .. Dense("b.fc.", 2, 2)];
        var error = Assert.Throws<InvalidDataException>(() => PyTorchImporter.Import("m.pt", tensors, "fc"));
        Assert.Contains("'fc' is in 2 places; name one: --part a.fc or b.fc.", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("module._orig_mod.")]
    [InlineData("_orig_mod.module.")]
    [InlineData("module.module.")]
    [InlineData("state_dict._orig_mod.module._fsdp_wrapped_module.")]
    public void Wrappers_around_a_model_are_left_out_in_any_order(string prefix)
    {
        var model = PyTorchImporter.Import("m.pt", [.. Dense(prefix + "fc1.", 4, 3), .. Dense(prefix + "fc2.", 2, 4)]);
        Assert.Equal(["Fc1", "Fc2"], model.Layers.Select(l => l.Name));
    }

    [Fact]
    public void A_compiled_module_inside_a_model_is_called_as_the_module()
    {
        var model = PyTorchImporter.Import("m.pt", [.. Dense("enc._orig_mod.fc.", 4, 3), .. Dense("head.", 2, 4)]);
        Assert.Equal(["EncFc", "Head"], model.Layers.Select(l => l.Name));
    }

    private static ModelDescription Import(PyTorchFile file) =>
        PyTorchImporter.Import("m.pt", file.Tensors, "", null, TensorOrder.Modules, skipped: file.Skipped);

    private static SafeTensor[] Dense(string prefix, int units, int inputs) =>
        [ToTensor(prefix + "weight", units, inputs), ToTensor(prefix + "bias", units)];

    private static SafeTensor ToTensor(string name, params int[] shape) =>
        new(name, shape, Enumerable.Range(0, shape.Aggregate((a, b) => a * b)).Select(k => 0.25f * ((k * 7 % 11) - 5)).ToArray());

    /// <summary>A state dict with an object beside it.</summary>
    private static byte[] Beside(Func<PickleAssembler, PickleAssembler> extra) =>
        extra(PickleAssembler.Start.EmptyDict.Mark
            .Text("fc.weight").Tensor("FloatStorage", "0", 6, 0, [2, 2], [2, 1])
            .Text("fc.bias").Tensor("FloatStorage", "0", 6, 4, [2], [1])
            .Text("extra")).SetItems.Stop;
}
