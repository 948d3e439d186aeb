using System.Runtime.InteropServices;
using RnnCodegen.Runtime;
using RnnCodegen.Tool.Commands;
using RnnCodegen.Tool.Compilation;
using RnnCodegen.Tool.Golden;
using Xunit;

namespace RnnCodegen.Tool.Tests;

public class VerifyCommandTests
{
    private const int Steps = 5;
    private const int Batch = 2;

    private static readonly Lazy<CompiledModel> s_small = new(
        () => ModelCompiler.Compile(new ModelSource("Small.cs", ToolFolder.SmallClass)).Single());

    [Fact]
    public void Outputs_that_agree_pass_at_all_widths_in_run_and_step()
    {
        using var folder = new ToolFolder();

        var run = ToolRun.Of("verify", WriteModel(folder), "--against", WriteGolden(folder), "--json");

        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.True((bool?)run.Json["passed"]);
        Assert.Equal((Steps, Batch, 1e-5, 1e-5),
            ((int?)run.Json["steps"], (int?)run.Json["batch"], (double?)run.Json["atol"], (double?)run.Json["rtol"]));
        Assert.Equal(
            Enum.GetNames<SimdWidth>().SelectMany(w => new[] { (w, "Run"), (w, "Step") }),
            run.Json["results"]!.AsArray().Select(r => ((string)r!["width"]!, (string)r["call"]!)));
    }

    [Fact]
    public void A_report_has_the_errors_the_cost_of_a_step_and_the_size()
    {
        using var folder = new ToolFolder();
        var model = WriteModel(folder);
        var golden = WriteGolden(folder, output => output[3] += 0.003f);
        var file = folder["report.md"];

        var run = ToolRun.Of("verify", model, "--against", golden, "--atol", "0.01", "--report", file, "--json");
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        var report = run.Json["report"]!;
        Assert.Equal(Enum.GetNames<SimdWidth>(), report["double"]!.AsArray().Select(r => (string)r!["width"]!));
        Assert.All(report["double"]!.AsArray(), r => Assert.InRange((double)r!["largestDifference"]!, 1e-12, 1e-6));
        Assert.True((double)report["microsecondsPerStep"]! > 0);
        Assert.Equal(0, (double)report["bytesPerStep"]!);
        Assert.Equal(Parameters().Values.Length * 4, (int)report["parameterBytes"]!);

        var text = File.ReadAllText(file);
        Assert.Contains($"| largest difference from the outputs in `{golden}`, all widths | 0.003 |", text);
        Assert.Contains("| largest difference from double precision, Scalar | ", text);
        Assert.Contains("| allocated by a step | 0 bytes |", text);

        // What exists is kept, unless it may be replaced.
        Assert.Contains("--force", ToolRun.Of("verify", model, "--report", file).Error);
        Assert.Equal(0, ToolRun.Of("verify", model, "--report", file, "--force").ExitCode);
        Assert.DoesNotContain("golden", File.ReadAllText(file));
        Assert.Contains("random normal numbers, seed 1", File.ReadAllText(file));
    }

    [Fact]
    public void A_verification_needs_something_to_compare_with_or_a_report_to_write()
    {
        using var folder = new ToolFolder();
        var model = WriteModel(folder);

        var none = ToolRun.Of("verify", model);
        Assert.Equal(2, none.ExitCode);
        Assert.Contains("--against GOLDEN, --report FILE, or both", none.Error);
        var tolerance = ToolRun.Of("verify", model, "--report", folder["report.md"], "--atol", "1");
        Assert.Equal(2, tolerance.ExitCode);
        Assert.Contains("--against GOLDEN", tolerance.Error);
    }

    [Fact]
    public void An_output_that_differs_fails_and_is_named()
    {
        using var folder = new ToolFolder();
        var model = WriteModel(folder);
        var golden = WriteGolden(folder, output => output[(((3 * Batch) + 1) * 2) + 1] += 0.01f);

        var run = ToolRun.Of("verify", model, "--against", golden);
        Assert.Equal(1, run.ExitCode);
        Assert.Contains("FAILED", run.Output);
        Assert.Contains("output[3, 1, 1]", run.Output);

        Assert.Equal(0, ToolRun.Of("verify", model, "--against", golden, "--tolerance", "0.02").ExitCode);
    }

    [Fact]
    public void A_value_may_differ_by_a_part_of_its_own_size()
    {
        using var folder = new ToolFolder();
        var model = WriteModel(folder);
        var golden = WriteGolden(folder, output => output[7] *= 1.02f);

        Assert.Equal(0, ToolRun.Of("verify", model, "--against", golden, "--atol", "1e-6", "--rtol", "0.03").ExitCode);
        var run = ToolRun.Of("verify", model, "--against", golden, "--atol", "1e-6", "--rtol", "0.001");
        Assert.Equal(1, run.ExitCode);
        Assert.Contains("allowed atol 1E-06 + rtol 0.001 |expected|", run.Output);
    }

