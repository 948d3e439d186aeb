namespace RnnCodegen.PtxMachine;

/// <summary>What a kernel did wrong.</summary>
public enum FaultKind
{
    /// <summary>The text has something that the machine does not know.</summary>
    Unsupported,

    /// <summary>A read or write outside every allocation, or of another one than the address space says.</summary>
    OutOfBounds,

    /// <summary>A read of memory that nobody wrote.</summary>
    Uninitialized,

    /// <summary>An address that is no multiple of the access' size.</summary>
    Misaligned,

    /// <summary>Two threads touched one address, one of them writing, with no barrier between them.</summary>
    Race,

    /// <summary>A barrier or a warp's exchange that not all its threads reach.</summary>
    Barrier,

    /// <summary>A launch that the kernel does not allow.</summary>
    Launch,

    /// <summary>More instructions than a launch may take.</summary>
    Endless,
}

/// <summary>A fault of a kernel, with the thread and the instruction that met it.</summary>
public sealed class PtxFault(FaultKind kind, string message) : Exception($"{kind}: {message}")
{
    /// <summary>What kind of fault.</summary>
    public FaultKind Kind { get; } = kind;
}
