namespace RnnCodegen.Cuda;

/// <summary>
/// Brings a model's device code to a device: machine code of the model's assembly, else its PTX, else what NVRTC makes of the text, which
/// is kept on disk.
/// </summary>
/// <param name="device">The device.</param>
/// <param name="cache">What was compiled before.</param>
/// <param name="wantsPtx">Whether PTX is asked for where machine code could be.</param>
internal sealed class CudaLoader(CudaDevice device, CudaCache cache, bool wantsPtx)
{
    private readonly List<string> _tried = [];

    /// <summary>Loads a program.</summary>
    /// <param name="program">The program.</param>
    /// <param name="compilers">NVRTC wherever it is, or why it is not; opened one by one, as far as they are needed.</param>
    /// <exception cref="CudaException">Nothing could be loaded; the message says what was tried.</exception>
    public CudaModule Load(CudaProgram program, IEnumerable<(NvrtcLibrary? Compiler, string Reason)> compilers)
    {
        foreach (var image in program.Images is { } assembly ? EmbeddedImages.Find(assembly, program.Text, device.Architecture) : [])
        {
            if (TryLoad(image) is { } module)
            {
                return module;
            }
        }

        if (_tried.Count == 0)
        {
            _tried.Add(program.Images is { } none
                ? $"{none.GetName().Name} has no code of it for sm_{device.Architecture}"
                : "it has no compiled code with it");
        }

        foreach (var (compiler, reason) in compilers)
        {
            if (compiler is null)
            {
                _tried.Add(reason);
            }
            else if (TryCompile(compiler, program.Text) is { } module)
            {
                return module;
            }
        }

        throw new CudaException(
            $"The model's device code cannot be brought to {device.Name} (sm_{device.Architecture}): {string.Join("; ", _tried)}. " +
            $"Name the file of NVIDIA's run-time compiler in CudaOptions.NvrtcPath or in {CudaOptions.NvrtcVariable}, or build the model " +
            "where it is.");
    }

    // An image that is not for this device or driver is passed over; other errors are the device's own.
    private CudaModule? TryLoad(CudaImage image)
    {
        try
        {
            return device.Load(image);
        }
        catch (CudaException e) when (e.Code is CudaConstants.InvalidImage or CudaConstants.NoBinaryForGpu or CudaConstants.InvalidPtx
            or CudaConstants.JitCompilerNotFound or CudaConstants.UnsupportedPtxVersion or CudaConstants.JitCompilationDisabled)
        {
            _tried.Add(e.Message.TrimEnd('.'));
            return null;
        }
    }

    private CudaModule? TryCompile(NvrtcLibrary compiler, string text)
    {
        var name = $"NVRTC {CudaDriver.Spell(compiler.Version)} ({compiler.Path})";
        if (TargetOf(compiler) is not var (architecture, isMachineCode))
        {
            _tried.Add($"what {name} makes does not fit: the driver is one for CUDA {CudaDriver.Spell(device.DriverVersion)}");
            return null;
        }

        string[] options = [$"--gpu-architecture={(isMachineCode ? "sm" : "compute")}_{architecture}", "--std=c++17"];
        var key = CudaCache.Key(text, options, compiler.Version);
        if (cache.TryRead(key) is { } kept && TryLoad(new CudaImage(kept, $"the cache, made by {name}")) is { } module)
        {
            return module;
        }

        var (image, error, log) = compiler.Compile(text, options, isMachineCode);
        if (error == NvrtcLibrary.WrongText)
        {
            throw new CudaException($"The model's device code does not compile for sm_{architecture} with {name}", log);
        }

        if (error != 0)
        {
            _tried.Add(error == NvrtcLibrary.NoBuiltins
                ? $"{name} loads, but its builtins do not: {NvrtcPlaces.BuiltinsOf(compiler.Version)} has to lie beside it"
                : $"{name} fails: {log}");
            return null;
        }

        cache.TryWrite(key, image);
        return TryLoad(new CudaImage(image, name));
    }

    /// <summary>
    /// What a compiler makes for the device. Machine code runs with every driver of the compiler's major version and later ones, PTX
    /// only with one that is as new as the compiler. Null where neither does.
    /// </summary>
    private (int Architecture, bool IsMachineCode)? TargetOf(NvrtcLibrary compiler)
    {
        var (version, driver) = (compiler.Version, device.DriverVersion);
        int[] all = [.. compiler.Architectures().Where(architecture => architecture <= device.Architecture).OrderDescending()];
        if (all.Length == 0 || version / 1000 > driver / 1000)
        {
            return null;
        }

        return all[0] / 10 == device.Architecture / 10 && !wantsPtx ? (all[0], true) : version <= driver ? (all[0], false) : null;
    }
}