    [Fact]
    public void NumPy_archives_are_golden_files_too()
    {
        using var folder = new ToolFolder();
        var (x, y) = Golden();
        var model = WriteModel(folder);
        var golden = NpyBytes.WriteNpz(folder["golden.npz"],
            ("features", "<f8", [Steps, Batch, 3], Doubles(x)), ("y", "<f8", [Steps, Batch, 2], Doubles(y)),
            ("lengths", "<i8", [Batch], MemoryMarshal.AsBytes<long>([Steps, Steps]).ToArray()),
            ("initial.Encoder.h_l0", "<f8", [Batch, 4], Doubles(new float[Batch * 4])));

        var run = ToolRun.Of("verify", model, "--against", golden, "--input-name", "features", "--output-name", "y");
        Assert.Equal((0, ""), (run.ExitCode, run.Error));

        y[5] += 0.1f;
        NpyBytes.WriteNpz(golden, ("features", "<f8", [Steps, Batch, 3], Doubles(x)), ("y", "<f8", [Steps, Batch, 2], Doubles(y)));
        Assert.Equal(1,
            ToolRun.Of("verify", model, "--against", golden, "--input-name", "features", "--output-name", "y").ExitCode);
        Assert.Contains("it has features, y", ToolRun.Of("verify", model, "--against", golden).Error);
    }

    [Fact]
    public void Tensors_of_other_names_with_the_batch_first_are_read_as_said()
    {
        using var folder = new ToolFolder();
        var (x, y) = Golden();
        var golden = folder.Write(
            "g.safetensors", new SafeTensor("x", [Batch, Steps, 3], Swap(x, 3)), new SafeTensor("y", [Batch, Steps, 2], Swap(y, 2)),
            ToolFolder.Tensor("other", 3));
        string[] command = ["verify", WriteModel(folder), "--against", golden, "--input-name", "x", "--output-name", "y"];

        Assert.Equal(0, ToolRun.Of([.. command, "--batch-first"]).ExitCode);

        var other = ToolRun.Of(command);
        Assert.Equal(1, other.ExitCode);
        var unnamed = ToolRun.Of("verify", folder["Small.cs"], "--against", golden);
        Assert.Equal(2, unnamed.ExitCode);
        Assert.Contains("--input-name", unnamed.Error);
    }

    [Fact]
    public void A_memory_has_the_batch_first_where_all_have()
    {
        using var folder = new ToolFolder();
        var model = ModelCompiler.Compile([SimdWidth.Scalar], new ModelSource("Attending.cs",
            "using RnnCodegen; [RnnModel(InputSize = 3, MemorySize = 2)] public partial class Attending { [Gru(2)] public partial " +
            "GruLayer A { get; } [Attention] public partial AttentionLayer B { get; } }")).Single();
        float[] batchFirst = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12];
        var golden = folder.Write(
            "g.safetensors", ToolFolder.Tensor("input", Batch, Steps, 3), ToolFolder.Tensor("output", Batch, Steps, 2),
            new SafeTensor("memory", [Batch, 3, 2], batchFirst));

        var memory = GoldenData.Read(golden, new GoldenOptions(null, null, true), model.Definition).File["memory"];
        Assert.Equal([3, Batch, 2], memory.Shape);
        Assert.Equal([1f, 2, 7, 8, 3, 4, 9, 10, 5, 6, 11, 12], memory.ToFloats());

