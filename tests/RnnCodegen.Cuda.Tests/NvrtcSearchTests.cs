using Xunit;

namespace RnnCodegen.Cuda.Tests;

/// <summary>Where the compiler is looked for.</summary>
public sealed class NvrtcSearchTests : IDisposable
{
    private static readonly string s_name = OperatingSystem.IsWindows() ? "nvrtc64_120_0.dll" : "libnvrtc.so.12";
    private readonly string _folder = Directory.CreateTempSubdirectory("rnncodegen").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Property_is_before_the_variable_and_each_is_alone()
    {
        string? Variable(string name) => name == CudaOptions.NvrtcVariable ? "/there/b" : null;
        Assert.Equal(["/there/a"], new NvrtcSearch(new() { NvrtcPath = "/there/a" }, 12040, Variable).Places);
        var search = new NvrtcSearch(new(), 12040, Variable);
        Assert.Equal(["/there/b"], search.Places);
        Assert.Equal([(null, "RNNCODEGEN_NVRTC names /there/b, which does not load")], search.Open());
    }

    [Fact]
    public void Names_are_before_the_toolkit()
    {
        var path = Put(OperatingSystem.IsWindows() ? "bin" : "lib64");
        var places = new NvrtcSearch(new(), 12040, name => name == "CUDA_PATH" ? _folder : null).Places;
        Assert.Equal(s_name, places[0]);
        Assert.Equal(path, places.First(Path.IsPathRooted));
    }

    [Fact]
    public void Compilers_of_the_drivers_own_version_are_first()
    {
        var places = new NvrtcSearch(new(), 13000, _ => null).Places;
        Assert.Equal(OperatingSystem.IsWindows() ? "nvrtc64_130_0.dll" : "libnvrtc.so.13", places[0]);
        Assert.Equal(s_name, places[1]);
        Assert.DoesNotContain("libnvrtc.so.13", new NvrtcSearch(new(), 12040, _ => null).Places);
    }

    [Fact]
    public void Packages_of_Python_bring_one()
    {
        if (!OperatingSystem.IsWindows())
        {
            var path = Put("lib/python3.12/site-packages/nvidia/cuda_nvrtc/lib");
            Assert.Contains(path, new NvrtcSearch(new(), 12040, name => name == "VIRTUAL_ENV" ? _folder : null).Places);
        }
    }

    [Fact]
    public void File_that_is_no_library_is_passed_over()
    {
        var path = Put("lib64");
        var (compiler, reason) = Assert.Single(new NvrtcSearch(new() { NvrtcPath = path }, 12040, _ => null).Open());
        Assert.Null(compiler);
        Assert.Equal($"CudaOptions.NvrtcPath names {path}, which does not load", reason);
    }

    [Fact]
    public void Library_that_is_no_compiler_says_what_it_lacks()
    {
        var path = OperatingSystem.IsWindows() ? "kernel32.dll" : OperatingSystem.IsMacOS() ? "libSystem.dylib" : "libm.so.6";
        var search = new NvrtcSearch(new() { NvrtcPath = path }, 12040, _ => null);
        Assert.Equal([(null, $"{path} lacks nvrtcVersion")], search.Open());
    }

    [Fact]
    public void What_was_looked_for_is_said()
    {
        var search = new NvrtcSearch(new(), 12040, name => name == "CUDA_PATH" ? "/no/such" : null);
        foreach (var (compiler, reason) in search.Open().Take(1))
        {
            Assert.True(compiler is not null || reason.Contains($"{s_name}", StringComparison.Ordinal), reason);
            Assert.True(compiler is not null || reason.Contains("CUDA_PATH (/no/such)", StringComparison.Ordinal), reason);
        }
    }

    private string Put(string below)
    {
        var path = Path.Combine(Directory.CreateDirectory(Path.Combine(_folder, below)).FullName, s_name);
        File.WriteAllText(path, "no library");
        return path;
    }
}
