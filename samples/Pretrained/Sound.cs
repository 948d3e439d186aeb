namespace Pretrained;

/// <summary>The sound that the models hear.</summary>
static class Sound
{
    /// <summary>Samples a second.</summary>
    public const int Rate = 16000;
}
