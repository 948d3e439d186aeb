using RnnCodegen.Interchange;
using RnnCodegen.Interchange.Onnx;
using RnnCodegen.Runtime;
using RnnCodegen.Tool.Commands;
using RnnCodegen.Tool.Compilation;

namespace RnnCodegen.Tool.Models;

/// <summary>
/// A model that a command was given: another framework's file, a file with an annotated class, or a class of an assembly.
/// </summary>
internal sealed class ModelArgument
{
    private const string ClassFile = ".cs";
    private const string WeightFile = ".safetensors";

    private IReadOnlyCollection<SimdWidth> _widths = [ModelCompiler.MachineWidth];

    private ModelArgument(string name, string format, ModelDescription description, params IReadOnlyList<string> files) =>
        (Name, Format, Description, Files) = (name, format, description, files);

    /// <summary>The file or class, for messages.</summary>
    public string Name { get; }

    /// <summary>What it is.</summary>
    public string Format { get; }

    /// <summary>The model as data; without weights where a class was given and none were found.</summary>
    public ModelDescription Description { get; private set; }

    /// <summary>The files that it was read from, which no command writes over.</summary>
    public IReadOnlyList<string> Files { get; }

    /// <summary>The text of the class file that was built; null where a class was given, or before it is built.</summary>
    public string? ClassText { get; private set; }

    /// <summary>The class; null of a described model that was not built yet.</summary>
    public CompiledModel? Built { get; private set; }

    /// <summary>The class's parameters; null where there are none.</summary>
    public ParameterSet? Parameters { get; private set; }

    /// <summary>Whether a command line names a file with an annotated class.</summary>
    public static bool IsClassFile(string model) => Path.GetExtension(model) == ClassFile;

    /// <summary>Opens what a command line names.</summary>
    /// <param name="model">A file; with an assembly, a class's name.</param>
    /// <param name="weights">Weights of a class; where null, those beside its file under the class's name, if any.</param>
    /// <param name="assembly">The assembly that has the class; null where <paramref name="model"/> is a file.</param>
    /// <param name="part">The part of another framework's file; null for the whole.</param>
    /// <param name="order">The modules of a state dict in the order of computation; null where the file tells it.</param>
    /// <param name="graph">What is chosen of an ONNX graph; null where nothing is.</param>
    /// <param name="widths">The widths that a class which is built runs at; null for this machine's alone.</param>
    /// <param name="architecture">The JSON of a Keras model, for a file of its weights; null where there is none.</param>
    /// <exception cref="CommandException">There is no such class, or a file says nothing of layers; the message says the cure.</exception>
    public static ModelArgument Open(
        string model, string? weights = null, string? assembly = null, string? part = null, IReadOnlyList<string>? order = null,
        IReadOnlyCollection<SimdWidth>? widths = null, OnnxImportOptions? graph = null, string? architecture = null)
    {
        if (graph is not null && (assembly is not null || IsClassFile(model)))
        {
            throw new CommandException(ExitCode.Unusable,
                $"'{model}' is a class; --size, --input-value, --from and --to go with an ONNX graph.");
        }

        if ((part ?? architecture) is not null || order is not null)
        {
            RequireOtherFile(model, assembly, part is not null ? "--part" : order is not null ? "--order" : "--architecture");
        }

        if (assembly is not null)
        {
            return OfClass(model, "class", ModelAssembly.Find(assembly, model), weights, assembly);
        }

        if (IsClassFile(model))
        {
            using var text = new StreamReader(RegularFile.OpenRead(model));
            var models = ModelCompiler.Compile(widths ?? [ModelCompiler.MachineWidth], new ModelSource(model, text.ReadToEnd()));
            return models is [var only]
                ? OfClass(model, "annotated class", only, weights ?? Beside(model, only), model)
                : throw new CommandException(ExitCode.Unusable,
                    $"'{model}': it has {models.Count} classes with [RnnModel]; give a file with one.");
        }

        if (weights is not null)
        {
            throw new CommandException(ExitCode.Unusable, $"'{model}' has weights of its own; --weights goes with an annotated class.");
        }

        var file = OpenFile(model, part, order, graph, architecture);
        return file.Model is null
            ? throw new CommandException(ExitCode.Refused, $"'{model}' ({file.Format}): {file.Reason}" +
                (file.IsRefused ? " 'rnncodegen inspect' shows what is in it, 'rnncodegen tensors' writes its weights." : ""))
            : new ModelArgument(file.Path, file.Format, file.Model, file.Path) { _widths = widths ?? [ModelCompiler.MachineWidth] };
    }

