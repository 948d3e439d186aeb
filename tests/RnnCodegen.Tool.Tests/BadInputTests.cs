using RnnCodegen.Tests;
using Xunit;

namespace RnnCodegen.Tool.Tests;

/// <summary>What a user can get wrong ends in lines that say so, and is never called a defect of the program.</summary>
public class BadInputTests
{
    private const int Done = 0;
    private const int Refused = 1;
    private const int Unusable = 2;

    /// <summary>
    /// Command lines, words apart by blanks, of files in a folder: a word in braces is a file of it, and {} is an empty argument.
    /// </summary>
    [Theory]
    [InlineData(Unusable, "inspect {missing.onnx}", "missing.onnx")]
    [InlineData(Unusable, "inspect {folder.onnx}", "a folder")]
    [InlineData(Unusable, "inspect {folder.cs}", "a folder")]
    [InlineData(Refused, "inspect {empty.onnx}", "no graph")]
    [InlineData(Unusable, "inspect {empty.keras}", "no format")]
    [InlineData(Refused, "inspect {empty.safetensors}", "0 bytes")]
    [InlineData(Unusable, "inspect {empty.pt}", "no format")]
    [InlineData(Unusable, "inspect {empty.cs}", "0 classes")]
    [InlineData(Unusable, "inspect {what.xyz}", "no format")]
    [InlineData(Unusable, "inspect {}", "FILE is empty")]
    [InlineData(Unusable, "inspect {Small.cs} {Small.cs}", "--help")]
    [InlineData(Unusable, "inspect @Small.cs", "@Small.cs")]
    [InlineData(Unusable, "inspect {two.cs}", "2 classes")]
    [InlineData(Unusable, "inspect {none.cs}", "0 classes")]
    [InlineData(Refused, "inspect {syntax.cs}", "CS1513")]
    [InlineData(Refused, "inspect {rules.cs}", "RNN0103")]
    [InlineData(Unusable, "inspect {throws.cs}", "the class's own code failed")]
    [InlineData(Unusable, "import {w.safetensors} --class 1a.b", "not a C# class name")]
    [InlineData(Unusable, "import {w.safetensors} --class My.record", "not a C# class name")]
    [InlineData(Unusable, "import {w.safetensors} --class file", "not a C# class name")]
    [InlineData(Unusable, "import {w.safetensors} --class @class", "not a C# class name")]
    [InlineData(Unusable, "import {w.safetensors} --class a..b", "not a C# class name")]
    [InlineData(Unusable, "import {w.safetensors} --class {}", "--class is empty")]
    [InlineData(Unusable, "import {w.safetensors} --class A --output {}", "--output is empty")]
    [InlineData(Unusable, "import {w.safetensors} --class A --output {Small.cs}", "a file")]
    [InlineData(Unusable, "import {w.safetensors} --class A --output {Small.cs/x}", "Small.cs/x")]
    [InlineData(Unusable, "import {w.safetensors} --class w --output {.} --force", "what the command reads")]
    [InlineData(Unusable, "import {Small.cs} --class A", "annotated class already")]
    [InlineData(Refused, "import {w.safetensors} --class A --part nope --output {out}", "nope")]
    [InlineData(Refused, "import {nan.safetensors} --class A --output {out}", "NaN")]
    [InlineData(Unusable, "verify {Small.cs} --against {missing}", "missing")]
    [InlineData(Unusable, "verify {Small.cs} --against {}", "--against is empty")]
    [InlineData(Unusable, "verify {Small.cs} --against {empty.safetensors}", "0 bytes")]
    [InlineData(Unusable, "verify {Small.cs} --against {w.safetensors}", "no tensor 'input'")]
    [InlineData(Unusable, "verify {Small.cs} --against {wide.safetensors}", "rows of 3")]
    [InlineData(Unusable, "verify {Small.cs} --against {long.safetensors}", "for this input")]
    [InlineData(Unusable, "verify {Small.cs} --against {nans.safetensors}", "NaN")]
    [InlineData(Unusable, "verify {Small.cs} --against {lengths.safetensors}", "between 0 and T")]
    [InlineData(Unusable, "verify {Small.cs} --against {golden.safetensors} --weights {}", "--weights is empty")]
    [InlineData(Unusable, "verify {Small.cs} --against {golden.safetensors} --weights {golden.safetensors}", "Encoder.weight_ih_l0")]
    [InlineData(Unusable, "verify {Small.cs} --against {golden.safetensors} --weights {nan.safetensors}", "NaN")]
    [InlineData(Unusable, "verify {Small.cs} --against {golden.safetensors} --part x", "--part")]
    [InlineData(Unusable, "verify {Small.cs} --against {golden.safetensors} --tolerance abc", "--atol 'abc' is not a number")]
    [InlineData(Unusable, "verify {Small.cs} --against {golden.safetensors} --atol NaN", "--atol NaN")]
    [InlineData(Unusable, "verify {w.safetensors} --against {golden.safetensors} --weights {w.safetensors}", "--weights goes with")]
    [InlineData(Unusable, "verify A --against {golden.safetensors} --assembly {missing.dll}", "no assembly")]
    [InlineData(Unusable, "verify A --against {golden.safetensors} --assembly {folder.onnx}", "a folder")]
    [InlineData(Unusable, "verify A --against {golden.safetensors} --assembly {Small.cs}", "cannot be loaded")]
    [InlineData(Unusable, "verify A --against {golden.safetensors} --assembly {}", "--assembly is empty")]
    [InlineData(Unusable, "verify A --against {golden.safetensors} --assembly {model.dll}", ".deps.json")]
    [InlineData(Unusable, "export {Small.cs}", "say what to write")]
    [InlineData(Unusable, "export {Small.cs} --keras {a.keras} --stateless", "--stateless goes with --onnx")]
    [InlineData(Unusable, "export {Small.cs} --onnx {}", "--onnx is empty")]
    [InlineData(Unusable, "export {Small.cs} --onnx {folder.onnx} --force", "a folder")]
    [InlineData(Unusable, "export {Small.cs} --onnx {none/a.onnx}", "no folder")]
    [InlineData(Unusable, "export {Small.cs} --onnx {new/}", "no file's name")]
    [InlineData(Unusable, "export {Small.cs} --onnx {Small.cs} --force", "what the command reads")]
    [InlineData(Unusable, "export {Small.cs} --onnx {Small.safetensors} --force", "what the command reads")]
    [InlineData(Unusable, "export {w.safetensors} --keras {link.keras} --force", "what the command reads")]
    [InlineData(Unusable, "export {Small.cs} --onnx {a} --keras {none/../a}", "name one file")]
    [InlineData(Unusable, "export {Small.cs} --pytorch {a.xyz}", ".safetensors.")]
    [InlineData(Refused, "export {nan.safetensors} --onnx {a.onnx}", "NaN")]
    [InlineData(Unusable, "quantize {Small.cs} --format int4", "none of bf16 and int8")]
    [InlineData(Unusable, "quantize {Small.cs} --format int8 --output {Small.cs} --force", "what the command reads")]
    [InlineData(Unusable, "quantize {Small.cs} --format int8 --output {a.safetensors}", "a .cs file")]
    [InlineData(Unusable, "quantize {Small.cs} --format bf16 --output {a.cs}", "a .safetensors file")]
    [InlineData(Unusable, "quantize {Small.cs} --format bf16 --output {none/a.st}", "no folder")]
    [InlineData(Unusable, "quantize {Small.cs} --format bf16 --golden {golden.safetensors} --output {golden.safetensors} --force",
        "what the command reads")]
    [InlineData(Unusable, "quantize {Small.cs} --format bf16 --golden {lengths.safetensors}", "between 0 and T")]
    [InlineData(Unusable, "quantize {Small.cs} --format bf16 --golden {nans.safetensors}", "NaN")]
    [InlineData(Unusable, "quantize {Small.cs} --format bf16 --seed 99999999999", "--seed '99999999999' is not")]
    [InlineData(Unusable, "quantize {tokens.cs} --format bf16 --golden {tokens.safetensors}", "'tokens' is 99")]
    [InlineData(Refused, "quantize {nested.cs} --format int8 --output {a.cs}", "within Outer")]
    [InlineData(Done, "quantize {nested.cs} --format bf16", "")]
    public void It_is_said_in_lines_with_the_code(int code, string commandLine, string said) => RequireSaid(code, commandLine, said,
        withPipes: false);

