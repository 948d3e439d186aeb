using RnnCodegen.Reference;
using System.Reflection;
using System.Runtime.Loader;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using RnnCodegen.Generators.Emission;
using RnnCodegen.Generators.Graph;
using RnnCodegen.Generators.Lowering;
using RnnCodegen.Generators.Specs;
using RnnCodegen.Generators.Tests.Lowering;
using RnnCodegen.Generators.Tests.Robustness;
using RnnCodegen.Numerics.Tests.Engines;
using RnnCodegen.Runtime;

namespace RnnCodegen.Generators.Tests.RandomModels;

/// <summary>A random model that is right, run on a random shape. Equal seeds make equal cases.</summary>
internal sealed class RandomCase
{
    // Of values near 1: a hundred roundings.
    private const double LeastKinkMargin = 1e-5;

    // A bias of one value, or attention over steps that are nearly equal, have gradients that are what is left of larger terms.
    private const double LeastGradientShare = 0.1;

    private readonly Dice _dice;
    private ModelSpec? _spec;
    private Type? _type;

    public RandomCase(int seed)
    {
        (Seed, _dice) = (seed, new Dice(seed));
        var model = new RandomModel(_dice, new RandomNames(_dice), "global::RnnCodegen.", isNumeric: true);
        Source = $"[RnnModel({string.Join(", ", model.Arguments)})]\ninternal partial " +
            $"class {Name}\n{{\n{string.Concat(model.Layers.Select(l => l.Text(model.Layers, "global::RnnCodegen.")))}}}\n";
    }

    public int Seed { get; }

    public string Source { get; }

    /// <summary>The class: what a fault names.</summary>
    private string Name => $"Seed{Seed}";

    /// <summary>Compiles models together; they are gone when the context is unloaded.</summary>
    public static void Compile(IReadOnlyList<RandomCase> cases, AssemblyLoadContext context)
    {
        var specs = new Dictionary<string, ModelSpec>();
        var generator = new RnnModelGenerator((model, targets) =>
        {
            specs.Add(model.HintName, model);
            return ModelEmitter.Emit(model, targets);
        });
        var compilation = Generation.Compilation(string.Concat(cases.Select(c => c.Source)));
        CSharpGeneratorDriver.Create([generator.AsSourceGenerator()], parseOptions: (CSharpParseOptions)compilation.SyntaxTrees[0].Options)
            .RunGeneratorsAndUpdateCompilation(compilation, out var output, out _);
        using var stream = new MemoryStream();
        var result = output.Emit(stream);
        Assert.True(result.Success, string.Join('\n', result.Diagnostics.Where(d => d.Severity == DiagnosticSeverity.Error).Take(3)));
        stream.Position = 0;
        var assembly = context.LoadFromStream(stream);
        foreach (var @case in cases)
        {
            (@case._spec, @case._type) = (specs[@case.Name], assembly.GetType(@case.Name));
        }
    }

    /// <summary>Compares the interpreted program and each width's code, between guard pages, with the reference.</summary>
    public void Check()
    {
        var graph = ModelGraphBuilder.Build(_spec!);
        var least = graph.Axes.Max(a => a.LeastInput);
        var (threads, steps) = (_dice.OneIn(5) ? _dice.From(2, 3) : 1, least - 1 + _dice.From(1, 9));
        var (batch, lengths, hasState) = (threads > 1 ? _dice.From(17, 40) : _dice.From(1, 9), _dice.Pick(Enum.GetValues<LengthKind>()),
            _dice.OneIn(2));
        var shape = new CaseShape(_type!, steps, batch, lengths, hasState);
        new ProgramCase(ModelLowering.Lower(graph), ReferenceModel.Of(_type!), shape with { Batch = Math.Min(batch, 4) }).Check();

        var @case = new EngineCase(shape) { LeastKinkMargin = LeastKinkMargin, LeastGradientShare = LeastGradientShare };
        foreach (var width in Enum.GetValues<SimdWidth>())
        {
            using var memory = new GuardedMemory(isAtEnd: (Seed + (int)width) % 4 != 0);
            @case.Check(width, threads, new GuardedCase(memory));
            memory.ReturnAll();
        }
    }
}
