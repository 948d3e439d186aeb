namespace RnnCodegen.Generators.Tests.Diagnostics;

/// <content>Rules of layers over time and of attention.</content>
internal static partial class DiagnosticCases
{
    private const string Attended = "InputSize = 2, MemorySize = 3";

    private static IEnumerable<DiagnosticCase> OfTime() =>
    [
        new(
            "RNN0017", Model(Gru, $"InputSize = 2, [|MemorySize = 3|]"),
            "MemorySize of 'M' has no effect, because no layer attends to a memory: add an [Attention] layer, or remove MemorySize",
            Model($"{Gru} [Attention] public partial AttentionLayer B {{ get; }}", Attended)),
        new(
            "RNN0108", Model("[Conv1d(3, [|0|])] public partial Conv1dLayer A { get; }"), "Kernel of 'A' is 0; give a value from 1 to 4096",
            Model("[Conv1d(3, 4_096)] public partial Conv1dLayer A { get; }")),
        new(
            "RNN0108", Model($"{Gru} [Pool1d(Pooling.Max, 2, [|Stride = -1|])] public partial Pool1dLayer B {{ get; }}"),
            "Stride of 'B' is -1; give a value from 0 to 4096",
            Model($"{Gru} [Pool1d(Pooling.Max, 2, Stride = 1)] public partial Pool1dLayer B {{ get; }}")),
        new(
            "RNN0108",
            Model($"[Dense(4_096)] public partial DenseLayer A {{ get; }} [[|Conv1d|](2, 257)] public partial Conv1dLayer B {{ get; }}"),
            "A window's width of 'B' is 1052672; give a value from 1 to 1048576",
            Model($"[Dense(4_096)] public partial DenseLayer A {{ get; }} [Conv1d(2, 256)] public partial Conv1dLayer B {{ get; }}")),
        new(
            "RNN0112", Model("[Conv1d(3, 2, [|Padding = (TimePadding)9|])] public partial Conv1dLayer A { get; }"),
            "Padding of 'A' is 9, which no TimePadding has; give one of Valid, Same, Causal",
            Model("[Conv1d(3, 2, Padding = TimePadding.Same)] public partial Conv1dLayer A { get; }")),
        new(
            "RNN0121", Model($"{Last} [[|GlobalPool|](Pooling.Max)] public partial GlobalPoolLayer B {{ get; }}"),
            "'B' cannot run over 'L', which is one row per sequence; remove ReturnSequences = false upstream of it, or remove 'B'",
            Model($"{Gru} [GlobalPool(Pooling.Max)] public partial GlobalPoolLayer B {{ get; }}")),
        new(
            "RNN0121",
            Model($"{Gru} [AttentionPool] public partial AttentionPoolLayer B {{ get; }} [[|Conv1d|](2, 3)] public partial Conv1dLayer " +
                $"C {{ get; }}"),
            "'C' cannot run over 'B', which is one row per sequence; remove ReturnSequences = false upstream of it, or remove 'C'",
            Model($"{Gru} [Conv1d(2, 3)] public partial Conv1dLayer C {{ get; }} [AttentionPool] public partial AttentionPoolLayer " +
                $"B {{ get; }}")),
        new(
            "RNN0123",
            Model("[Dense(13_108)] public partial DenseLayer A { get; } [Conv1d(2, 10, [|WeightFormat = WeightFormat.Int8|])] public " +
                "partial Conv1dLayer B { get; }"),
            "'B' reads rows of 131080, but sums of 8-bit products are exact for at most 131072: set its WeightFormat to " +
            "WeightFormat.BFloat16 or WeightFormat.Float32",
            Model("[Dense(13_107)] public partial DenseLayer A { get; } [Conv1d(2, 10, WeightFormat = WeightFormat.Int8)] public partial " +
                "Conv1dLayer B { get; }")),
        new(
            "RNN0140",
            Model($"{Gru} [Conv1d(3, 2)] public partial Conv1dLayer B {{ get; }} [Add(nameof(A), [|nameof(B)|])] public partial AddLayer " +
                $"C {{ get; }}"),
            "'C' cannot join 'A' and 'B', which have rows for different steps, because of windows with a stride or without padding: give " +
            "both branches the same windows",
            Model($"{Gru} [Conv1d(3, 2, PadRight = 1)] public partial Conv1dLayer B {{ get; }} [Add(nameof(A), nameof(B))] public " +
                $"partial AddLayer C {{ get; }}")),
        new(
            "RNN0141", Model("[Conv1d(3, 2, Padding = TimePadding.Causal, [|PadLeft = 0|])] public partial Conv1dLayer A { get; }"),
            "'A' has PadLeft beside Padding = TimePadding.Causal, which says how many zeros there are: remove one of the two",
            Model("[Conv1d(3, 2, Padding = TimePadding.Valid, PadLeft = 5)] public partial Conv1dLayer A { get; }")),
        new(
            "RNN0142", Model($"{Gru} [[|Attention|]] public partial AttentionLayer B {{ get; }}"),
            "'B' attends to a memory, and 'M' has none: set MemorySize of [RnnModel] to the width of the rows, such as an " +
            "encoder's outputs",
            Model($"{Gru} [Attention] public partial AttentionLayer B {{ get; }}", Attended)),
        new(
            "RNN0143", Model($"{Gru} [[|Attention|](Score = AttentionScore.ScaledDot)] public partial AttentionLayer B {{ get; }}",
                "InputSize = 2, MemorySize = 4"),
            "'B' reads rows of 3 and the memory has rows of 4, which [Attention] with Score = AttentionScore.ScaledDot multiplies: use " +
            "AttentionScore.General, or put a [Dense(4)] layer before it",
            Model($"{Gru} [Attention(Score = AttentionScore.General)] public partial AttentionLayer B {{ get; }}",
                "InputSize = 2, MemorySize = 4")),
        new(
            "RNN0146",
            Model(
                "[Gru(3, [|LearnedInitialState = true|])] public partial GruLayer A { get; } [Attention] public partial AttentionLayer B " +
                "{ get; }", Attended),
            "LearnedInitialState of 'A' trains nothing, because 'M' has a memory, which comes with a state that each call is given: " +
            "remove it, or start from a state that the encoder ends with",
            Model($"{Gru} [Attention] public partial AttentionLayer B {{ get; }}", Attended)),
        new(
            "RNN0147", Model("[RowConv1d(3, 2, [|Channels = 3|])] public partial RowConv1dLayer A { get; }", "InputSize = 4"),
            "'A' reads rows of 4 values: Channels = 3 does not divide them; give the channels that a row has, one after the other",
            Model("[RowConv1d(3, 2, Channels = 2)] public partial RowConv1dLayer A { get; }", "InputSize = 4")),
        new(
            "RNN0147",
            Model("[RowConv1d(3, [|3|], Channels = 2, Dilation = 2, PadLeft = 2)] public partial RowConv1dLayer A { get; }",
                "InputSize = 4"),
            "'A' reads rows of 4 values: its kernel takes 5 places, more than the 4 of a channel with what is before and after it; give " +
            "a smaller Kernel or Dilation, or more of PadLeft and PadRight",
            Model("[RowConv1d(3, 3, Channels = 2, Dilation = 2, PadLeft = 2, PadRight = 1)] public partial RowConv1dLayer A { get; }",
                "InputSize = 4")),
        new(
            "RNN0147",
            Model("[RowConv1d(3, 2, PadLeft = 3, [|PadRight = 4|], Mirror = true)] public partial RowConv1dLayer A { get; }",
                "InputSize = 4"),
            "'A' reads rows of 4 values: a channel of 4, mirrored, has 3 places before it and after it; give PadRight no more than these",
            Model("[RowConv1d(3, 2, PadLeft = 4, PadRight = 4)] public partial RowConv1dLayer A { get; }", "InputSize = 4")),
        new(
            "RNN0108", Model("[[|RowConv1d|](1_025, 1)] public partial RowConv1dLayer A { get; }", "InputSize = 1_024"),
            "The width of an output row of 'A' is 1049600; give a value from 1 to 1048576",
            Model("[RowConv1d(1_024, 1)] public partial RowConv1dLayer A { get; }", "InputSize = 1_024")),
        new(
            "RNN0144", Model($"{Gru} [Attention([|Units = 4|])] public partial AttentionLayer B {{ get; }}", Attended),
            "Units of 'B' has no effect with Score = AttentionScore.Dot: remove it, or use AttentionScore.Additive",
            Model($"{Gru} [Attention(Score = AttentionScore.Additive, Units = 4)] public partial AttentionLayer B {{ get; }}", Attended)),
    ];
}
