using RnnCodegen.Numerics.Tests.Conformance;

namespace RnnCodegen.Interchange.Tests.Conformance;

/// <summary>All sources of published cases, in the table's order.</summary>
internal static class ConformanceSuite
{
    private static readonly (string File, Func<IEnumerable<ConformanceGroup>> Read)[] s_sources =
    [
        (OnnxCases.File, OnnxCases.Read),
        (KerasCases.File, KerasCases.Read),
        (TfjsCases.File, TfjsCases.Read),
        (AudioNetworks.RtNeuralFile, AudioNetworks.ReadRtNeural),
        (SpeechModels.VoiceFile, SpeechModels.Voice),
        (SpeechModels.NoiseFile, SpeechModels.Noise),
        (OnnxCases.DenoiserFile, OnnxCases.Denoiser),
        (AudioNetworks.AmplifierFile, AudioNetworks.ReadAmplifiers),
        (KerasModels.WakeWordFile, KerasModels.WakeWord),
        (TensorFlowModels.KeywordFile, TensorFlowModels.Keywords),
        (TensorFlowModels.CharRnnFile, TensorFlowModels.Characters),
        (KerasModels.TextFile, KerasModels.TextModel),
        (PhonemeModel.File, PhonemeModel.Read),
        (TensorFlowModels.DigitsFile, TensorFlowModels.Digits),
        ("onednn-rnn-shapes/SOURCE.txt", () => [Shapes]),
    ];

    private static ConformanceGroup Shapes => new("onednn-rnn-shapes", "problem shapes", 0, [])
    {
        Covers = "",
        Notes = "Shapes for benchmarks, without values to compare with.",
    };

    /// <summary>The groups of all tables.</summary>
    public static IEnumerable<ConformanceGroup> AllGroups => Groups.Concat(WholeModels.All.Select(m => m.Group));

    /// <summary>The groups whose data are here.</summary>
    public static IReadOnlyList<ConformanceGroup> Groups { get; } =
        [.. s_sources.Where(source => SharedData.Find(source.File) is not null).SelectMany(source => source.Read())];
}
