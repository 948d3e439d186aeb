using System.Collections.Immutable;
using RnnCodegen.Generators.Emission.CSharp;
using RnnCodegen.Generators.Emission.Cuda;
using RnnCodegen.Generators.Files;
using RnnCodegen.Generators.Graph;
using RnnCodegen.Generators.Layers;
using RnnCodegen.Generators.Lowering;
using RnnCodegen.Generators.Planning;
using RnnCodegen.Generators.Planning.Cuda;
using RnnCodegen.Generators.Specs;

namespace RnnCodegen.Generators.Emission;

/// <summary>Turns a spec into its files: a pure function, run only when the spec changed.</summary>
internal static class ModelEmitter
{
    /// <param name="model">The spec.</param>
    /// <param name="targets">The bodies to write, widest first.</param>
    /// <param name="cache">Methods that other models wrote; null for none.</param>
    public static EmittedModel Emit(ModelSpec model, IReadOnlyList<Machine> targets, KernelCache? cache = null)
    {
        var graph = ModelGraphBuilder.Build(model);
        var program = ModelLowering.Lower(graph);
        var parameters = new ParameterTable(model);
        var plans = targets.Select(target => ModelPlan.Create(program, parameters, target)).ToArray();
        var files = ImmutableArray.CreateBuilder<(string, string)>();
        cache ??= new();
        var shared = ImmutableArray.CreateBuilder<KernelMethod>();
        files.Add(OfClass(model, "Card", "its members and its size", writer => new CardEmitter(writer, graph, plans).Write()));
        files.Add(OfCode(model, "Definition", "names and sizes of parameters and states, and the choice of a body",
            writer => new DefinitionEmitter(writer, graph, parameters, targets).Write()));
        if (model.HasCuda)
        {
            var plan = new DevicePlan(program, DeviceMachine.Default, model.CudaPrecision);
            files.Add(OfCode(model, "Cuda", "code for NVIDIA GPUs, and how it is launched",
                writer => new CudaProgramEmitter(writer, plan, parameters).Write()));
        }

        foreach (var plan in plans)
        {
            var kernels = new KernelTable(model.Assembly, plan.Target, model.ChecksOverflow, cache);
            var methods = new MethodTable(plan.Names, kernels, model.ChecksOverflow);
            var name = plan.Target.Name;
            files.Add(OfCode(model, $"Forward.{name}", $"inference and training's forward pass, {plan.Target.Vectors}",
                writer => new KernelsEmitter(plan, writer, methods, kernels).WriteForwardFile(), kernels.Class));
            files.Add(OfCode(model, $"Backward.{name}", $"training's backward pass, {plan.Target.Vectors}",
                writer => new KernelsEmitter(plan, writer, methods, kernels).WriteBackwardFile(), kernels.Class));
            shared.AddRange(kernels.Methods);
        }

        return new(new(files.ToImmutable()), new(shared.ToImmutable()));
    }

    /// <summary>The files of the methods that models share, one a width.</summary>
    /// <param name="kernels">The methods of all models; those of one name are one.</param>
    public static IEnumerable<(string HintName, string Text)> EmitKernels(IEnumerable<KernelMethod> kernels)
    {
        var methods = new Dictionary<(string Class, string Name), KernelMethod>();
        foreach (var kernel in kernels)
        {
            if (!methods.TryGetValue((kernel.Class, kernel.Name), out var known))
            {
                methods.Add((kernel.Class, kernel.Name), kernel);
            }
            else if (known.Text != kernel.Text)
            {
                throw new InvalidOperationException($"Two methods are called {kernel.Name}.");
            }
        }

        foreach (var target in methods.Values.GroupBy(k => (k.Class, k.Width)).OrderBy(g => g.Key.Width, StringComparer.Ordinal))
        {
            var body = new SourceWriter();
            body.Line("/// <summary>Cells, products and tiles, which work on pointers and sizes alone.</summary>");
            using (body.Block($"internal static unsafe class {target.Key.Class}"))
            {
                foreach (var kernel in target.OrderBy(k => k.Kind).ThenBy(k => k.Name, StringComparer.Ordinal))
                {
                    body.Written(kernel.Text);
                }
            }

            var vectors = Machine.All.First(m => m.Name == target.Key.Width).Vectors;
            yield return (
                $"RnnKernels.{target.Key.Width}.g.cs", InCode($"Methods that the project's models share, {vectors}.", body, null));
        }
    }

