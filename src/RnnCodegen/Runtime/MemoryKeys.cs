namespace RnnCodegen.Runtime;

/// <summary>Weights that make keys of a memory's rows, for one layer that attends to it.</summary>
/// <param name="Offset">The tensor's first element in the flat parameters.</param>
/// <param name="Width">Features of a key, the tensor's rows.</param>
public sealed record MemoryKeys(int Offset, int Width);
