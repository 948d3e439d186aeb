namespace RnnCodegen.Signal;

/// <summary>Which frames a clip has at its edges. L is a frame's length, H the hop, S the clip's samples.</summary>
public enum FrameEdges
{
    /// <summary>Frames that lie inside: 1 + floor((S - L) / H). TensorFlow's, and Kaldi's with snip-edges.</summary>
    Inside,

    /// <summary>
    /// Frames around every H-th sample, with zeros beyond the clip: 1 + floor(S / H), or, of odd L, 1 + floor((S - 1) / H). librosa's, from
    /// 0.10 on.
    /// </summary>
    CenteredZeros,

    /// <summary>
    /// The same, with the clip mirrored at its first and last sample, which are not repeated. PyTorch's, and librosa's before 0.10.
    /// </summary>
    CenteredReflect,

    /// <summary>
    /// Frames around the middle of every hop, the clip mirrored with its edge samples repeated: floor((S + H / 2) / H). Kaldi's without
    /// snip-edges.
    /// </summary>
    HopCenteredReflect,
}
