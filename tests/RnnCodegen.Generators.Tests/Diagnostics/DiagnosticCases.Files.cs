namespace RnnCodegen.Generators.Tests.Diagnostics;

/// <summary>Rules about embedded files: the source is right, and the files are not.</summary>
internal static partial class DiagnosticCases
{
    // A GRU of 3 on 2 features.
    private const string Weights = "A.weight_ih_l0 F32 9,2; A.weight_hh_l0 F32 9,3; A.bias_ih_l0 F32 9; A.bias_hh_l0 F32 9";

    private const string Golden = "input F32 5,4,2; output F32 5,4,3";

    private const string Nested = "namespace Ns.@in { public partial class Outer { [RnnModel(InputSize = 2)] public partial class M { " +
        Gru + " } } }";

    private static string Tokens => Model($"[Embedding(5, 2)] public partial EmbeddingLayer E {{ get; }} {Gru}", "");

    private static string Convolution => Model("[Conv1d(4, 3)] public partial Conv1dLayer C { get; }");

    private static IEnumerable<DiagnosticCase> OfFiles() =>
    [
        OfWeights("RNN0201", Weights,
            "'model.safetensors' is for 'N', which is not a model of this project: write a model's full name, with its namespace and the " +
            "types around it; nearest: 'M'") with
        { Files = ([ManifestText.Of("RnnWeights", "N", Weights)], []) },
        OfWeights("RNN0201", Weights,
            "'model.safetensors' is for 'M', which is not a model of this project: write a model's full name, with its namespace and the " +
            "types around it; nearest: 'Ns.in.Outer.M'") with
        { Bad = Nested, Good = Nested, Files = ([ManifestText.Of("RnnWeights", "M", Weights)],
            [ManifestText.Of("RnnWeights", "Ns.in.Outer.M", Weights)]) },
        OfWeights("RNN0202", Weights,
            "Remove 'b.safetensors': 'M' has 'a.safetensors' already, and one RnnWeights item is all a model can have") with
        {
            Files = (
                [ManifestText.Of("RnnWeights", "M", Weights, "a.safetensors", 3),
                    ManifestText.Of("RnnWeights", "M", Weights, "b.safetensors")],
                [ManifestText.Of("RnnWeights", "M", Weights), ManifestText.Of("RnnGolden", "M", Golden)]),
        },
        OfWeights("RNN0203", Weights.Replace("A.bias_hh_l0 F32 9", ""),
            "'model.safetensors' lacks tensor 'A.bias_hh_l0' [9], which 'M' needs: embed a file that was saved from this model; nearest " +
            "in the file: 'A.bias_ih_l0', 'A.weight_hh_l0', 'A.weight_ih_l0'"),
        OfWeights("RNN0203", "",
            "'model.safetensors' lacks tensor 'A.weight_ih_l0' [9, 2], which 'M' needs (and so with 3 others): embed a file that was " +
            "saved from this model; nearest in the file: there are none"),
        OfWeights("RNN0204", Weights + "; A.bias_oo_l0 F32 9",
            "'model.safetensors' has a tensor 'A.bias_oo_l0', which 'M' does not know: remove it from the file, or give it the model's " +
            "name; nearest in the model: 'A.bias_hh_l0', 'A.bias_ih_l0', 'A.weight_hh_l0'"),
        OfWeights("RNN0205", Weights.Replace("9,3", "9,2"),
            "'model.safetensors': tensor 'A.weight_hh_l0' must have shape [9, 3] for 'M', but has [9, 2]: change the layer's size, or " +
            "embed a file of this model"),
        OfWeights("RNN0205", Weights.Replace(" 9", " 12"),
            "'model.safetensors': tensor 'A.weight_ih_l0' must have shape [9, 2] for 'M', but has [12, 2] (and so with 3 others): change " +
            "the layer's size, or embed a file of this model"),
        OfWeights("RNN0205", Weights.Replace("ih_l0 F32 9;", "ih_l0 F32;"),
            "'model.safetensors': tensor 'A.bias_ih_l0' must have shape [9] for 'M', but has []: change the layer's size, or embed a " +
            "file of this model"),
        OfWeights("RNN0205", "",
            "'model.safetensors': tensor 'C.weight' must have shape [4, 2, 3] for 'M', but has [4, 6]: change the layer's size, or embed " +
            "a file of this model") with
        {
            Bad = Convolution, Good = Convolution,
            Files = ([ManifestText.Of("RnnWeights", "M", "C.weight F32 4,6; C.bias F32 4")],
                [ManifestText.Of("RnnWeights", "M", "C.weight F32 4,2,3; C.bias F32 4")]),
        },
        OfWeights("RNN0206", Weights.Replace("bias_ih_l0 F32", "bias_ih_l0 I8").Replace("bias_hh_l0 F32", "bias_hh_l0 I8"),
            "'model.safetensors': tensor 'A.bias_ih_l0' must be F32, F64, F16 or BF16 for 'M', but is I8 (and so with one other): " +
            "convert the file"),
        OfGolden("RNN0203", "output F32 5,4,3",
            "'model.safetensors' lacks tensor 'input' [T, B, 2], which 'M' needs: embed a file that was saved from this model; nearest " +
            "in the file: 'output'"),
        OfGolden("RNN0204", Golden + "; initial.A.c_l0 F32 4,3",
            "'model.safetensors' has a tensor 'initial.A.c_l0', which 'M' does not know: remove it from the file, or give it the model's " +
            "name; nearest in the model: 'initial.A.h_l0', 'final.A.h_l0', 'input'"),
        OfGolden("RNN0205", "input F32 5,4,3; output F32 5,4,3",
            "'model.safetensors': tensor 'input' must have shape [5, 4, 2] for 'M', but has [5, 4, 3]: change the layer's size, or embed " +
            "a file of this model"),
        OfGolden("RNN0205", "input F32 5,4,2; output F32 5,1,3",
            "'model.safetensors': tensor 'output' must have shape [5, 4, 3] for 'M', but has [5, 1, 3]: change the layer's size, or " +
            "embed a file of this model"),
        OfGolden("RNN0205", "input F32 0,4,2; output F32 5,4,3",
            "'model.safetensors': tensor 'input' must have shape [T, 4, 2] for 'M', but has [0, 4, 2]: change the layer's size, or embed " +
            "a file of this model"),
        OfGolden("RNN0205", Golden + "; final.A.h_l0 F32 4,2",
            "'model.safetensors': tensor 'final.A.h_l0' must have shape [4, 3] for 'M', but has [4, 2]: change the layer's size, or " +
            "embed a file of this model"),
        OfGolden("RNN0206", Golden + "; lengths F32 4",
            "'model.safetensors': tensor 'lengths' must be I32 or I64 for 'M', but is F32: convert the file"),
        OfGolden("RNN0206", "tokens F32 5,4; output F32 5,4,3",
            "'model.safetensors': tensor 'tokens' must be I32 or I64 for 'M', but is F32: convert the file") with
        { Bad = Tokens, Good = Tokens, Files = ([ManifestText.Of("RnnGolden", "M", "tokens F32 5,4; output F32 5,4,3")],
            [ManifestText.Of("RnnGolden", "M", "tokens I64 5,4; output F32 5,4,3")]) },
    ];

    private static DiagnosticCase OfWeights(string id, string tensors, string message) => new(id, s_good, message, s_good)
    {
        Files = ([ManifestText.Of("RnnWeights", "M", tensors)], [ManifestText.Of("RnnWeights", "M", Weights)]),
    };

    private static DiagnosticCase OfGolden(string id, string tensors, string message) => new(id, s_good, message, s_good)
    {
        Files =
        (
            [ManifestText.Of("RnnGolden", "M", tensors)],
            [ManifestText.Of("RnnGolden", "M", Golden + "; lengths I64 4; initial.A.h_l0 F32 4,3; final.A.h_l0 F32 4,3")]
        ),
    };
}
