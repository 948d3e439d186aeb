namespace RnnCodegen.Interchange;

/// <summary>A layer that was recognised in a state dict, before its place among the others is known.</summary>
/// <param name="Prefix">The module that it is.</param>
/// <param name="Name">Its property's name.</param>
/// <param name="Options">Its attribute.</param>
/// <param name="Input">Width of the rows it reads; null where it takes any, 0 where it reads token ids.</param>
/// <param name="Output">Width of its output; null where it is that of the input.</param>
/// <param name="Weights">Its parameters under the names of the generated class.</param>
/// <param name="Reading">What it is taken for, and what else has such tensors;
/// null where nothing else has. Said once for all layers of one reading.</param>
/// <param name="Notes">What else its user should know.</param>
internal sealed record ImportedLayer(
    string Prefix, string Name, LayerAttribute Options, int? Input, int? Output, List<NamedTensor> Weights, string? Reading,
    List<string> Notes);
