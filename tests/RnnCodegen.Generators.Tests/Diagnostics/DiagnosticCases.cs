using Microsoft.CodeAnalysis.CSharp;

namespace RnnCodegen.Generators.Tests.Diagnostics;

/// <summary>A source that breaks one rule, at the marked place, and one that does not.</summary>
/// <param name="Id">The rule.</param>
/// <param name="Bad">Source with the place of the finding between [| and |]; no mark where the fault is in the project file.</param>
/// <param name="Message">The whole message.</param>
/// <param name="Good">Source that the rule, and every other, accepts.</param>
internal sealed record DiagnosticCase(string Id, string Bad, string Message, string Good)
{
    public LanguageVersion Language { get; init; } = LanguageVersion.CSharp13;

    public bool AllowUnsafe { get; init; } = true;

    /// <summary>MSBuild properties of the bad project and of the good one.</summary>
    public (string Bad, string Good) Properties { get; init; } = ("", "");

    /// <summary>
    /// What the build tells of embedded files, in the bad project and in the good one. The finding is at the last bad file's item.
    /// </summary>
    public (ManifestText[] Bad, ManifestText[] Good) Files { get; init; } = ([], []);
}

/// <summary>One row a rule at least. A new rule needs a row here and a section in docs/diagnostics.md.</summary>
internal static partial class DiagnosticCases
{
    private const string Gru = "[Gru(3)] public partial GruLayer A { get; }";

    // The types of the package that members of models with code for GPUs name.
    public const string CudaStub =
        " namespace RnnCodegen.Cuda { public class CudaProgram; public class CudaOptions; public class CudaStreams; }";

    private static readonly string s_good = Model(Gru);

    public static IReadOnlyList<DiagnosticCase> All { get; } = [.. OfClasses(), .. OfProperties(), .. OfArguments(), .. OfSources(),
        .. OfTime(), .. OfFiles(), .. OfTraining()];

    private static string Model(string members, string arguments = "InputSize = 2") =>
        $"[RnnModel({arguments})] public partial class M {{ {members} }}";