    [PipeTheory]
    [InlineData(Unusable, "inspect {fifo.onnx}", "a named pipe")]
    [InlineData(Unusable, "inspect {fifo.cs}", "a named pipe")]
    [InlineData(Unusable, "export {Small.cs} --onnx {fifo.onnx} --force", "a named pipe")]
    public void A_pipe_is_said_in_lines_with_the_code(int code, string commandLine, string said) => RequireSaid(code, commandLine, said,
        withPipes: true);

    [Fact]
    public void An_output_that_takes_nothing_is_said()
    {
        using var folder = new ToolFolder();
        Fill(folder);
        foreach (var arguments in new[] { new[] { "inspect", folder["Small.cs"] }, ["inspect", folder["Small.cs"], "--json"], ["--help"] })
        {
            using var error = new StringWriter();
            Assert.Equal(Unusable, RnnCodegen.Tool.Commands.ToolCommands.Run(arguments, new FullWriter(), error));
            Assert.Equal("rnncodegen: the output cannot be written: No space left.", error.ToString().Trim());
        }
    }

    [Fact]
    public void An_error_that_nobody_takes_leaves_the_code()
    {
        using var folder = new ToolFolder();
        foreach (var arguments in new[]
        {
            new[] { "inspect", folder["none.onnx"] }, ["inspect", folder["none.onnx"], "--json"], ["inspect"], ["nothing"]
        })
        {
            using var output = new StringWriter();
            Assert.Equal(Unusable, RnnCodegen.Tool.Commands.ToolCommands.Run(arguments, output, new FullWriter()));
        }

        Assert.Equal(Unusable, RnnCodegen.Tool.Commands.ToolCommands.Run(["--help"], new FullWriter(), new FullWriter()));
    }

