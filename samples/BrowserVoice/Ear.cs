using RnnCodegen;
using RnnCodegen.Signal;

namespace BrowserVoice;

/// <summary>Hears portions of sound of 16 kHz, of any length, and says of each frame how probable a voice is.</summary>
sealed class Ear(ModelStream model)
{
    /// <summary>Samples a second.</summary>
    public const int Rate = 16000;

    /// <summary>Samples from frame to frame.</summary>
    public const int Hop = 256;

    private readonly AudioFeatures _features = CreateFeatures();
    private readonly FrameStream _frames = CreateFeatures().CreateStream();
    private readonly float[] _row = new float[VoiceDetector.InputSize];
    private readonly float[] _voice = new float[1];

    /// <summary>The features that the model was trained with.</summary>
    public static AudioFeatures CreateFeatures() =>
        new(FeatureKinds.TensorFlowLogMel(Rate, frame: 512, hop: Hop, bands: VoiceDetector.InputSize));

    /// <summary>Adds the probability of each frame that these samples complete.</summary>
    public void Hear(ReadOnlySpan<float> samples, List<double> voice)
    {
        while (_frames.Next(ref samples, out var frame))
        {
            _features.Row(frame, _row);
            model.Step(_row, _voice);
            voice.Add(_voice[0]);
        }
    }
}
