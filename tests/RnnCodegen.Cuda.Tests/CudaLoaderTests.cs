using Xunit;

namespace RnnCodegen.Cuda.Tests;

/// <summary>
/// How device code comes to a device: from the assembly, from the compiler, from the cache; and what is said where it does not.
/// </summary>
public sealed class CudaLoaderTests : IDisposable
{
    private readonly SoftwareDriver _driver = new();
    private readonly CudaDevice _device;
    private readonly string _folder = Directory.CreateTempSubdirectory("rnncodegen").FullName;

    public CudaLoaderTests() => _device = CudaDevice.TryOpen(_driver.Table, 0, out _)!;

    public void Dispose()
    {
        _device.Dispose();
        _driver.RequireClean();
        _driver.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public void Hash_of_a_text_is_the_same_for_ever()
    {
        Assert.Equal("ca978112ca1bbdcafac231b39a23dc4d", CudaTextHash.Of("a"));
        Assert.Equal(CudaTextHash.Of("a\nb"), CudaTextHash.Of("a\r\nb"));
        Assert.Equal("rnncodegen.cuda.ca978112ca1bbdcafac231b39a23dc4d.", CudaTextHash.Prefix("a"));
    }

    [Theory]
    [InlineData(75, "")]
    [InlineData(80, "sm_80 compute_80")]
    [InlineData(86, "sm_80 compute_80")]
    [InlineData(90, "sm_90 compute_90 compute_80")]
    [InlineData(100, "compute_90 compute_80")]
    public void Resources_that_fit_the_best_first(int architecture, string expected)
    {
        var found = EmbeddedImages.Find(GetType().Assembly, "a", architecture)
            .Select(image => System.Text.Encoding.UTF8.GetString(image.Bytes));
        Assert.Equal(expected, string.Join(' ', found.Select(text => text.Trim().TrimEnd('.').Split(' ')[^1])));
    }

    [Fact]
    public void Resource_comes_first_and_needs_no_compiler()
    {
        using var module = new CudaLoader(_device, NoCache, false).Load(SmallModel.Program(), NoCompiler());
        Assert.EndsWith(".compute_90.ptx", module.Origin);

        static IEnumerable<(NvrtcLibrary? Compiler, string Reason)> NoCompiler()
        {
            Assert.Fail("It was looked for.");
            yield break;
        }
    }

    [Fact]
    public void Resource_that_the_driver_is_too_old_for_is_passed_over()
    {
        using var driver = new SoftwareDriver(new() { DriverVersion = 12010 });
        using (var device = CudaDevice.TryOpen(driver.Table, 0, out _)!)
        {
            var fault = Assert.Throws<CudaException>(() => new CudaLoader(device, NoCache, false).Load(SmallModel.Program(), []));
            Assert.Contains("compute_90.ptx", fault.Message);
            Assert.Contains("CUDA_ERROR_UNSUPPORTED_PTX_VERSION", fault.Message);
            Assert.Contains("Unsupported .version 8.4", fault.Message);
        }

        driver.RequireClean();
    }

    [Fact]
    public void Error_of_the_device_is_told_and_nothing_else_tried()
    {
        _driver.Fail("cuModuleLoadDataEx", 1, SoftwareError.OutOfMemory);
        var nvrtc = new SoftwareNvrtc();
        var fault = Assert.Throws<CudaException>(() => Load(nvrtc, NoCache, SmallModel.Program()));
        Assert.Equal(("cuModuleLoadDataEx", SoftwareError.OutOfMemory), (fault.Call, fault.Code));
        Assert.Empty(nvrtc.Compiled);
    }

    [Theory]
    [InlineData(90, 12040, 12040, false, "--gpu-architecture=sm_90")]
    [InlineData(90, 12010, 12040, false, "--gpu-architecture=sm_90")]
    [InlineData(90, 12040, 12040, true, "--gpu-architecture=compute_90")]
    [InlineData(89, 12040, 12040, false, "--gpu-architecture=sm_86")]
    [InlineData(100, 12080, 12040, false, "--gpu-architecture=compute_90")]
    [InlineData(100, 12010, 12040, false, null)]
    [InlineData(90, 12040, 13000, false, null)]
    [InlineData(90, 13000, 12040, false, "--gpu-architecture=sm_90")]
    [InlineData(60, 12040, 12040, false, null)]
    public void What_is_compiled_for_a_device(int architecture, int driverVersion, int version, bool wantsPtx, string? expected)
    {
        using var driver = new SoftwareDriver(new() { Architecture = architecture, DriverVersion = driverVersion });
        var nvrtc = new SoftwareNvrtc { Version = version };
        using (var device = CudaDevice.TryOpen(driver.Table, 0, out _)!)
        {
            var ptx = SmallModel.Ptx.Replace("sm_90", $"sm_{Math.Min(architecture, 90)}", StringComparison.Ordinal);
            var loader = new CudaLoader(device, NoCache, wantsPtx);
            if (expected is null)
            {
                var fault = Assert.Throws<CudaException>(() => loader.Load(SmallModel.Of(ptx), [(nvrtc.Table, "")]));
                Assert.Contains("does not fit", fault.Message);
                Assert.Contains($"the driver is one for CUDA {CudaDriver.Spell(driverVersion)}", fault.Message);
            }
            else
            {
                loader.Load(SmallModel.Of(ptx), [(nvrtc.Table, "")]).Dispose();
                Assert.Equal([$"{expected} --std=c++17"], nvrtc.Compiled);
            }
        }

        Assert.Equal(0, nvrtc.Programs);
        driver.RequireClean();
    }

    [Fact]
    public void Text_that_does_not_compile_has_the_log()
    {
        var nvrtc = new SoftwareNvrtc { Error = NvrtcLibrary.WrongText, Log = "model.cu(3): error: expected a ';'" };
        var fault = Assert.Throws<CudaException>(() => Load(nvrtc, Cache()));
        Assert.StartsWith("The model's device code does not compile for sm_90 with NVRTC 12.4 (a test)", fault.Message);
        Assert.Contains(nvrtc.Log, fault.Log);
        Assert.Contains(nvrtc.Log, fault.Message);
        Assert.Equal(0, nvrtc.Programs);
        Assert.Empty(Directory.GetFiles(_folder));
    }

    [Fact]
    public void Builtins_that_are_missing_are_named_and_the_next_compiler_is_tried()
    {
        var nvrtc = new SoftwareNvrtc { Error = NvrtcLibrary.NoBuiltins, Log = "failed to open its builtins" };
        var fault = Assert.Throws<CudaException>(() => new CudaLoader(_device, Cache(), false)
            .Load(SmallModel.Of(SmallModel.Ptx), [(nvrtc.Table, ""), (null, "another is no compiler"), (nvrtc.Table, "")]));
        Assert.Contains($"loads, but its builtins do not: {NvrtcPlaces.BuiltinsOf(12040)} has to lie beside it", fault.Message);
        Assert.Contains("another is no compiler", fault.Message);
        Assert.Contains("RNNCODEGEN_NVRTC", fault.Message);
        Assert.Equal(2, nvrtc.Compiled.Count);
    }

    [Fact]
    public void Compiler_that_is_not_there_is_told()
    {
        var path = Path.Combine(_folder, "libnvrtc.so.12");
        var fault = Assert.Throws<CudaException>(() => _device.Load(SmallModel.Program(hasImages: false), new() { NvrtcPath = path }));
        Assert.Equal(
            "The model's device code cannot be brought to Software H200 (sm_90): it has no compiled code with it; " +
            $"CudaOptions.NvrtcPath names {path}, which does not load. Name the file of NVIDIA's run-time compiler in " +
            "CudaOptions.NvrtcPath or in RNNCODEGEN_NVRTC, or build the model where it is.", fault.Message);
    }

    [Fact]
    public void What_was_compiled_is_kept()
    {
        var nvrtc = new SoftwareNvrtc();
        Assert.Equal("NVRTC 12.4 (a test)", Load(nvrtc, Cache()));
        Assert.Equal("the cache, made by NVRTC 12.4 (a test)", Load(nvrtc, Cache()));
        Assert.Single(nvrtc.Compiled);
        Assert.Equal("NVRTC 12.4 (a test)", Load(nvrtc, NoCache));
        Assert.Equal("NVRTC 12.4 (a test)", Load(nvrtc, Cache(), SmallModel.Of(SmallModel.Ptx + "\n")));
        Assert.Equal("NVRTC 12.3 (a test)", Load(new SoftwareNvrtc { Version = 12030 }, Cache()));
        Assert.Equal(3, Directory.GetFiles(_folder).Length);
    }

    [Theory]
    [InlineData("cut")]
    [InlineData("empty")]
    [InlineData("changed")]
    [InlineData("longer")]
    [InlineData("head")]
    public void Damaged_file_is_compiled_again(string how)
    {
        var nvrtc = new SoftwareNvrtc();
        Load(nvrtc, Cache());
        var file = Assert.Single(Directory.GetFiles(_folder));
        var bytes = File.ReadAllBytes(file);
        switch (how)
        {
            case "changed":
                bytes[^10] ^= 1;
                break;
            case "head":
                bytes[0] ^= 1;
                break;
        }

        File.WriteAllBytes(file, how switch { "cut" => bytes[..^1], "empty" => [], "longer" => [.. bytes, 0], _ => bytes });
        Assert.Equal("NVRTC 12.4 (a test)", Load(nvrtc, Cache()));
        Assert.Equal("the cache, made by NVRTC 12.4 (a test)", Load(nvrtc, Cache()));
        Assert.Equal(2, nvrtc.Compiled.Count);
    }

    [Fact]
    public void Kept_code_that_the_device_refuses_is_compiled_again()
    {
        var nvrtc = new SoftwareNvrtc();
        var key = CudaCache.Key(SmallModel.Ptx, ["--gpu-architecture=sm_90", "--std=c++17"], 12040);
        Cache().TryWrite(key, "no code"u8.ToArray());
        Assert.Equal("no code"u8, Cache().TryRead(key)!);
        Assert.Equal("NVRTC 12.4 (a test)", Load(nvrtc, Cache()));
    }

    [Fact]
    public void Folder_that_cannot_be_written_to_is_no_error()
    {
        var file = Path.Combine(_folder, "file");
        File.WriteAllText(file, "");
        var nvrtc = new SoftwareNvrtc();
        foreach (var folder in new[] { file, Path.Combine(file, "below") })
        {
            Assert.Equal("NVRTC 12.4 (a test)", Load(nvrtc, Cache(folder)));
        }
    }

    [Fact]
    public void Several_may_use_a_folder_at_once()
    {
        var images = Enumerable.Range(0, 8).Select(i => Enumerable.Repeat((byte)i, 100_000).ToArray()).ToArray();
        var threads = images.Select(image => new Thread(() =>
        {
            for (var round = 0; round < 20; round++)
            {
                Cache().TryWrite("same", image);
                var read = Cache().TryRead("same");
                Assert.True(read is null || images.Any(one => one.AsSpan().SequenceEqual(read)));
            }
        })).ToArray();
        Array.ForEach(threads, thread => thread.Start());
        Array.ForEach(threads, thread => thread.Join());
        Assert.Contains(images, one => one.AsSpan().SequenceEqual(Cache().TryRead("same")));
        Assert.Equal(["same.bin"], Directory.GetFiles(_folder).Select(Path.GetFileName));
    }

    [Fact]
    public void Folder_is_the_users_cache()
    {
        if (!OperatingSystem.IsWindows())
        {
            new CudaCache(new CudaOptions(), name => name == "XDG_CACHE_HOME" ? _folder : null).TryWrite("a", [1]);
            new CudaCache(new CudaOptions(), name => name == "HOME" ? _folder : "").TryWrite("b", [1]);
            Assert.True(File.Exists(Path.Combine(_folder, "rnncodegen", "cuda", "a.bin")));
            Assert.True(File.Exists(Path.Combine(_folder, ".cache", "rnncodegen", "cuda", "b.bin")));
        }

        new CudaCache(new CudaOptions { CacheFolder = _folder, UseCache = false }, _ => null).TryWrite("c", [1]);
        Assert.Empty(Directory.GetFiles(_folder));
    }

    private CudaCache NoCache => new(new CudaOptions { UseCache = false }, _ => null);

    private CudaCache Cache(string? folder = null) => new(new CudaOptions { CacheFolder = folder ?? _folder }, _ => null);

    // Where the code came from.
    private string Load(SoftwareNvrtc nvrtc, CudaCache cache, CudaProgram? program = null)
    {
        using var module = new CudaLoader(_device, cache, false).Load(program ?? SmallModel.Of(SmallModel.Ptx), [(nvrtc.Table, "")]);
        _ = module["add"];
        return module.Origin;
    }
}