        var other = folder.Write(
            "h.safetensors", ToolFolder.Tensor("input", Batch, Steps, 3), ToolFolder.Tensor("output", Batch, Steps, 2),
            new SafeTensor("memory", [3, Batch, 2], batchFirst));
        Assert.Contains("a memory of 2 samples", Assert.Throws<CommandException>(
            () => GoldenData.Read(other, new GoldenOptions(null, null, true), model.Definition)).Message);
    }

    [Fact]
    public void A_sample_alone_needs_no_batch_axis()
    {
        using var folder = new ToolFolder();
        var (x, y) = Golden();
        var first = new[] { Swap(x, 3)[..(Steps * 3)], Swap(y, 2)[..(Steps * 2)] };
        var golden = folder.Write("g.safetensors", new SafeTensor("input", [Steps, 3], first[0]),
            new SafeTensor("output", [Steps, 2], first[1]));

        Assert.Equal(0, ToolRun.Of("verify", WriteModel(folder), "--against", golden).ExitCode);
    }

    [Fact]
    public void Lengths_and_states_are_compared()
    {
        using var folder = new ToolFolder();
        var parameters = Parameters();
        var core = s_small.Value.Create(SimdWidth.Scalar, parameters);
        var x = Golden().Input;
        var y = new float[Steps * Batch * 2];
        using var states = new ToolFolder();
        var (initial, final) = (core.CreateState(Batch), core.CreateState(Batch));
        initial.CopyFrom(Enumerable.Range(0, initial.Length).Select(i => 0.1f * i).ToArray());
        core.Run(x, y, Steps, Batch, [5, 2], initial, final);
        var (before, after) = (new float[Batch * 4], new float[Batch * 4]);
        initial.CopyTo(before);
        final.CopyTo(after);
        SafeTensor[] tensors =
        [
            new("input", [Steps, Batch, 3], x), new("output", [Steps, Batch, 2], y), SafeTensor.Of<int>("lengths", [Batch], new[] { 5, 2 }),
            new("initial.Encoder.h_l0", [Batch, 4], before), new("final.Encoder.h_l0", [Batch, 4], after),
        ];
        var model = WriteModel(folder);

        Assert.Equal(0, ToolRun.Of("verify", model, "--against", folder.Write("g.safetensors", tensors)).ExitCode);

        tensors[4] = new("final.Encoder.h_l0", [Batch, 4], after.Select(v => v + 0.001f).ToArray());
        var run = ToolRun.Of("verify", model, "--against", folder.Write("g.safetensors", tensors));
        Assert.Equal(1, run.ExitCode);
        Assert.Contains("final.Encoder.h_l0[", run.Output);
    }

    [Fact]
    public void A_class_of_an_assembly_is_found_by_name()
    {
        using var folder = new ToolFolder();
        var weights = folder.WriteWeights("w.safetensors");
        var golden = WriteGolden(folder);
        using (var file = File.Create(folder["models.dll"]))
        {
            ModelCompiler.Emit([new ModelSource("Small.cs", ToolFolder.SmallClass)], Enum.GetValues<SimdWidth>()).Image.CopyTo(file);
        }

        Assert.Equal(0,
            ToolRun.Of("verify", "My.Small", "--assembly", folder["models.dll"], "--weights", weights, "--against", golden).ExitCode);
        Assert.Equal(0,
            ToolRun.Of("verify", "Small", "--assembly", folder["models.dll"], "--weights", weights, "--against", golden).ExitCode);

        var unknown = ToolRun.Of("verify", "Large", "--assembly", folder["models.dll"], "--weights", weights, "--against", golden);
        Assert.Equal(2, unknown.ExitCode);
        Assert.Contains("My.Small", unknown.Error);
        Assert.Equal(2, ToolRun.Of("verify", "Small", "--assembly", golden, "--weights", weights, "--against", golden).ExitCode);
    }

    [Fact]
    public void A_class_without_weights_is_refused_with_the_cure()
    {
        using var folder = new ToolFolder();

        var run = ToolRun.Of("verify", folder.Write("Small.cs", ToolFolder.SmallClass), "--against", WriteGolden(folder));

        Assert.Equal(2, run.ExitCode);
        Assert.Contains("--weights", run.Error);
        Assert.Contains("Small.safetensors", run.Error);
    }

    [Theory]
    [InlineData("-1")]
    [InlineData("many")]
    public void A_tolerance_is_a_number(string tolerance) =>
        Assert.Equal(2, ToolRun.Of("verify", "m.onnx", "--against", "g.safetensors", "--tolerance", tolerance).ExitCode);

    private static byte[] Doubles(float[] values) => MemoryMarshal.AsBytes<double>(Array.ConvertAll(values, v => (double)v)).ToArray();

    private static string WriteModel(ToolFolder folder)
    {
        folder.WriteWeights("Small.safetensors");
        return folder.Write("Small.cs", ToolFolder.SmallClass);
    }

    private static string WriteGolden(ToolFolder folder, Action<float[]>? change = null)
    {
        var (x, y) = Golden();
        change?.Invoke(y);
        return folder.Write("golden.safetensors", new SafeTensor("input", [Steps, Batch, 3], x),
            new SafeTensor("output", [Steps, Batch, 2], y));
    }

    private static (float[] Input, float[] Output) Golden()
    {
        var x = Enumerable.Range(0, Steps * Batch * 3).Select(i => MathF.Sin(i)).ToArray();
        var y = new float[Steps * Batch * 2];
        s_small.Value.Create(SimdWidth.Scalar, Parameters()).Run(x, y, Steps, Batch);
        return (x, y);
    }

    private static ParameterSet Parameters()
    {
        using var folder = new ToolFolder();
        var parameters = new ParameterSet(s_small.Value.Definition.Parameters);
        SafeTensors.Load(folder.WriteWeights("w.safetensors"), parameters);
        return parameters;
    }

    /// <summary>[T, B, width] as [B, T, width].</summary>
    private static float[] Swap(float[] rows, int width) =>
        [.. Enumerable.Range(0, Batch)
            .SelectMany(b => Enumerable.Range(0, Steps).SelectMany(t => rows.Skip(((t * Batch) + b) * width).Take(width)))];
}
