namespace RnnCodegen.PtxMachine;

/// <summary>An instruction that is ready to run: it moves the thread's registers, memory and place.</summary>
internal delegate void Instruction(PtxThread thread);

/// <summary>A kernel of a module.</summary>
public sealed class PtxKernel
{
    private readonly List<string> _texts = [];
    private readonly List<Instruction> _instructions = [];

    internal PtxKernel(string name) => Name = name;

    /// <summary>Its name.</summary>
    public string Name { get; }

    /// <summary>Bytes of its parameters.</summary>
    public int ParameterBytes { get; internal set; }

    /// <summary>Where each parameter is among these bytes, and how many it has.</summary>
    public IReadOnlyList<(int Offset, int Size)> Parameters => ParameterList;

    /// <summary>Bytes of its own shared memory.</summary>
    public int SharedBytes { get; internal set; }

    /// <summary>Blocks of a cluster, where the text says; null where the launch does.</summary>
    public (int X, int Y, int Z)? ClusterSize { get; internal set; }

    /// <summary>Most threads of a block, where the text says.</summary>
    public int? MaxThreads { get; internal set; }

    /// <summary>Where the shared memory starts that a launch asks for: behind the kernel's own.</summary>
    internal int DynamicStart => (SharedBytes + DynamicAlign - 1) / DynamicAlign * DynamicAlign;

    internal int DynamicAlign { get; set; } = 1;

    internal List<(int Offset, int Size)> ParameterList { get; } = [];

    internal int LocalBytes { get; set; }

    internal int Registers { get; set; }

    /// <summary>Registers that have a value before the first instruction.</summary>
    internal List<(int Register, Func<PtxThread, ulong> Value)> Preset { get; } = [];

    internal IReadOnlyList<Instruction> Instructions => _instructions;

    internal void Add(string text, Instruction instruction)
    {
        _texts.Add(text);
        _instructions.Add(instruction);
    }

    internal string TextOf(int instruction) => instruction < _texts.Count ? _texts[instruction] : "the end";
}
