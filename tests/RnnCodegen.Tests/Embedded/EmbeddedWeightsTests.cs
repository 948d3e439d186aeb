using System.Reflection;
using RnnCodegen.Runtime;
using RnnCodegen.Tests.Training;
using Xunit;

namespace RnnCodegen.Tests.Embedded;

/// <summary>Weights inside an assembly: read where they are, safe from every write, and refused where they are wrong.</summary>
public sealed unsafe class EmbeddedWeightsTests
{
    private static readonly float[] s_values = [0.5f, 0.25f, 1];

    private static ModelDefinition Definition => LeakyModel.Definition;

    [Theory]
    [InlineData(0)]
    [InlineData(4)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void A_file_in_the_models_order_is_read_where_it_is(int shift)
    {
        using var file = new ReadOnlyMemoryFile(Bytes(), shift);
        var set = EmbeddedFiles.LoadWeights(file.Open(), Definition);

        Assert.True(set.IsInPlace);
        Assert.Equal((nuint)(file.Start + file.Length - 12), (nuint)set.Pointer);
        Assert.Equal(s_values, set.Values);
        Assert.Equal(0.25f, set["Cell.weight_hh_l0"].Tensor[0, 0]);
        Assert.Equal(0, set.Version);
        Assert.False(new ParameterSet(Definition.Parameters).IsInPlace);
    }

    [Fact]
    public void A_large_file_on_no_boundary_is_checked_and_read_to_its_last_value()
    {
        var random = new Random(1);
        float[] values = [.. Enumerable.Range(0, 1003).Select(_ => random.NextSingle())];
        var definition = new LeakyModel(unused: 1000).Core.Definition;
        using var file = new ReadOnlyMemoryFile(Bytes(tensors => [.. tensors, new("Unused.weight", [1, 1000], values.AsMemory(3))]),
            shift: 3);

        var set = EmbeddedFiles.LoadWeights(file.Open(), definition);

        Assert.True(set.IsInPlace);
        Assert.Equal(values[3..], set["Unused.weight"].Values);
    }

    public static TheoryData<string> Writers => [.. s_writers.Keys];

    private static readonly Dictionary<string, Action<ParameterSet>> s_writers = new()
    {
        ["Edit"] = set => set.Edit()[0] = 7,
        ["a tensor's Edit"] = set => set["Head.weight"].Edit()[0] = 7,
        ["EditTensor"] = set => set["Head.weight"].EditTensor()[0, 0] = 7,
        ["Clear"] = set => set.Clear(),
        ["CopyFrom"] = set => set.CopyFrom(Filled(7)),
        ["Initialize"] = set => ParameterInitializer.Initialize(set, Initialization.PyTorch, 1),
        ["Load"] = Reload,
    };

    [Theory]
    [MemberData(nameof(Writers))]
    public void The_first_write_copies(string writer)
    {
        using var file = new ReadOnlyMemoryFile(Bytes());
        var set = EmbeddedFiles.LoadWeights(file.Open(), Definition);
        var expected = Filled(0);
        expected.CopyFrom(set);

        s_writers[writer](set);
        s_writers[writer](expected);

        Assert.False(set.IsInPlace);
        Assert.NotEqual(0, set.Version);
        Assert.NotEqual(s_values, set.Values.ToArray());
        Assert.Equal(expected.Values, set.Values);
        Assert.Equal(0u, (nuint)set.Pointer % 64);
        Assert.Equal(s_values, EmbeddedFiles.LoadWeights(file.Open(), Definition).Values);
    }

    [Fact]
    public void Each_edit_is_a_version_and_only_the_first_moves_the_values()
    {
        using var file = new ReadOnlyMemoryFile(Bytes());
        var set = EmbeddedFiles.LoadWeights(file.Open(), Definition);

        set.Edit()[1] = 3;
        Assert.Equal(1, set.Version);
        var place = (nuint)set.Pointer;
        set.Edit()[2] = 4;
        Assert.Equal(2, set.Version);
        Assert.Equal(place, (nuint)set.Pointer);
        Assert.Equal([0.5f, 3, 4], set.Values);
    }

    [Fact]
    public void Values_that_were_not_written_outlive_nothing_but_their_owner()
    {
        using var file = new ReadOnlyMemoryFile(Bytes());
        var set = EmbeddedFiles.LoadWeights(file.Open(), Definition);
        using var folder = new TempFolder();

        // Saving reads through Memory, copying through Values.
        SafeTensors.Save(folder.File("saved.safetensors"), set);
        var copy = Filled(9);
        copy.CopyFrom(set);

        Assert.True(set.IsInPlace);
        Assert.Equal(s_values, copy.Values);
        SafeTensors.Load(folder.File("saved.safetensors"), copy);
        Assert.Equal(s_values, copy.Values);
    }

    [Fact]
    public void A_model_in_place_trains_as_one_with_memory_of_its_own()
    {
        using var file = new ReadOnlyMemoryFile(Bytes());
        var embedded = new LeakyModel(EmbeddedFiles.LoadWeights(file.Open(), Definition));
        var own = new LeakyModel();
        Assert.Equal(own.Core.Parameters.Values, embedded.Core.Parameters.Values);
        var set = TrainingSet.OfRows(1);
        set.Add(new float[] { 1, -1, 0.5f }, new float[] { 0.5f, 0, 1 });
        set.Add(new float[] { 0.25f, 1, 2 }, new float[] { 1, 1, 0 });

        foreach (var model in new[] { embedded, own })
        {
            new Trainer<LeakyModel>(model, Loss.MeanSquaredError, new AdamW(1e-2)) { Seed = 3 }.Fit(set, validation: null, epochs: 3);
        }

        Assert.False(embedded.Core.Parameters.IsInPlace);
        Assert.NotEqual(s_values, embedded.Core.Parameters.Values.ToArray());
        Assert.Equal(own.Core.Parameters.Values, embedded.Core.Parameters.Values);
        Assert.Equal(s_values, EmbeddedFiles.LoadWeights(file.Open(), Definition).Values);
    }

    [Fact]
    public void A_set_in_place_that_receives_gradients_is_copied_first()
    {
        using var file = new ReadOnlyMemoryFile(Bytes());
        var gradients = EmbeddedFiles.LoadWeights(file.Open(), Definition);
        var model = new LeakyModel();
        var tape = model.Core.CreateTape(2, 1);
        model.Core.Forward([1f, 2f], new float[2], tape);

        model.Core.Backward([1, 1], [], tape, gradients);

        Assert.False(gradients.IsInPlace);
        Assert.Equal(s_values, EmbeddedFiles.LoadWeights(file.Open(), Definition).Values);
    }

    [Fact]
    public void A_file_in_another_order_is_copied()
    {
        using var file = new ReadOnlyMemoryFile(Bytes(tensors => tensors.Reverse()));
        var set = EmbeddedFiles.LoadWeights(file.Open(), Definition);

        Assert.False(set.IsInPlace);
        Assert.Equal(s_values, set.Values);
    }

    public static TheoryData<string, SafeTensor[]> BadFiles => new()
    {
        { "needs tensor Head.weight [1, 1], which the file lacks", [Tensor(0), Tensor(1)] },
        { "the model has no tensor 'Tail.weight'", [Tensor(0), Tensor(1), Tensor(2), new("Tail.weight", [1], new float[1])] },
        { "'Head.weight' must have shape [1, 1], but the file's has [1]", [Tensor(0), Tensor(1), new("Head.weight", [1], new float[1])] },
        { "value 0 of tensor Cell.weight_hh_l0 [1, 1] is NaN", [Tensor(0), new("Cell.weight_hh_l0", [1, 1], new[] { float.NaN }),
            Tensor(2)] },
    };

    [Theory]
    [MemberData(nameof(BadFiles))]
    public void A_wrong_file_is_refused_by_name(string message, SafeTensor[] tensors)
    {
        using var file = new ReadOnlyMemoryFile(Bytes(_ => tensors));
        var error = Assert.Throws<InvalidDataException>(() => EmbeddedFiles.LoadWeights(file.Open(), Definition));
        Assert.StartsWith("'test.safetensors': ", error.Message, StringComparison.Ordinal);
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Each_truncation_is_refused()
    {
        var bytes = Bytes();
        for (var length = 1; length < bytes.Length; length++)
        {
            using var file = new ReadOnlyMemoryFile(bytes[..length]);
            Assert.Throws<InvalidDataException>(() => file.Open());
        }
    }

    [Fact]
    public void A_header_length_beyond_the_file_is_refused()
    {
        foreach (var claimed in new[] { 1_000UL, 100_000_001UL, ulong.MaxValue })
        {
            using var file = new ReadOnlyMemoryFile([.. BitConverter.GetBytes(claimed), .. "{}"u8]);
            Assert.Throws<InvalidDataException>(() => file.Open());
        }
    }

    [Fact]
    public void An_assembly_without_the_resource_is_refused_by_name()
    {
        var assembly = typeof(EmbeddedWeightsTests).Assembly;
        var error = Assert.Throws<InvalidOperationException>(() => EmbeddedFiles.LoadWeights(assembly, Definition));
        Assert.Contains("RnnCodegen.Tests has no resource 'RnnCodegen.Weights.Leaky'", error.Message, StringComparison.Ordinal);
        error = Assert.Throws<InvalidOperationException>(() => EmbeddedFiles.LoadGolden(assembly, Definition));
        Assert.Contains("'RnnCodegen.Golden.Leaky', which the build makes of an RnnGolden item", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_resource_that_is_no_memory_is_read_once()
    {
        var set = EmbeddedFiles.LoadWeights(new StreamAssembly("RnnCodegen.Weights.Leaky", Bytes()), Definition);
        Assert.Equal(s_values, set.Values);
    }

    private static SafeTensor Tensor(int index) =>
        new(Definition.Parameters[index].Name, [1, 1], s_values.AsMemory(index, 1));

    private static byte[] Bytes(Func<IEnumerable<SafeTensor>, IEnumerable<SafeTensor>>? change = null)
    {
        IEnumerable<SafeTensor> tensors = [Tensor(0), Tensor(1), Tensor(2)];
        using var folder = new TempFolder();
        SafeTensorsFile.Write(folder.File("file"), [.. change?.Invoke(tensors) ?? tensors]);
        return File.ReadAllBytes(folder.File("file"));
    }

    private static ParameterSet Filled(float value)
    {
        var set = new ParameterSet(Definition.Parameters);
        set.Edit().Fill(value);
        return set;
    }

    private static void Reload(ParameterSet set)
    {
        using var folder = new TempFolder();
        SafeTensors.Save(folder.File("other"), Filled(3));
        SafeTensors.Load(folder.File("other"), set);
    }

    private sealed class StreamAssembly(string resource, byte[] bytes) : Assembly
    {
        public override Stream? GetManifestResourceStream(string name) => name == resource ? new MemoryStream(bytes) : null;

        public override AssemblyName GetName() => new("Streams");
    }
}
