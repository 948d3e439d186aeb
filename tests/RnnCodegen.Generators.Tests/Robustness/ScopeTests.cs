using Microsoft.CodeAnalysis.CSharp;
using RnnCodegen.Generators.Planning;

namespace RnnCodegen.Generators.Tests.Robustness;

/// <summary>Generated code means the same types whatever a project imports, renames and declares.</summary>
public class ScopeTests
{
    private const string Members = """
        [global::RnnCodegen.Gru(5, ResetAfter = false, Activation = global::RnnCodegen.Activation.Elu)] internal partial global::RnnCodegen.GruLayer Encoder { get; }
        [global::RnnCodegen.Conv1d(5, 3, Stride = 2)] internal partial global::RnnCodegen.Conv1dLayer Front { get; }
        [global::RnnCodegen.Dropout(0.5f)] internal partial global::RnnCodegen.DropoutLayer Noise { get; }
        [global::RnnCodegen.Dense(5, WeightFormat = global::RnnCodegen.WeightFormat.BFloat16)] internal partial global::RnnCodegen.DenseLayer Reduced { get; }
        [global::RnnCodegen.Attention] internal partial global::RnnCodegen.AttentionLayer Context { get; }
        [global::RnnCodegen.Pool1d(global::RnnCodegen.Pooling.Max, 2)] internal partial global::RnnCodegen.Pool1dLayer Slow { get; }
        [global::RnnCodegen.GlobalPool(global::RnnCodegen.Pooling.Max)] internal partial global::RnnCodegen.GlobalPoolLayer Most { get; }
        [global::RnnCodegen.Dense(5, WeightFormat = global::RnnCodegen.WeightFormat.Int8)] internal partial global::RnnCodegen.DenseLayer Head { get; }
        """;

    private const string Model = "[global::RnnCodegen.RnnModel(InputSize = 4, MemorySize = 5)] internal partial class M { " + Members +
        " }";

    /// <summary>What generated code names, in both of its kinds of files, and names of namespaces on the way to them.</summary>
    private static readonly string[] s_names =
    [
        .. RuntimeTypes.Names.Select(n => n == "nint" ? "@nint" : n), "System", "RnnCodegen", "Kernels", "Generated", "Runtime",
        "Intrinsics", "CodeDom", "GeneratedCode", "GeneratedCodeAttribute", "MethodImplAttribute",
        "SkipLocalsInitAttribute", "Activation", "Tape", "ModelState", "ModelStream", "ModelCore", "ParameterSet", "ParameterInitializer",
        "SafeTensors", "IRnnModel", "Initialization", "GruLayer", "DenseLayer", "Span",
        "ReadOnlySpan", "Unsafe", "MemoryMarshal", "NotSupportedException", "ArgumentOutOfRangeException", "EmbeddedFiles",
        "SelfTestReport", "Memory", "Definition", "CreateKernels", "IntPtr",
    ];

    private static string Types(Func<string, string> declare) => string.Concat(s_names.Distinct().Select(declare));

    [Theory]
    [InlineData("System.Reflection")]
    [InlineData("System.Numerics")]
    [InlineData("System.Runtime.InteropServices")]
    [InlineData("System.Runtime.CompilerServices")]
    [InlineData("static System.Math")]
    [InlineData("static System.Runtime.Intrinsics.Vector512")]
    [InlineData("static RnnCodegen.Runtime.RowOps")]
    [InlineData("Vector512 = System.String")]
    [InlineData("Math = System.Int32")]
    [InlineData("System = RnnCodegen")]
    public void Any_global_using(string directive) => Project.RequireClean(Model, others: $"global using {directive};");

    [Fact]
    public void Types_of_the_models_namespace_and_of_those_around_it()
    {
        var types = Types(n => $"internal sealed class {n} {{ }} ");
        Project.RequireClean($"namespace Company {{ {types} namespace Sub {{ {Model} }} {Model} }}", Project.Harden);
        Project.RequireClean($"namespace RnnCodegen.Company {{ {types} {Model} }}", Project.Harden);
    }

    [Fact]
    public void Types_of_the_global_namespace()
    {
        var types = Types(n => n is "System" or "RnnCodegen" ? "" : $"internal sealed class {n} {{ }} ");
        Project.RequireClean($"{types} {Model} namespace Company {{ {Model} }}", Project.Harden);
    }