    private static void RequireSaid(int code, string commandLine, string said, bool withPipes)
    {
        using var folder = new ToolFolder();
        Fill(folder);
        if (withPipes)
        {
            Pipes.Make(folder["fifo.onnx"]);
            Pipes.Make(folder["fifo.cs"]);
        }

        var before = folder.Files;
        var run = ToolRun.Of([.. commandLine.Split(' ').Select(w => w == "{}" ? "" : w.StartsWith('{') ? folder[w[1..^1]] : w)]);

        Assert.Equal(code, run.ExitCode);
        Assert.DoesNotContain("defect", run.Error);
        Assert.Contains(said, run.Error);
        Assert.All(run.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries), line => Assert.StartsWith("rnncodegen: ", line));
        Assert.DoesNotContain("(Parameter", run.Error);
        Assert.Equal(before, folder.Files);
        Assert.Contains("class Small", File.ReadAllText(folder["Small.cs"]));
    }

    private static void Fill(ToolFolder folder)
    {
        folder.WriteWeights("w.safetensors");
        var weights = SafeTensorsFile.Read(folder.WriteWeights("Small.safetensors")).Tensors
            .Select(t => new SafeTensor(t.Name, t.Shape, t.ToFloats())).ToArray();
        folder.Write("nan.safetensors",
            [.. weights.Select(t => t.Name == "Head.bias" ? new SafeTensor(t.Name, t.Shape, new[] { float.NaN, 1 }) : t)]);
        folder.Write("Small.cs", ToolFolder.SmallClass);
        folder.Write("two.cs",
            ToolFolder.SmallClass +
            " [RnnModel(InputSize = 3)] public partial class Other { [Gru(4)] public partial GruLayer E { get; } }");
        folder.Write("none.cs", "class A { }");
        folder.Write("syntax.cs", ToolFolder.SmallClass[..^1]);
        folder.Write("rules.cs", ToolFolder.SmallClass.Replace("GruLayer", "LstmLayer"));
        folder.Write("throws.cs",
            ToolFolder.SmallClass.Replace("class Small\n{", "class Small\n{ static Small() => throw new Exception(\"x\\ny\");"));
        folder.Write("nested.cs", ToolFolder.SmallClass.Replace("[RnnModel", "public partial class Outer { [RnnModel") + "}");
        folder.Write("tokens.cs",
            ToolFolder.SmallClass.Replace("InputSize = 3", "").Replace("[Gru",
                "[Embedding(10, 3)] public partial EmbeddingLayer Words { get; } [Gru"));
        foreach (var name in new[] { "empty.onnx", "empty.keras", "empty.safetensors", "empty.pt", "empty.cs" })
        {
            folder.Write(name, "");
        }

        folder.Write("what.xyz", "hello");
        folder.Write("model.dll", "");
        folder.Write("model.deps.json", "{ not JSON");
        folder.Write("golden.safetensors", ToolFolder.Tensor("input", 5, 1, 3), ToolFolder.Tensor("output", 5, 1, 2));
        folder.Write("wide.safetensors", ToolFolder.Tensor("input", 5, 1, 4), ToolFolder.Tensor("output", 5, 1, 2));
        folder.Write("long.safetensors", ToolFolder.Tensor("input", 5, 1, 3), ToolFolder.Tensor("output", 4, 1, 2));
        folder.Write("nans.safetensors", ToolFolder.Tensor("input", 1, 1, 3), new SafeTensor("output", [1, 1, 2], new[] { 1, float.NaN }));
        folder.Write("lengths.safetensors", ToolFolder.Tensor("input", 5, 1, 3), ToolFolder.Tensor("output", 5, 1, 2),
            SafeTensor.Of<int>("lengths", [1], new[] { 9 }));
        folder.Write("tokens.safetensors", SafeTensor.Of<long>("tokens", [2, 1], new[] { 1L, 99 }), ToolFolder.Tensor("output", 2, 1, 2));
        Directory.CreateDirectory(folder["folder.onnx"]);
        Directory.CreateDirectory(folder["folder.cs"]);
        File.CreateSymbolicLink(folder["link.keras"], folder["w.safetensors"]);
        folder.Write("Tokens.safetensors", [ToolFolder.Tensor("Words.weight", 10, 3), .. weights]);
        File.Move(folder["Tokens.safetensors"], folder["TokenModel.safetensors"]);
        File.WriteAllText(folder["tokens.cs"], File.ReadAllText(folder["tokens.cs"]).Replace("class Small", "class TokenModel"));
    }

    /// <summary>An output on a full disk.</summary>
    private sealed class FullWriter : StringWriter
    {
        public override void Write(char value) => throw new IOException("No space left.");

        public override void Write(string? value) => throw new IOException("No space left.");

        public override void WriteLine(string? value) => throw new IOException("No space left.");
    }
}
