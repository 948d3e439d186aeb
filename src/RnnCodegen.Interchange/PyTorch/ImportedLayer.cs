namespace RnnCodegen.Interchange;

/// <summary>A layer that was recognised in a state dict, before its place among the others is known.</summary>
/// <param name="Name">Its property's name.</param>
/// <param name="Options">Its attribute.</param>
/// <param name="Input">Width of the rows it reads; null where it takes any, 0 where it reads token ids.</param>
/// <param name="Output">Width of its output; null where it is that of the input.</param>
/// <param name="Weights">Its parameters under the names of the generated class.</param>
/// <param name="Notes">What its user should know.</param>
internal sealed record ImportedLayer(
    string Name, LayerAttribute Options, int? Input, int? Output, List<NamedTensor> Weights, List<string> Notes);
