namespace RnnCodegen.Generators.Tests.Diagnostics;

internal static partial class DiagnosticCases
{
    private const string Last = "[Gru(3, ReturnSequences = false)] public partial GruLayer L { get; }";

    private static IEnumerable<DiagnosticCase> OfArguments() =>
    [
        new(
            "RNN0108", Model("[Gru([|0|])] public partial GruLayer A { get; }"),
            "Units of 'A' is 0; give a value from 1 to 65536", Model("[Gru(1)] public partial GruLayer A { get; }")),
        new(
            "RNN0108", Model("[Lstm([|units: 65537|])] public partial LstmLayer A { get; }"),
            "Units of 'A' is 65537; give a value from 1 to 65536", Model("[Lstm(units: 7)] public partial LstmLayer A { get; }")),
        new(
            "RNN0108", Model("[Lstm(8, [|Projection = -1|])] public partial LstmLayer A { get; }"),
            "Projection of 'A' is -1; give a value from 0 to 65536",
            Model("[Lstm(8, Projection = 0)] public partial LstmLayer A { get; }")),
        new(
            "RNN0108", Model("[Elman(8, [|Layers = 65|])] public partial ElmanLayer A { get; }"),
            "Layers of 'A' is 65; give a value from 1 to 64", Model("[Elman(8, Layers = 2)] public partial ElmanLayer A { get; }")),
        new(
            "RNN0108", Model("[Embedding(size: 4, [|vocabulary: 16777217|])] public partial EmbeddingLayer A { get; }", ""),
            "Vocabulary of 'A' is 16777217; give a value from 1 to 16777216",
            Model("[Embedding(size: 4, vocabulary: 9)] public partial EmbeddingLayer A { get; }", "")),
        new(
            "RNN0108", Model("const int Rows = 0; [Embedding(9, [|Rows|])] public partial EmbeddingLayer A { get; }", ""),
            "Size of 'A' is 0; give a value from 1 to 65536",
            Model("const int Rows = 4; [Embedding(9, Rows)] public partial EmbeddingLayer A { get; }", "")),
        new(
            "RNN0108", Model("[Dense([|-3|])] public partial DenseLayer A { get; }"),
            "Units of 'A' is -3; give a value from 1 to 1048576", Model("[Dense(3)] public partial DenseLayer A { get; }")),
        new(
            "RNN0108", Model(Gru, "[|InputSize = 0|]"),
            "InputSize of 'M' is 0; give a value from 1 to 65536", s_good),
        new(
            "RNN0108",
            Model("[Dense(600000)] public partial DenseLayer A { get; } [[|Concat|](nameof(A), nameof(A))] public partial " +
                "ConcatLayer B { get; }"),
            "The joined width of 'B' is 1200000; give a value from 1 to 1048576",
            Model("[Dense(6)] public partial DenseLayer A { get; } [Concat(nameof(A), nameof(A))] public partial ConcatLayer B { get; }")),
        new(
            "RNN0109", Model($"{Gru} [Dropout([|1f|])] public partial DropoutLayer B {{ get; }}"),
            "The dropout probability of 'B' is 1; give a value from 0 up to, but not including, 1",
            Model($"{Gru} [Dropout(0f)] public partial DropoutLayer B {{ get; }}")),
        new(
            "RNN0109", Model($"{Gru} [Dropout([|float.NaN|])] public partial DropoutLayer B {{ get; }}"),
            "The dropout probability of 'B' is NaN; give a value from 0 up to, but not including, 1",
            Model($"{Gru} [Dropout(0.999f)] public partial DropoutLayer B {{ get; }}")),
        new(
            "RNN0109", Model("[Gru(3, Layers = 2, [|Dropout = -0.1f|])] public partial GruLayer A { get; }"),
            "The dropout probability of 'A' is -0.1; give a value from 0 up to, but not including, 1",
            Model("[Gru(3, Layers = 2, Dropout = 0.1f)] public partial GruLayer A { get; }")),
        new(
            "RNN0110", Model("[Gru(3, [|Dropout = 0.1f|])] public partial GruLayer A { get; }"),
            "Dropout of 'A' has no effect, because it acts between stacked layers and there is one: set Layers to 2 or more, or follow " +
            "'A' with a [Dropout(0.1f)] layer",
            Model("[Gru(3, Dropout = 0f)] public partial GruLayer A { get; }")),
        new(
            "RNN0111", Model("[LayerNorm([|Epsilon = 0f|])] public partial LayerNormLayer A { get; }"),
            "Epsilon of 'A' is 0; give a small positive value such as 1e-5f, which keeps a constant row from dividing by zero",
            Model("[LayerNorm(Epsilon = 1e-3f)] public partial LayerNormLayer A { get; }")),
        new(
            "RNN0111",
            Model("[Gru(3, Normalization = GateNormalization.Joint, [|NormalizationEpsilon = -1f|])] public partial GruLayer A { get; }"),
            "NormalizationEpsilon of 'A' is -1; give a small positive value such as 1e-5f, which keeps a constant row from dividing by " +
            "zero",
            Model("[Gru(3, Normalization = GateNormalization.Joint)] public partial GruLayer A { get; }")),
        new(
            "RNN0145", Model("[Lstm(3, [|NormalizationEpsilon = 1e-3f|])] public partial LstmLayer A { get; }"),
            "NormalizationEpsilon of 'A' has no effect, because its gates are not normalised: set Normalization to " +
            "GateNormalization.PerGate or Joint, or remove it",
            Model("[Lstm(3, Normalization = GateNormalization.PerGate, NormalizationEpsilon = 1e-3f)] public partial LstmLayer A " +
                "{ get; }")),
        new(
            "RNN0112", Model("[Gru(3, [|Activation = (Activation)99|])] public partial GruLayer A { get; }"),
            "Activation of 'A' is 99, which no Activation has; give one of Linear, Sigmoid, Tanh, Relu, HardSigmoid, HardSigmoidKeras2, " +
            "LeakyRelu, Elu, Silu, Gelu, GeluTanh, Softplus, Mish, HardSwish, Sqrt",
            Model("[Gru(3, Activation = (Activation)3)] public partial GruLayer A { get; }")),
        new(
            "RNN0112", Model(Gru, "InputSize = 2, [|Output = (OutputTransform)(-1)|]"),
            "Output of 'M' is -1, which no OutputTransform has; give one of None, Softmax, LogSoftmax, Sigmoid",
            Model(Gru, "InputSize = 2, Output = OutputTransform.LogSoftmax")),
        new(
            "RNN0113", Model("[Elman(3, Activation = Activation.Elu, [|Alpha = 0f|])] public partial ElmanLayer A { get; }"),
            "Alpha of 'A' is 0; give a positive number, or none for the activation's own",
            Model("[Elman(3, Activation = Activation.Elu, Alpha = float.NaN)] public partial ElmanLayer A { get; }")),
        new(
            "RNN0113",
            Model("[Gru(3, GateActivation = Activation.LeakyRelu, [|GateAlpha = float.PositiveInfinity|])] public partial " +
                "GruLayer A { get; }"),
            "GateAlpha of 'A' is Infinity; give a positive number, or none for the activation's own",
            Model("[Gru(3, GateActivation = Activation.LeakyRelu, GateAlpha = 0.3f)] public partial GruLayer A { get; }")),
        new(
            "RNN0113", Model("[Dense(3, Activation = Activation.Relu, [|Alpha = 0.1f|])] public partial DenseLayer A { get; }"),
            "Alpha of 'A' is 0.1; remove it, as it is of LeakyRelu and Elu, not of Relu",
            Model("[Dense(3, Activation = Activation.LeakyRelu, Alpha = 0.1f)] public partial DenseLayer A { get; }")),
        new(
            "RNN0113", Model("[Lstm(3, CellActivation = Activation.Relu, [|Alpha = 0.1f|])] public partial LstmLayer A { get; }"),
            "Alpha of 'A' is 0.1; remove it, as it is of LeakyRelu and Elu, not of Tanh or Relu",
            Model("[Lstm(3, CellActivation = Activation.Elu, Alpha = 0.1f)] public partial LstmLayer A { get; }")),
        new(
            "RNN0113", Model($"{Gru} [Activation(Activation.Tanh, [|Alpha = 1f|])] public partial ActivationLayer B {{ get; }}"),
            "Alpha of 'B' is 1; remove it, as it is of LeakyRelu and Elu, not of Tanh",
            Model($"{Gru} [Activation(Activation.LeakyRelu, Alpha = 1f)] public partial ActivationLayer B {{ get; }}")),
        new(
            "RNN0114", Model("[Lstm(8, [|Projection = 8|])] public partial LstmLayer A { get; }"),
            "Projection of 'A' is 8, but it has only 8 units; give a value from 1 to 7, or 0 for none, as PyTorch's proj_size asks",
            Model("[Lstm(8, Projection = 7)] public partial LstmLayer A { get; }")),
        new(
            "RNN0124", Model("[Elman(8, [|Clip = -1f|])] public partial ElmanLayer A { get; }"),
            "Clip of 'A' is -1; give a positive number, or 0 for no bound",
            Model("[Elman(8, Clip = 0f)] public partial ElmanLayer A { get; }")),
        new(
            "RNN0124", Model("[Lstm(8, [|CellClip = float.NaN|])] public partial LstmLayer A { get; }"),
            "CellClip of 'A' is NaN; give a positive number, or 0 for no bound",
            Model("[Lstm(8, CellClip = 3, Clip = 50)] public partial LstmLayer A { get; }")),
        new(
            "RNN0124", Model("[Gru(8, [|Clip = float.PositiveInfinity|])] public partial GruLayer A { get; }"),
            "Clip of 'A' is Infinity; give a positive number, or 0 for no bound",
            Model("[Gru(8, Clip = float.MaxValue)] public partial GruLayer A { get; }")),
        new(
            "RNN0125", Model("[Lstm(8, Bidirectional = true, [|Reverse = true|])] public partial LstmLayer A { get; }"),
            "'A' is Bidirectional, which has a reverse direction already: remove Reverse, or Bidirectional to have that direction alone",
            Model("[Lstm(8, Bidirectional = true, Reverse = false)] public partial LstmLayer A { get; }")),
    ];