    private static IEnumerable<DiagnosticCase> OfClasses() =>
    [
        new(
            "RNN0001", $"[RnnModel(InputSize = 2)] public class [|M|] {{ {Gru} }}",
            "Make 'M' partial: the generator writes the other part of it", s_good),
        new(
            "RNN0002", $"public class [|Outer|] {{ {s_good} }}",
            "Make 'Outer' partial: the generator writes into its nested class 'M'",
            $"public partial record struct Outer {{ public partial interface IInner {{ {s_good} }} }}"),
        new(
            "RNN0003", $"[RnnModel(InputSize = 2)] public [|abstract|] partial class M {{ {Gru} }}",
            "'M' cannot be abstract: remove 'abstract', because models are created, shared and compared by reference",
            $"[RnnModel(InputSize = 2)] public sealed partial class M {{ {Gru} }}"),
        new(
            "RNN0003", $"[RnnModel(InputSize = 2)] public partial [|record|] M {{ {Gru} }}",
            "'M' cannot be a record: remove 'record', because models are created, shared and compared by reference", s_good),
        new(
            "RNN0003", $"[RnnModel(InputSize = 2)] public [|static|] partial class M {{ {Gru} }}",
            "'M' cannot be static: remove 'static', because models are created, shared and compared by reference", s_good),
        new(
            "RNN0003", $"[RnnModel(InputSize = 2)] [|file|] partial class M {{ {Gru} }}",
            "'M' cannot be local to a file: remove 'file', because models are created, shared and compared by reference", s_good),
        new(
            "RNN0003", $"[|file|] partial class Outer {{ {s_good} }}",
            "'Outer' cannot be local to a file: remove 'file', because models are created, shared and compared by reference",
            $"internal partial class Outer {{ {s_good} }}"),
        new(
            "RNN0004", $"[RnnModel(InputSize = 2)] public partial class M[|<T>|] {{ {Gru} }}",
            "Remove the type parameters '<T>' of 'M': a model's code is written once, for constant sizes", s_good),
        new(
            "RNN0004", $"public partial class Outer[|<TKey, TValue>|] {{ {s_good} }}",
            "Remove the type parameters '<TKey, TValue>' of 'Outer': a model's code is written once, for constant sizes",
            $"public partial class Outer {{ {s_good} }}"),
        new(
            "RNN0005", "[RnnModel(InputSize = 2)] public partial class [|M|] { }",
            "Give 'M' a layer with parameters, such as [Gru(64)] public partial GruLayer Encoder { get; }", s_good),
        new(
            "RNN0005", "[RnnModel(InputSize = 2)] public partial class [|M|] { [Dropout(0.5f)] public partial DropoutLayer A { get; } }",
            "Give 'M' a layer with parameters, such as [Gru(64)] public partial GruLayer Encoder { get; }",
            Model("[LayerNorm] public partial LayerNormLayer A { get; }")),
        new(
            "RNN0006", $"[[|RnnModel|]] public partial class M {{ {Gru} }}",
            "Give 'M' the number of features in an input row, [RnnModel(InputSize = ...)], or start it with an [Embedding] if its input " +
            "is token ids",
            "[RnnModel] public partial class M { [Embedding(9, 4)] public partial EmbeddingLayer A { get; } }"),
        new(
            "RNN0007", Model("[Embedding(9, 4)] public partial EmbeddingLayer Table { get; }", "[|InputSize = 2|]"),
            "Remove 'InputSize': the input of 'M' is token ids, which the embedding 'Table' reads",
            Model("[Embedding(9, 4)] public partial EmbeddingLayer Table { get; }", "")),
        new(
            "RNN0008", $"[RnnModel(InputSize = 2)] public partial class [|M|] {{ {Gru} }}",
            "'M' has partial properties, which C# 12.0 does not support: set <LangVersion>13</LangVersion> or later in the project file, " +
            "or remove LangVersion",
            s_good) { Language = LanguageVersion.CSharp12 },
        new(
            "RNN0009", $"[RnnModel(InputSize = 2)] public partial class [|M|] {{ {Gru} }}",
            "The code generated for 'M' uses pointers: set <AllowUnsafeBlocks>true</AllowUnsafeBlocks> in the project file",
            s_good) { AllowUnsafe = false },
        new(
            "RNN0010", Model($"{Gru} public int [|OutputSize|] => 3;"),
            "Rename 'OutputSize' of 'M': generated code has or uses this name", Model($"{Gru} public int Outputs => 3;")),
        new(
            "RNN0010", Model($"{Gru} public void [|Step|](ReadOnlySpan<float> x, Span<float> y, ModelState state) {{ }}"),
            "Rename 'Step' of 'M': generated code has or uses this name",
            Model($"{Gru} public void Step(float x, Span<float> y, ModelState state) => Step(new float[] {{ x, x }}, y, state);")),
        new(
            "RNN0010", Model($"{Gru} private [|M|](RnnCodegen.Runtime.ModelCore core) {{ }}"),
            "Rename 'constructor(RnnCodegen.Runtime.ModelCore core)' of 'M': generated code has or uses this name",
            Model($"{Gru} public M(float seed) : this((int)seed) {{ }}")),
        new(
            "RNN0010",
            $"public abstract class Base {{ public abstract void Save(string file); }} [RnnModel(InputSize = 2)] public partial class " +
            $"[|M|] : Base {{ {Gru} }}",
            "Rename 'Save' of 'Base, the base of M': generated code has or uses this name",
            $"public class Base {{ public void Save(string file) {{ }} }} [RnnModel(InputSize = 2)] public partial class M : Base " +
            $"{{ {Gru} }}"),
        new(
            "RNN0010", $"namespace Forecasts {{ [RnnModel(InputSize = 2)] public partial class [|Run|] {{ {Gru} }} }}",
            "Rename 'Run' of 'Forecasts': generated code has or uses this name",
            $"namespace Forecasts {{ [RnnModel(InputSize = 2)] public partial class Runner {{ {Gru} }} }}"),
        new(
            "RNN0010",
            "[RnnModel] public partial class M { [Embedding(9, 4)] public partial EmbeddingLayer A { get; } public const int " +
            "[|Vocabulary|] = 9; }",
            "Rename 'Vocabulary' of 'M': generated code has or uses this name",
            "[RnnModel] public partial class M { [Embedding(9, 4)] public partial EmbeddingLayer A { get; } public const int " +
            "InputSize = 9; }"),
        new(
            "RNN0010", Model($"{Gru} public int [|get_MaxThreads|]() => 3;"),
            "Rename 'get_MaxThreads' of 'M': generated code has or uses this name", Model($"{Gru} public const int Vocabulary = 9;")),
        new(
            "RNN0010", Model($"{Gru} public int [|CreateStream|]() => 3;"),
            "Rename 'CreateStream' of 'M': generated code has or uses this name",
            Model(
                "[Gru(3, Bidirectional = true)] public partial GruLayer A { get; } public int CreateStream() => 3; public int Step => 3;")),
        new(
            "RNN0011", Model($"{Gru} public [|M|](string name) {{ }}"),
            "The constructor M(string name) of 'M' would leave the model without parameters: declare a constructor that starts with ': " +
            "this(seed)', which the generator writes",
            Model($"{Gru} public M(string name) : this(name.Length) {{ }}")),
        new(
            "RNN0011", $"[RnnModel(InputSize = 2)] public partial class M[|(string name)|] {{ {Gru} public string Name => name; }}",
            "The primary constructor of 'M' would leave the model without parameters: declare a constructor that starts with ': " +
            "this(seed)', which the generator writes",
            s_good),
        new(
            "RNN0013", "[RnnModel(InputSize = 2)] public partial class [|M|] { [Lstm(65536)] public partial LstmLayer A { get; } }",
            "'M' has 17180917760 parameters, 17180917760 of them in 'A'; make it smaller: at most 1073741823 fit", s_good),
        new(
            "RNN0014", Model("[Dense(1)] public partial DenseLayer A { get; }", "InputSize = 2, [|Output = OutputTransform.Softmax|]"),
            "The output of 'M' is one value, whose Softmax is always 1: use OutputTransform.Sigmoid, or give 'A' one output per class",
            Model("[Dense(1)] public partial DenseLayer A { get; }", "InputSize = 2, Output = OutputTransform.Sigmoid")),
        new(
            "RNN0015", s_good,
            "Models run 8 to 16 times slower without AVX2, which IlcInstructionSet 'x86-64-v2' rules out: set " +
            "<IlcInstructionSet>x86-64-v3</IlcInstructionSet>, or x86-64-v4 for AVX-512",
            s_good) { Properties = ("PublishAot=true,IlcInstructionSet=x86-64-v2", "PublishAot=true,IlcInstructionSet=x86-64-v3") },
        new(
            "RNN0015", s_good,
            "Models run 8 to 16 times slower without AVX2, which IlcInstructionSet '(not set: x86-64-v2)' rules out: set " +
            "<IlcInstructionSet>x86-64-v3</IlcInstructionSet>, or x86-64-v4 for AVX-512",
            s_good) { Properties = ("PublishAot=true,RuntimeIdentifier=linux-x64", "PublishAot=true,RuntimeIdentifier=linux-arm64") },
        new(
            "RNN0015", s_good,
            "Models run 8 to 16 times slower without AVX2, which IlcInstructionSet '(not set: x86-64-v2)' rules out: set " +
            "<IlcInstructionSet>x86-64-v3</IlcInstructionSet>, or x86-64-v4 for AVX-512",
            s_good) { Properties = ("PublishAot=true,RuntimeIdentifier=ubuntu.24.04-x64",
                "PublishAot=true,RuntimeIdentifier=android-x64") },
        new(
            "RNN0019", Model($"{Gru} public required string [|Label|] {{ get; init; }}"),
            "'Label' is required, but loading and training create a 'M' from its parameters alone: give it a value of its own instead",
            Model($"{Gru} public string Label {{ get; init; }} = \"\";")),
        new(
            "RNN0019",
            $"public class Base {{ public required int Rate; }} [RnnModel(InputSize = 2)] public partial class [|M|] : Base {{ {Gru} }}",
            "'Rate' is required, but loading and training create a 'M' from its parameters alone: give it a value of its own instead",
            $"public class Base {{ public int Rate; }} [RnnModel(InputSize = 2)] public partial class M : Base {{ {Gru} }}"),
        new(
            "RNN0019",
            $"public class Base(int rate) {{ public int Rate => rate; }} [RnnModel(InputSize = 2)] public partial class [|M|] : Base " +
            $"{{ {Gru} }}",
            "'Base' has no constructor without parameters that 'M' can call, but loading and training create a 'M' from its parameters " +
            "alone: add one",
            $"public class Base(int rate = 3) {{ public int Rate => rate; }} [RnnModel(InputSize = 2)] public partial class M : Base " +
            $"{{ {Gru} }}"),
        new(
            "RNN0020", s_good,
            "RnnTargets has 'Avx2', which is not a target: use one or more of Vector512, Vector256, Vector128, Scalar, or remove " +
            "RnnTargets to generate all of them",
            s_good) { Properties = ("_RnnTargets=Avx2;Scalar", "_RnnTargets=vector256;Scalar") },
        new(
            "RNN0021", Model(Gru, "InputSize = 2, [|WeightFormat = WeightFormat.Int8|]"),
            "The 63 trained values of 'M' take 1 KB as float32, which a first-level cache holds: Int8 weights make it smaller, but not " +
            "faster",
            Model("[Gru(47)] public partial GruLayer A { get; }", "InputSize = 12, WeightFormat = WeightFormat.Int8")),
        new(
            "RNN0021",
            Model(
                $"{Gru} [Dense(2048, [|WeightFormat = WeightFormat.BFloat16|], Bias = false)] public partial DenseLayer B {{ get; }}",
                "InputSize = 2, WeightFormat = WeightFormat.Float32"),
            "The 6207 trained values of 'M' take 25 KB as float32, which a first-level cache holds: BFloat16 weights make it smaller, " +
            "but not faster",
            Model("[Dense(8193, WeightFormat = WeightFormat.BFloat16, Bias = false)] public partial DenseLayer A { get; }",
                "InputSize = 1")),
        new(
            "RNN0022", Model(Gru, "InputSize = 2, [|Cuda = true|]"),
            "'M' is to have code for GPUs, but the project does not refer to what loads it: add the package RnnCodegen.Cuda (dotnet add " +
            "package RnnCodegen.Cuda), or remove Cuda or RnnCuda",
            Model(Gru, "InputSize = 2, Cuda = false")),
        new(
            "RNN0023",
            Model("[Gru(2048, WeightFormat = WeightFormat.Int8)] public partial GruLayer A { get; }", "InputSize = 2, [|Cuda = true|]") +
            CudaStub,
            "On a GPU 'M' computes with the float32 weights that are trained: the Int8 weights of 'A' are for inference on the CPU, " +
            "whose outputs differ by their rounding",
            Model("[Gru(20)] public partial GruLayer A { get; }", "InputSize = 2, Cuda = true") + CudaStub),
        new(
            "RNN0024", Model(Gru, "InputSize = 2, [|CudaPrecision = CudaPrecision.BFloat16|]"),
            "CudaPrecision.BFloat16 of 'M' has no effect, because the model has no code for GPUs: set Cuda = true (or RnnCuda " +
            "for the project), or remove CudaPrecision",
            Model(Gru, "InputSize = 2, Cuda = true, CudaPrecision = CudaPrecision.BFloat16") + CudaStub),
    ];

