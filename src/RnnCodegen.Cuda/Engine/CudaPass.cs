namespace RnnCodegen.Cuda;

/// <summary>What a frame runs: a pass, with what the host gives and takes. Each is captured by itself.</summary>
internal enum CudaPass
{
    /// <summary>A step, or a run, whose state comes from the host and goes back.</summary>
    Infer,

    /// <summary>The same where nobody asks for the state at the end.</summary>
    InferWithoutState,

    /// <summary>A step of streams whose state stays on the device.</summary>
    Stream,

    Forward,

    ForwardWithoutState,

    Backward,

    BackwardToInput,

    BackwardToMemory,

    BackwardToInputAndMemory,

    /// <summary>Forward, a training's loss, and Backward, without outputs or gradients for the host.</summary>
    Train,

    TrainToState,

    TrainFromState,

    TrainFromStateToState,

    /// <summary>An encoder's Forward, whose outputs and state stay on the device.</summary>
    Encode,

    /// <summary>What Train does of a decoder, whose initial state is there.</summary>
    TrainEncoded,

    /// <summary>An encoder's Backward, from gradients that are there.</summary>
    BackwardEncoded,

    /// <summary>How many there are.</summary>
    Count,
}