    private static IEnumerable<DiagnosticCase> OfSources() =>
    [
        new(
            "RNN0115", Model($"{Gru} [[|Embedding|](9, 4)] public partial EmbeddingLayer B {{ get; }}"),
            "Move 'B' before 'A' or remove it: an embedding reads token ids, and only the model's input can be token ids",
            Model("[Embedding(9, 4)] public partial EmbeddingLayer B { get; } [Gru(3)] public partial GruLayer A { get; }", "")),
        new(
            "RNN0116", Model($"{Gru} [Dense(1, [|From = \"C\"|])] public partial DenseLayer B {{ get; }}"),
            "'M' has no layer 'C' for 'B' to read; name one of the layers before 'B': A, or RnnModelAttribute.Input",
            Model($"{Gru} [Dense(1, From = nameof(A))] public partial DenseLayer B {{ get; }}")),
        new(
            "RNN0116", Model("[Gru(3, [|From = \"Input\"|])] public partial GruLayer A { get; }"),
            "'M' has no layer 'Input' for 'A' to read; the first layer reads the model's input, so remove the name", s_good),
        new(
            "RNN0116",
            Model($"{Gru} [Dense(3)] public partial DenseLayer B {{ get; }} [Add(\"A\", \"B\", [|\"b\"|])] public partial AddLayer " +
                $"C {{ get; }}"),
            "'M' has no layer 'b' for 'C' to read; name one of the layers before 'C': A, B, or RnnModelAttribute.Input",
            Model($"{Gru} [Dense(3)] public partial DenseLayer B {{ get; }} [Add(\"A\", \"B\", \"B\")] public partial AddLayer " +
                $"C {{ get; }}")),
        new(
            "RNN0116",
            Model("[Multiply(RnnModelAttribute.Input, [|\"x\"|])] public partial MultiplyLayer A { get; } [Gru(3)] public partial " +
                "GruLayer B { get; }"),
            "'M' has no layer 'x' for 'A' to read; the first layer reads the model's input, so name RnnModelAttribute.Input",
            Model("[Multiply(RnnModelAttribute.Input, RnnModelAttribute.Input)] public partial MultiplyLayer A { get; } [Gru(3)] public " +
                "partial GruLayer B { get; }")),
        new(
            "RNN0116",
            Model("[Embedding(9, 4)] public partial EmbeddingLayer A { get; } [Gru(3, [|From = \"C\"|])] public partial " +
                "GruLayer B { get; }", ""),
            "'M' has no layer 'C' for 'B' to read; name one of the layers before 'B': A",
            Model("[Embedding(9, 4)] public partial EmbeddingLayer A { get; } [Gru(3, From = \"A\")] public partial GruLayer B { get; }",
                "")),
        new(
            "RNN0117", Model($"{Gru} [Dense(3, [|From = nameof(B)|])] public partial DenseLayer B {{ get; }}"),
            "'B' cannot read 'B', which is the layer itself; name one of the layers before 'B': A, or RnnModelAttribute.Input",
            Model($"{Gru} [Dense(3, From = null)] public partial DenseLayer B {{ get; }}")),
        new(
            "RNN0117",
            Model($"{Gru} [Dense(3, [|From = nameof(C)|])] public partial DenseLayer B {{ get; }} [Dense(3)] public partial DenseLayer " +
                $"C {{ get; }}"),
            "'B' cannot read 'C', which comes after it and would close a circle if it read 'B'; move 'C' before 'B', or name one of the " +
            "layers before 'B': A, or RnnModelAttribute.Input",
            Model($"{Gru} [Dense(3)] public partial DenseLayer C {{ get; }} [Dense(3, From = nameof(C))] public partial DenseLayer " +
                $"B {{ get; }}")),
        new(
            "RNN0118", Model($"{Gru} [[|Concat|](nameof(A))] public partial ConcatLayer B {{ get; }}"),
            "[Concat] of 'B' names 1 layer(s); name two or more, such as [Concat(nameof(A), nameof(B))]",
            Model($"{Gru} [Concat([nameof(A), nameof(A)])] public partial ConcatLayer B {{ get; }}")),
        new(
            "RNN0118", Model($"{Gru} [[|Add|](null!)] public partial AddLayer B {{ get; }}"),
            "[Add] of 'B' names 0 layer(s); name two or more, such as [Add(nameof(A), nameof(B))]",
            Model($"{Gru} [Add(new[] {{ nameof(A), \"A\" }})] public partial AddLayer B {{ get; }}")),
        new(
            "RNN0118", Model($"{Gru} [[|Multiply|](nameof(A))] public partial MultiplyLayer B {{ get; }}"),
            "[Multiply] of 'B' names 1 layer(s); name two or more, such as [Multiply(nameof(A), nameof(B))]",
            Model($"{Gru} [Multiply(nameof(A), nameof(A))] public partial MultiplyLayer B {{ get; }}")),
        new(
            "RNN0119", Model($"{Gru} [Multiply(RnnModelAttribute.Input, [|nameof(A)|])] public partial MultiplyLayer B {{ get; }}"),
            "'B' cannot multiply '<input>' (2 wide) and 'A' (3 wide); put a [Dense(2)] layer after 'A', or join them with [Concat]",
            Model($"{Gru} [Multiply(RnnModelAttribute.Input, nameof(A))] public partial MultiplyLayer B {{ get; }}", "InputSize = 3")),
        new(
            "RNN0119",
            Model($"{Gru} [Dense(4)] public partial DenseLayer B {{ get; }} [Add(nameof(A), [|nameof(B)|])] public partial AddLayer " +
                $"C {{ get; }}"),
            "'C' cannot add 'A' (3 wide) and 'B' (4 wide); put a [Dense(3)] layer after 'B', or join them with [Concat]",
            Model($"{Gru} [Dense(3)] public partial DenseLayer B {{ get; }} [Add(nameof(A), nameof(B))] public partial AddLayer " +
                $"C {{ get; }}")),
        new(
            "RNN0120", Model($"{Gru} {Last} [Concat(new[] {{ nameof(A), [|nameof(L)|] }})] public partial ConcatLayer C {{ get; }}"),
            "'C' cannot join 'A' (one row per step) and 'L' (one row per sequence); make ReturnSequences the same in both branches",
            Model($"{Gru} [Gru(3, From = \"A\")] public partial GruLayer B {{ get; }} [Concat(nameof(A), nameof(B))] public partial " +
                $"ConcatLayer C {{ get; }}")),
        new(
            "RNN0120", Model($"{Last} [Add(nameof(L), [|RnnModelAttribute.Input|])] public partial AddLayer C {{ get; }}", "InputSize = 3"),
            "'C' cannot join 'L' (one row per sequence) and '<input>' (one row per step); make ReturnSequences the same in both branches",
            Model($"{Gru} [Add(nameof(A), RnnModelAttribute.Input)] public partial AddLayer C {{ get; }}", "InputSize = 3")),
        new(
            "RNN0121", Model($"{Last} [[|ReverseTime|]] public partial ReverseTimeLayer B {{ get; }}"),
            "'B' cannot run over 'L', which is one row per sequence; remove ReturnSequences = false upstream of it, or remove 'B'",
            Model($"{Gru} [ReverseTime] public partial ReverseTimeLayer B {{ get; }}")),
        new(
            "RNN0121", Model($"{Last} [[|Lstm|](3)] public partial LstmLayer B {{ get; }}"),
            "'B' cannot run over 'L', which is one row per sequence; remove ReturnSequences = false upstream of it, or replace 'B' by a " +
            "[Dense] layer",
            Model($"{Last} [Dense(3)] public partial DenseLayer B {{ get; }}")),
        new(
            "RNN0121",
            Model($"{Last} [Dense(2)] public partial DenseLayer B {{ get; }} [Elman(3, [|From = \"B\"|])] public partial ElmanLayer " +
                $"C {{ get; }}"),
            "'C' cannot run over 'B', which is one row per sequence; remove ReturnSequences = false upstream of it, or replace 'C' by a " +
            "[Dense] layer",
            Model($"{Gru} [Dense(2)] public partial DenseLayer B {{ get; }} [Elman(3, From = \"B\")] public partial ElmanLayer " +
                $"C {{ get; }}")),
        new(
            "RNN0122",
            Model($"{Gru} [Dense(2)] public partial DenseLayer [|B|] {{ get; }} [Dense(2, From = nameof(A))] public partial DenseLayer " +
                $"C {{ get; }}"),
            "Nothing reads 'B', so it has no effect on the output: read it with From = nameof(B), join it with [Concat] or [Add], " +
            "or remove it",
            Model($"{Gru} [Dense(2)] public partial DenseLayer B {{ get; }} [Dense(2, From = nameof(B))] public partial DenseLayer " +
                $"C {{ get; }}")),
        new(
            "RNN0130",
            Model("[Embedding(9, 4)] public partial EmbeddingLayer A { get; } [Gru(3)] public partial GruLayer B { get; } [Dense(2, " +
                "[|From = RnnModelAttribute.Input|])] public partial DenseLayer C { get; }", ""),
            "'C' cannot read the model's input, which is token ids: name 'A', whose rows stand for them",
            Model($"{Gru} [Dense(2)] public partial DenseLayer B {{ get; }} [Dense(2, From = RnnModelAttribute.Input)] public partial " +
                $"DenseLayer C {{ get; }} [Add(\"B\", \"C\")] public partial AddLayer D {{ get; }}")),
        new(
            "RNN0130",
            Model("[Embedding(9, 4)] public partial EmbeddingLayer A { get; } [Concat(nameof(A), [|\"<input>\"|])] public partial " +
                "ConcatLayer B { get; }", ""),
            "'B' cannot read the model's input, which is token ids: name 'A', whose rows stand for them",
            Model($"{Gru} [Concat(nameof(A), \"<input>\")] public partial ConcatLayer B {{ get; }}")),
        new(
            "RNN0131", Model($"{Gru} [[|Embedding|](9, 4, Column = 0)] public partial EmbeddingLayer B {{ get; }}"),
            "'B' cannot stand here, because a model either reads token ids or has embeddings of columns as its first layers: move 'B' " +
            "before 'A'",
            Model($"[Embedding(9, 4, Column = 0)] public partial EmbeddingLayer B {{ get; }} {Gru}")),
        new(
            "RNN0131",
            Model("[Embedding(9, 4)] public partial EmbeddingLayer A { get; } [[|Embedding|](9, 4, Column = 0)] public partial " +
                "EmbeddingLayer B { get; }", ""),
            "'B' cannot stand here, because a model either reads token ids or has embeddings of columns as its first layers: give 'A' a " +
            "Column too, without which the model's input is token ids",
            Model("[Embedding(9, 4, Column = 1)] public partial EmbeddingLayer A { get; } [Embedding(9, 4, Column = 0)] public partial " +
                "EmbeddingLayer B { get; }", "InputSize = 2")),
        new(
            "RNN0131",
            Model("[Embedding(9, 4, Column = 0)] public partial EmbeddingLayer A { get; } [[|Embedding|](9, 4)] public partial " +
                "EmbeddingLayer B { get; }", "InputSize = 2"),
            "'B' cannot stand here, because a model either reads token ids or has embeddings of columns as its first layers: give 'B' a " +
            "Column too, as 'A' reads a column of rows of features",
            Model("[Embedding(9, 4, Column = 0)] public partial EmbeddingLayer A { get; } [Embedding(9, 4, Column = 1)] public partial " +
                "EmbeddingLayer B { get; }", "InputSize = 2")),
        new(
            "RNN0132",
            Model("[Embedding(9, 4, Column = 1)] public partial EmbeddingLayer A { get; } [Embedding(9, 4, [|Column = 1|])] public " +
                "partial EmbeddingLayer B { get; }", "InputSize = 2"),
            "'B' reads column 1, which 'A' has taken out of the rows: give another column, or remove one of the two",
            Model("[Embedding(9, 4, Column = 1)] public partial EmbeddingLayer A { get; } [Embedding(9, 4, Column = 0)] public partial " +
                "EmbeddingLayer B { get; }", "InputSize = 2")),
        new(
            "RNN0133",
            Model("[Embedding(9, 4, Column = 1)] public partial EmbeddingLayer A { get; } [Gru(3)] public partial GruLayer B { get; } " +
                "[Concat(nameof(B), [|RnnModelAttribute.Input|])] public partial ConcatLayer C { get; }", "InputSize = 2"),
            "'C' would read the ids of 'A' as numbers, because they still stand in the rows of '<input>': name 'A', whose rows have all " +
            "other features too",
            Model("[Embedding(9, 4, Column = 1)] public partial EmbeddingLayer A { get; } [Gru(3)] public partial GruLayer B { get; } " +
                "[Concat(nameof(B), nameof(A))] public partial ConcatLayer C { get; }", "InputSize = 2")),
        new(
            "RNN0108", Model("[Embedding(9, 4, [|Column = 2|])] public partial EmbeddingLayer A { get; }", "InputSize = 2"),
            "Column of 'A' is 2; give a value from 0 to 1",
            Model("[Embedding(9, 4, Column = 1)] public partial EmbeddingLayer A { get; }", "InputSize = 2")),
        new(
            "RNN0108", Model("[Embedding(9, 4, [|Column = -2|])] public partial EmbeddingLayer A { get; }", "InputSize = 2"),
            "Column of 'A' is -2; give a value from 0 to 65535",
            Model("[Embedding(9, 4, Column = 1)] public partial EmbeddingLayer A { get; }", "InputSize = 2")),
        new(
            "RNN0123",
            Model($"{Gru} [Dense(131_073)] public partial DenseLayer B {{ get; }} [Dense(2, [|WeightFormat = WeightFormat.Int8|])] " +
                $"public partial DenseLayer C {{ get; }}"),
            "'C' reads rows of 131073, but sums of 8-bit products are exact for at most 131072: set its WeightFormat to " +
            "WeightFormat.BFloat16 or WeightFormat.Float32",
            Model($"{Gru} [Dense(131_072)] public partial DenseLayer B {{ get; }} [Dense(2, WeightFormat = WeightFormat.Int8)] public " +
                $"partial DenseLayer C {{ get; }}")),
    ];
}