    private static IEnumerable<DiagnosticCase> OfProperties() =>
    [
        new(
            "RNN0101", Model("[Gru(3)] public GruLayer [|A|] { get; }"),
            "Make 'A' partial: the generator writes its body", s_good),
        new(
            "RNN0102", Model("[Gru(3)] public partial GruLayer A { get; [|set|]; }"),
            "Declare 'A' as 'partial GruLayer A { get; }': it can be set, and a layer never changes", s_good),
        new(
            "RNN0102", Model("[Gru(3)] public [|static|] partial GruLayer A { get; }"),
            "Declare 'A' as 'partial GruLayer A { get; }': it is static, and each model has weights of its own", s_good),
        new(
            "RNN0102", Model("[Gru(3)] public partial GruLayer [|this|][int i] { get; }"),
            "Declare 'this' as 'partial GruLayer this { get; }': it is an indexer, and a layer needs a name", s_good),
        new(
            "RNN0102", Model("[Gru(3)] public partial GruLayer A [|=> null!|];"),
            "Declare 'A' as 'partial GruLayer A { get; }': it has a body, which the generator writes", s_good),
        new(
            "RNN0102", Model("[Gru(3)] public partial GruLayer A { get; } [|public partial GruLayer A => null!;|]"),
            "Declare 'A' as 'partial GruLayer A { get; }': it has a body, which the generator writes", s_good),
        new(
            "RNN0102", Model("[Gru(3)] public partial [|ref|] GruLayer A { get; }"),
            "Declare 'A' as 'partial GruLayer A { get; }': it returns a reference, and a layer never changes", s_good),
        new(
            "RNN0102",
            $"public interface IHas {{ GruLayer A {{ get; }} }} [RnnModel(InputSize = 2)] public partial class M : IHas {{ [Gru(3)] " +
            $"partial GruLayer [|IHas.|]A {{ get; }} }}",
            "Declare 'A' as 'partial GruLayer A { get; }': it implements an interface explicitly, which a partial property cannot",
            $"public interface IHas {{ GruLayer A {{ get; }} }} [RnnModel(InputSize = 2)] public partial class M : IHas {{ {Gru} }}"),
        new(
            "RNN0103", Model("[Gru(3)] public partial [|LstmLayer|] A { get; }"),
            "Change the type of 'A' from 'LstmLayer' to 'GruLayer', the type of an [Gru] layer", s_good),
        new(
            "RNN0103", Model("[Gru(3)] public partial [|GruLayer?|] A { get; }"),
            "Change the type of 'A' from 'GruLayer?' to 'GruLayer', the type of an [Gru] layer", s_good),
        new(
            "RNN0104", Model("[Gru(3), [|Dropout(0.5f)|]] public partial GruLayer A { get; }"),
            "'A' is already an [Gru] layer: give [Dropout] a property of its own",
            Model($"{Gru} [Dropout(0.5f)] public partial DropoutLayer B {{ get; }}")),
        new(
            "RNN0105", $"{s_good} public partial class M {{ [Dense(1)] public partial DenseLayer [|B|] {{ get; }} }}",
            "Move 'B' to the part that declares 'A': layers run in the order they are declared, which several parts do not define",
            $"{s_good} public partial class M {{ public int B => 1; }}"),
        new(
            "RNN0106", Model("[Gru(3)] public partial GruLayer [|Forward|] { get; }"),
            "Rename the layer 'Forward': generated code has or uses this name",
            Model("[Gru(3)] public partial GruLayer Forwards { get; }")),
        new(
            "RNN0106", "[RnnModel] public partial class M { [Embedding(9, 4)] public partial EmbeddingLayer [|Vocabulary|] { get; } }",
            "Rename the layer 'Vocabulary': generated code has or uses this name",
            Model("[Gru(3)] public partial GruLayer Vocabulary { get; }")),
        new(
            "RNN0126", "public partial class M { [[|Gru(3)|]] public partial GruLayer A { get; } }",
            "'A' is an [Gru] layer of 'M', which is not a model, so nothing is generated for it: put [RnnModel(InputSize = ...)] on 'M', " +
            "or remove [Gru]", s_good),
        new(
            "RNN0126",
            $"{s_good} public partial struct S {{ [[|global::RnnCodegen.DenseAttribute(3)|]] public partial DenseLayer B {{ get; }} }}",
            "'B' is an [Dense] layer of 'S', which is not a model, so nothing is generated for it: move it to a class with [RnnModel], " +
            "or remove [Dense]", s_good),
        new(
            "RNN0126", $"{s_good} public partial class N : M {{ [[|Dense(3)|]] public DenseLayer B => null!; }}",
            "'B' is an [Dense] layer of 'N', which is not a model, so nothing is generated for it: put [RnnModel(InputSize = ...)] on " +
            "'N', or remove [Dense]", s_good),
        new(
            "RNN0107", Model($"{Gru} [Dense(1)] public partial DenseLayer [|a|] {{ get; }}"),
            "Rename 'a' or 'A': weight files and tools that ignore case would mix them up",
            Model($"{Gru} [Dense(1)] public partial DenseLayer B {{ get; }}")),
    ];
}
