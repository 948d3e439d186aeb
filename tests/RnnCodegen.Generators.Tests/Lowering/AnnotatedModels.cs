using System.Reflection;
using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using RnnCodegen.Generators.Graph;
using RnnCodegen.Generators.Lowering;
using RnnCodegen.Generators.Specs;
using RnnCodegen.Numerics.Tests.Engines;
using RnnCodegen.Reference;

namespace RnnCodegen.Generators.Tests.Lowering;

/// <summary>A model from both sides: what the generator reads, lowered, and what the reference does.</summary>
internal sealed class AnnotatedModel(ModelSpec spec, ReferenceModel reference)
{
    private readonly Lazy<ModelProgram> _program = new(() => ModelLowering.Lower(ModelGraphBuilder.Build(spec)));

    public ModelProgram Program => _program.Value;

    public ReferenceModel Reference => reference;
}

/// <summary>The numeric tests' models and cases, read from their sources.</summary>
internal static class AnnotatedModels
{
    private static readonly Lazy<(IReadOnlyDictionary<Type, AnnotatedModel> Models, IReadOnlyList<CaseShape> Cases)> s_read = new(Read);

    /// <summary>Each case of each table.</summary>
    public static IReadOnlyList<CaseShape> Cases => s_read.Value.Cases;

    public static AnnotatedModel Of(Type type) => s_read.Value.Models[type];

    public static AnnotatedModel Named(string name) => s_read.Value.Models.Single(m => m.Key.Name == name).Value;

    private static (IReadOnlyDictionary<Type, AnnotatedModel>, IReadOnlyList<CaseShape>) Read()
    {
        // Attributes can be read where layers are plain properties; nothing else is needed of these classes.
        var classes = AnnotatedSpecs.Texts("Models").Select(s => Regex.Replace(s, @"\bpartial (\w+Layer\b)", "$1"));
        using var stream = new MemoryStream();
        var result = AnnotatedSpecs.Compile([.. classes, .. AnnotatedSpecs.Texts("Cases")])
            .AddReferences(MetadataReference.CreateFromFile(typeof(CaseShape).Assembly.Location)).Emit(stream);
        Assert.True(result.Success, string.Join('\n', result.Diagnostics.Where(d => d.Severity == DiagnosticSeverity.Error).Take(3)));
        var types = Assembly.Load(stream.ToArray()).GetTypes();
        var models = types.Where(t => t.GetCustomAttribute<RnnModelAttribute>() is not null)
            .ToDictionary(t => t, t => new AnnotatedModel(AnnotatedSpecs.Of(t), ReferenceModel.Of(t)));
        return (models, [.. types.Where(t => t.IsAssignableTo(typeof(IEngineCases)))
            .SelectMany(t => (IReadOnlyList<CaseShape>)t.GetProperty(nameof(IEngineCases.Cases))!.GetValue(null)!)]);
    }
}