    /// <summary>The file with the members for embedded files; apart from the others, which do not depend on them.</summary>
    public static (string HintName, string Text) EmitLoaders(LoaderSpec spec) => OfClass(spec.Model, "Files", "its embedded files",
        writer => new LoaderEmitter(writer, spec).Write());

    /// <summary>The file with the members of a model that has an error.</summary>
    public static (string HintName, string Text) EmitBroken(BrokenModelSpec model) => (
        $"{model.FileName}.Broken.g.cs",
        InTypes(
            "Members of a model with an error, so that the error is all that the compiler says.", model.Namespace,
            model.Types.Take(model.Types.Count - 1), writer => new BrokenModelEmitter(writer, model).Write()));

    /// <summary>The file with the bodies of layers of classes that are no models; none where there are no such layers.</summary>
    public static IEnumerable<(string HintName, string Text)> EmitStrays(IReadOnlyCollection<BrokenModelSpec> owners)
    {
        if (owners.Count == 0)
        {
            return [];
        }

        var writer = new SourceWriter();
        Begin(writer, "Bodies of layers in classes that are no models, so that their errors are all that the compiler says.",
            nullable: true);
        foreach (var owner in owners.Distinct())
        {
            using var space = owner.Namespace.Length > 0
                ? writer.Block($"namespace {EmissionText.Namespace(owner.Namespace)}")
                : default(SourceWriter.Scope?);
            WriteInTypes(writer, owner.Types.Take(owner.Types.Count - 1), () => new BrokenModelEmitter(writer, owner).Write());
        }

        return [("RnnCodegen.Layers.Broken.g.cs", writer.Take())];
    }

    /// <summary>
    /// A file with a part of the user's class. Around it are the user's types and namespaces, so it calls all others by their full names.
    /// </summary>
    private static (string, string) OfClass(ModelSpec model, string part, string content, Action<SourceWriter> write) =>
        ($"{model.FileName}.{part}.g.cs", InTypes(Title(model, content), model.Namespace, model.ContainingTypes, write));

    /// <summary>What a file is for.</summary>
    private static string Title(ModelSpec model, string content) => $"{model.HintName}: {content}.";

    private static string InTypes(string title, string space, IEnumerable<ContainingTypeSpec> types, Action<SourceWriter> write)
    {
        var writer = new SourceWriter();
        Begin(writer, title, nullable: true);
        if (space.Length > 0)
        {
            writer.Line($"namespace {EmissionText.Namespace(space)};");
            writer.Line();
        }

        WriteInTypes(writer, types, () => write(writer));
        return writer.Take();
    }

    private static void WriteInTypes(SourceWriter writer, IEnumerable<ContainingTypeSpec> types, Action write)
    {
        var scopes = new Stack<SourceWriter.Scope>();
        foreach (var type in types)
        {
            scopes.Push(writer.Block($"partial {type.Keyword} {EmissionText.TypeIdentifier(type.Name)}{type.TypeParameters}"));
        }

        write();
        while (scopes.Count > 0)
        {
            scopes.Pop().Dispose();
        }
    }

    /// <summary>A file with a part of the model's code, which says by itself what each name in it means.</summary>
    private static (string, string) OfCode(ModelSpec model, string part, string content, Action<SourceWriter> write,
        string? kernels = null)
    {
        var body = new SourceWriter { IsUnchecked = model.ChecksOverflow };
        using (body.Block($"internal static partial class {ModelNames.CodeClass(model.HintName)}"))
        {
            write(body);
        }

        return ($"{model.FileName}.{part}.g.cs", InCode(Title(model, content), body, kernels));
    }

    /// <summary>A file of code in the namespace that it shares with nobody.</summary>
    private static string InCode(string title, SourceWriter body, string? kernels)
    {
        var writer = new SourceWriter();

        // Kernels hold no references that could be null, and checking them all for it takes the compiler a fifth of its time.
        Begin(writer, title, nullable: false);
        writer.Line($"namespace {EmissionText.CodeNamespace};");
        writer.Line();
        foreach (var directive in UsingText.Of(body.Text, kernels))
        {
            writer.Line(directive);
        }

        writer.Line();
        writer.Written(body);
        return writer.Take();
    }

    private static void Begin(SourceWriter writer, string title, bool nullable)
    {
        writer.Line("// <auto-generated/>");
        writer.Line($"// {title}");
        writer.Line($"#nullable {(nullable ? "enable" : "disable")}");
        writer.Line();
    }
}