    /// <summary>Opens another framework's file. What is wrong in a file of a known format is a reason to refuse it.</summary>
    public static ModelFile OpenFile(
        string path, string? part, IReadOnlyList<string>? order, OnnxImportOptions? graph = null, string? architecture = null)
    {
        RegularFile.Require(path);
        _ = ModelFile.FormatOf(path);
        try
        {
            return ModelFile.Open(path, part, order, graph, architecture);
        }
        catch (InvalidDataException e)
        {
            throw new CommandException(ExitCode.Refused, e.Message);
        }
    }

    /// <summary>A described model of a file that is already open.</summary>
    public static ModelArgument Of(ModelFile file) => new(file.Path, file.Format, file.Model!, file.Path);

    /// <summary>The number of values of each parameter, by name, also of a class without weights.</summary>
    public IReadOnlyDictionary<string, int> ParameterLengths => Built is null
        ? Description.Weights.ToDictionary(w => w.Key, w => w.Value.Values.Length)
        : Built.Definition.Parameters.ToDictionary(p => p.Name, p => p.Length);

    /// <summary>The class, built now unless it was before, and its parameters.</summary>
    /// <param name="fullName">What it is called; where null, a name after the file's.</param>
    /// <param name="source">What its comment says of where it comes from; nothing where null.</param>
    /// <exception cref="ModelCompilationException">It does not build.</exception>
    /// <exception cref="CommandException">The weights do not fit.</exception>
    public CompiledModel Build(string? fullName = null, string? source = null)
    {
        if (Built is null)
        {
            Write(fullName, source);
            Built = ModelCompiler.Compile(_widths, new ModelSource(Name, ClassText!)).Single();
            Parameters = WithWeights(ModelOutline.Of(Built.Definition));
        }

        return Built;
    }

    /// <summary>What the class is, which need not be built for it.</summary>
    /// <exception cref="ModelCompilationException">It does not build.</exception>
    /// <exception cref="CommandException">The weights do not fit.</exception>
    public ModelOutline Outline()
    {
        if (Built is not null)
        {
            return ModelOutline.Of(Built.Definition);
        }

        Write(null, null);
        var outline = ModelCompiler.Outline(new ModelSource(Name, ClassText!));
        Parameters = WithWeights(outline);
        return outline;
    }

    private void Write(string? fullName, string? source) => ClassText = ClassWriter.Write(
        Description, fullName ?? $"Imported.{ClassFileNames.After(Name, Description.Layers.Select(l => l.Name))}", source);

    private ParameterSet WithWeights(ModelOutline outline)
    {
        try
        {
            return outline.CreateParameters(Description.Weights);
        }
        catch (InvalidDataException e)
        {
            throw new CommandException(ExitCode.Refused, $"'{Name}': {e.Message}");
        }
    }

    /// <summary>Gives a layer that has the name of the class another one, because C# allows no such member.</summary>
    /// <param name="className">The class's name, without its namespace.</param>
    public void LeaveFree(string className)
    {
        var layers = Description.Layers.Select(l => l.Name).ToHashSet(StringComparer.OrdinalIgnoreCase);
        if (Description.Layers.Any(l => l.Name == className))
        {
            Description = Description.WithLayerRenamed(
                className, ClassFileNames.Free(className, "_2", layers.Contains),
                "the class has that name, which C# allows none of its members");
        }
    }

    /// <summary>The parameters, which the command cannot do without.</summary>
    public ParameterSet RequireParameters()
    {
        _ = Build();
        return Parameters ?? throw new CommandException(
            ExitCode.Unusable,
            $"'{Name}' is a class without weights: name its file with --weights, or put {Built!.Type.Name}{WeightFile} beside it.");
    }

    private static void RequireOtherFile(string model, string? assembly, string option)
    {
        if (assembly is not null || IsClassFile(model))
        {
            throw new CommandException(ExitCode.Unusable, $"'{model}' is a class; {option} goes with a file of another framework.");
        }
    }

    private static ModelArgument OfClass(string name, string format, CompiledModel built, string? weights, string file)
    {
        if (weights is null)
        {
            return new ModelArgument(name, format, DescriptionReader.Read(built.Type), file) { Built = built };
        }

        var parameters = new ParameterSet(built.Definition.Parameters);
        RegularFile.Require(weights);
        var read = SafeTensorsFile.Read(weights);
        SafeTensors.Load(weights, read, parameters);
        var description = DescriptionReader.Read(built.Type, parameters);
        description.KeepNormalizer(read.Metadata);
        return new ModelArgument(name, format, description, file, weights) { Built = built, Parameters = parameters };
    }

    private static string? Beside(string file, CompiledModel built)
    {
        var path = Path.Combine(Path.GetDirectoryName(Path.GetFullPath(file))!, built.Type.Name + WeightFile);
        return File.Exists(path) ? path : null;
    }
}
