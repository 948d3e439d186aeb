using RnnCodegen.Tests;
using RnnCodegen.Tool.Models;
using Xunit;

namespace RnnCodegen.Tool.Tests;

/// <summary>Paths that lead to something else than a file of one's own: pipes, links, files that are not to be written.</summary>
public class FileKindTests
{
    [PipeTheory]
    [InlineData("m.onnx")]
    [InlineData("m.pt")]
    [InlineData("m.npz")]
    [InlineData("m.keras")]
    [InlineData("m.h5")]
    [InlineData("m.json")]
    [InlineData("m.nam")]
    [InlineData("m.safetensors")]
    [InlineData("m.cs")]
    public async Task A_pipe_is_refused_by_name_and_not_waited_for(string name)
    {
        using var folder = new ToolFolder();
        Pipes.Make(folder[name]);
        await RequireRefused(folder[name], "inspect", folder[name]);
        if (name != "m.cs")
        {
            await RequireRefused(folder[name], "import", folder[name], "--class", "A", "--output", folder["out"]);
        }
    }

    [PipeTheory]
    [InlineData("verify", "--weights", "w.safetensors", "--against")]
    [InlineData("quantize", "--format", "bf16", "--weights")]
    [InlineData("export", "--weights", "w.safetensors", "--force", "--onnx")]
    [InlineData("export", "--weights", "w.safetensors", "--force", "--keras")]
    [InlineData("quantize", "--weights", "w.safetensors", "--force", "--format", "bf16", "--output")]
    [InlineData("quantize", "--weights", "w.safetensors", "--force", "--format", "int8", "--output")]
    public async Task A_pipe_is_neither_weights_nor_output(string command, params string[] options)
    {
        using var folder = new ToolFolder();
        var pipe = folder[options.Contains("int8") ? "pipe.cs" : "pipe"];
        Pipes.Make(pipe);
        folder.Write("Small.cs", ToolFolder.SmallClass);
        var weights = folder.WriteWeights("w.safetensors");
        await RequireRefused(pipe, [command, folder["Small.cs"], .. options.Select(o => o == "w.safetensors" ? weights : o), pipe]);
    }

    [PipeTheory]
    [InlineData("m.pt")]
    [InlineData("m.pth")]
    [InlineData("m.safetensors")]
    public async Task Readers_of_the_library_do_not_wait_either(string name)
    {
        using var folder = new ToolFolder();
        Pipes.Make(folder[name]);
        Action[] uses = [() => PyTorchImporter.Import(folder[name]), () => PyTorchFile.Read(folder[name]), () => NpzFile.Read(folder[name]),
            () => ModelFile.Open(folder[name])];
        foreach (var use in uses)
        {
            var error = await Assert.ThrowsAsync<IOException>(() => Task.Run(use).WaitAsync(Pipes.Patience));
            Assert.Contains("is a named pipe, not a file.", error.Message);
        }
    }

    [PipeFact]
    public void Nobody_can_open_what_is_written_before_it_has_its_permissions()
    {
        using var folder = new ToolFolder();
        var (text, weights) = (folder.Write("A.cs", "old"), folder.Write("A.safetensors", "old"));
        const UnixFileMode Mode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        var seen = new List<UnixFileMode>();
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(text, Mode);
            File.SetUnixFileMode(weights, Mode);
            FilePair.Write(text, "new", weights, path =>
            {
                seen.AddRange(Directory.GetFiles(folder[""]).Select(ModeOf));
                AtomicFile.Write(path, "new weights");
                seen.Add(ModeOf(path));
            });
        }

        Assert.Equal(Enumerable.Repeat(Mode, 5), seen);
        Assert.Equal(("new", "new weights"), (File.ReadAllText(text), File.ReadAllText(weights)));
        Assert.Equal(["A.cs", "A.safetensors"], folder.Files);

        static UnixFileMode ModeOf(string file) => OperatingSystem.IsWindows() ? UnixFileMode.None : File.GetUnixFileMode(file);
    }

    [Fact]
    public void Import_writes_where_links_lead_and_keeps_permissions()
    {
        using var folder = new ToolFolder();
        const UnixFileMode Mode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead;
        Directory.CreateDirectory(folder["there"]);
        foreach (var name in new[] { "M.cs", "M.safetensors" })
        {
            folder.Write($"there/{name}", "old");
            File.CreateSymbolicLink(folder[name], Path.Combine("there", name));
            if (!OperatingSystem.IsWindows())
            {
                File.SetUnixFileMode(folder[$"there/{name}"], Mode);
            }
        }

        FilePair.Write(folder["M.cs"], "new class", folder["M.safetensors"], file => File.WriteAllText(file, "new weights"));

        Assert.Equal(("new class", "new weights"),
            (File.ReadAllText(folder["there/M.cs"]), File.ReadAllText(folder["there/M.safetensors"])));
        Assert.Equal(["M.cs", "M.safetensors", "there"], folder.Files);
        foreach (var name in new[] { "M.cs", "M.safetensors" })
        {
            Assert.Equal(Path.Combine("there", name), new FileInfo(folder[name]).LinkTarget);
            if (!OperatingSystem.IsWindows())
            {
                Assert.Equal(Mode, File.GetUnixFileMode(folder[$"there/{name}"]));
            }
        }

        File.SetAttributes(folder["there/M.safetensors"], FileAttributes.ReadOnly);
        Assert.Throws<UnauthorizedAccessException>(
            () => FilePair.Write(folder["M.cs"], "newer", folder["M.safetensors"], file => File.WriteAllText(file, "newer")));
        Assert.Equal(("new class", "new weights"),
            (File.ReadAllText(folder["there/M.cs"]), File.ReadAllText(folder["there/M.safetensors"])));
        File.SetAttributes(folder["there/M.safetensors"], FileAttributes.Normal);
    }

    [Fact]
    public void A_quantized_class_replaces_its_file_whole_or_not_at_all()
    {
        using var folder = new ToolFolder();
        folder.Write("Small.cs", ToolFolder.SmallClass);
        var weights = folder.WriteWeights("w.safetensors");
        var target = folder.Write("Old.cs", "old");
        File.SetAttributes(target, FileAttributes.ReadOnly);

        var run = ToolRun.Of("quantize", folder["Small.cs"], "--weights", weights, "--format", "int8", "--output", target, "--force");

        Assert.Equal(2, run.ExitCode);
        Assert.Contains($"'{target}' is read-only", run.Error);
        Assert.Equal("old", File.ReadAllText(target));
        File.SetAttributes(target, FileAttributes.Normal);
    }

    private static async Task RequireRefused(string pipe, params string[] line)
    {
        var run = await Task.Run(() => ToolRun.Of(line)).WaitAsync(Pipes.Patience);
        Assert.Equal($"rnncodegen: '{pipe}' is a named pipe, not a file. Copy what it gives to a file, and name that.",
            run.Error.TrimEnd());
        Assert.Equal(2, run.ExitCode);
    }
}