    [Fact]
    public void Attributes_under_the_names_of_those_that_code_has()
    {
        const string Attributes = "internal sealed class MethodImpl : global::System.Attribute { } internal sealed class " +
            "MethodImplAttribute : global::System.Attribute { } internal sealed class SkipLocalsInitAttribute : " +
            "global::System.Attribute { }";
        Project.RequireClean($"{Attributes} {Model}");
        Project.RequireClean($"namespace RnnCodegen {{ {Attributes} }} {Model}");
    }

    [Fact]
    public void Namespaces_under_the_names_of_types() =>
        Project.RequireClean($"namespace Company {{ {Types(n => $"namespace {n} {{ internal sealed class Own {{ }} }} ")} {Model} }}",
            Project.Harden);

    [Fact]
    public void Types_around_the_model_and_in_it()
    {
        var types = Types(n => $"internal sealed class {n} {{ }} ");
        Project.RequireClean($"internal static partial class Outer {{ {types} {Model} }}", Project.Harden);
        Project.RequireClean(
            $"[global::RnnCodegen.RnnModel(InputSize = 4, MemorySize = 5)] internal partial class M {{ {Members} {types} }}",
            Project.Harden);
    }

    [Fact]
    public void Methods_of_the_model_and_of_its_base()
    {
        const string Methods = "internal int Sigmoid() => 1; internal int Store() => 2; internal static string nameof(int width) => " +
            "\"\"; internal int Math => 3; internal int Load() => 4;";
        Project.RequireClean(
            $"[global::RnnCodegen.RnnModel(InputSize = 4, MemorySize = 5)] internal partial class M {{ {Members} {Methods} }}",
            Project.Harden);
        Project.RequireClean(
            $"internal class Base {{ internal sealed class M {{ }} {Methods} protected int _rnnCore = 3; protected internal int " +
            $"_rnnHead() => _rnnCore; }} [global::RnnCodegen.RnnModel(InputSize = 4, MemorySize = 5)] internal partial class M : Base " +
            $"{{ {Members} }}");
    }

    /// <summary>C# lets a class hide what it inherits, and asks that it says so.</summary>
    [Theory]
    [InlineData("public void Save(string path) { } public static int Load(string path) => 3; public virtual int MaxThreads { get; set; } " +
        "public class Run { }")]
    [InlineData("protected int OutputSize => 3; internal const int InputSize = 4; internal delegate void CreateStream(); public virtual " +
        "long FlopsPerStep() => 3; public static int ParameterCount = 1;")]
    [InlineData("public event Action Forward { add { } remove { } } public object Parameters => 1; internal protected void " +
        "Step(ReadOnlySpan<float> x, Span<float> y, ModelState state) { } public int get_MaxThreads() => 3;")]
    [InlineData("public void Save(string path, int level) { } private int Parameters => 3; public void Save<T>(string path) { } public " +
        "void Step(float x) { } public static int Load(object path) => 3; public static int Vocabulary => 3;")]
    [InlineData("public long TapeBytes(int steps, int batch, int maxThreads) => 3; public enum CreateTape { A } protected interface " +
        "Backward { } private protected int CreateState(int batch) => 3; public int CreateGradients = 3;")]
    public void Members_of_the_base_under_generated_names(string members)
    {
        Project.RequireClean(
            $"internal class Base {{ {members} }} [RnnModel(InputSize = 4)] internal partial class M : Base {{ [Gru(3)] internal partial " +
            $"GruLayer A {{ get; }} }}", Project.Harden);
        Project.RequireClean(
            $"internal class Base {{ {members} }} internal class Between<T> : Base {{ }} [RnnModel(InputSize = 4)] internal sealed " +
            $"partial class M : Between<int> {{ [Gru(3)] internal partial GruLayer A {{ get; }} }}", Project.Harden);
    }

    [Fact]
    public void Extension_methods_under_the_names_of_vectors() => Project.RequireClean(
        $"internal static class Extensions {{ internal static int AsSingle<T>(this global::System.Runtime.Intrinsics.Vector512<T> v) => " +
        $"1; internal static int AsSingle<T>(this global::System.Runtime.Intrinsics.Vector128<T> v) => 1; }} {Model}");

    [Fact]
    public void Every_file_and_the_card_says_what_its_names_mean()
    {
        var (files, _) = Generation.Run(Model.Replace("internal", "public", StringComparison.Ordinal));
        Assert.All(files.Values, text => Assert.DoesNotContain("\nusing System", text, StringComparison.Ordinal));
        Assert.All(files.Values.Where(t => t.Contains("\nusing ", StringComparison.Ordinal)),
            text => Assert.True(
                text.IndexOf("\nnamespace ", StringComparison.Ordinal) < text.IndexOf("\nusing ", StringComparison.Ordinal)));
    }
}
