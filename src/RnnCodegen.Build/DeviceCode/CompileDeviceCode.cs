using System.Diagnostics;
using System.Text;
using Microsoft.Build.Framework;
using RnnCodegen.Cuda;

namespace RnnCodegen.Build;

/// <summary>
/// Compiles the device code in files that the generator wrote to machine code and PTX, named as the program looks for them among its
/// resources. What is there already of a text, from the same compiler, is not compiled again.
/// </summary>
public sealed class CompileDeviceCode : Microsoft.Build.Utilities.Task
{
    /// <summary>Folder of the generator's files, and all below it.</summary>
    [Required]
    public string Texts { get; set; } = "";

    /// <summary>Folder of the images.</summary>
    [Required]
    public string Images { get; set; } = "";

    /// <summary>What is made: sm_90 for machine code, compute_90 for PTX.</summary>
    [Required]
    public string[] Architectures { get; set; } = [];

    /// <summary>The compiler that the project names; empty for none.</summary>
    public string Nvrtc { get; set; } = "";

    /// <summary>The files of the images.</summary>
    [Output]
    public string[] Names { get; private set; } = [];

    /// <inheritdoc/>
    public override bool Execute()
    {
        try
        {
            var wanted = Architectures.Select(Build.Architectures.Parse).Distinct().ToArray();
            Compile(wanted);
        }
        catch (FormatException e)
        {
            DeviceLog.Error(Log, DeviceCodeException.WrongSetting, e.Message);
        }

        return !Log.HasLoggedErrors;
    }

    private void Compile(Architectures.Image[] wanted)
    {
        var compiler = NvrtcCompiler.Find(Nvrtc, Environment.GetEnvironmentVariable, out var reason);
        if (compiler is null)
        {
            DeviceLog.Error(Log, DeviceCodeException.WrongSetting, reason);
            return;
        }

        var clock = Stopwatch.StartNew();
        ForgetOthers(compiler);
        var (names, models, compiled) = (new HashSet<string>(StringComparer.Ordinal), 0, 0);
        var files = Directory.Exists(Texts) ? Directory.GetFiles(Texts, "*" + DeviceText.Ending, SearchOption.AllDirectories) : [];
        foreach (var file in files.OrderBy(f => f, StringComparer.Ordinal))
        {
            if (DeviceText.Find(DeviceText.Read(file)) is not { } text)
            {
                continue;
            }

            models++;
            foreach (var images in wanted.GroupBy(image => image.Number))
            {
                compiled += Compile(compiler, file, text, images.Key, [.. images], names) ? 1 : 0;
            }
        }

        foreach (var file in Directory.GetFiles(Images, "rnncodegen.cuda.*").Where(f => !names.Contains(Path.GetFileName(f))))
        {
            File.Delete(file);
        }

        Names = [.. names.OrderBy(name => name, StringComparer.Ordinal)];
        if (compiled > 0)
        {
            var size = Names.Sum(name => new FileInfo(Path.Combine(Images, name)).Length);
            Log.LogMessage(MessageImportance.Normal, "{0}",
                $"RnnCodegen: {compiler.Name} compiled the CUDA code of {models} models in {clock.Elapsed.TotalSeconds:F1} s; " +
                $"machine code and PTX are {size / 1024} KB.");
        }
    }

    // Whether something was compiled.
    private bool Compile(
        NvrtcCompiler compiler, string file, string text, int architecture, Architectures.Image[] images, HashSet<string> names)
    {
        var prefix = CudaTextHash.Prefix(text);
        var isThere = images.All(image => File.Exists(Path.Combine(Images, prefix + image.Name)));
        foreach (var image in images)
        {
            names.Add(prefix + image.Name);
        }

        if (isThere)
        {
            return false;
        }

        var (cubin, ptx, error) = compiler.Compile(text, architecture);
        if (error is not null)
        {
            DeviceLog.Error(Log, DeviceCodeException.WrongText,
                $"The CUDA code of {ModelOf(file)} does not compile for sm_{architecture}: {error}", file);
            return false;
        }

        foreach (var image in images)
        {
            Write(prefix + image.Name, image.IsMachineCode ? cubin : ptx);
        }

        return true;
    }

    private static string ModelOf(string file) =>
        Path.GetFileName(file).Substring(0, Path.GetFileName(file).Length - DeviceText.Ending.Length);

    // What another compiler made is compiled again.
    private void ForgetOthers(NvrtcCompiler compiler)
    {
        var mark = Path.Combine(Images, "compiler.txt");
        var state = $"{compiler.Version} {NvrtcCompiler.Options}";
        Directory.CreateDirectory(Images);
        if (File.Exists(mark) && DeviceText.Read(mark) == state)
        {
            return;
        }

        foreach (var file in Directory.GetFiles(Images, "rnncodegen.cuda.*"))
        {
            File.Delete(file);
        }

        Write("compiler.txt", Encoding.UTF8.GetBytes(state));
    }

    // Under another name first: half a file would be taken for a whole one by the next build.
    private void Write(string name, byte[] bytes)
    {
        var path = Path.Combine(Images, name);
        var temporary = path + ".new";
#pragma warning disable RS0030 // The file that this writes is renamed.
        File.WriteAllBytes(temporary, bytes);
#pragma warning restore RS0030
        File.Delete(path);
        File.Move(temporary, path);
    }
}
