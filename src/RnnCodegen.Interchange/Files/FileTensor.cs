namespace RnnCodegen.Interchange;

/// <summary>A tensor as a file has it, whatever it is for.</summary>
/// <param name="Name">Its name in the file.</param>
/// <param name="DataType">The file's name of the element type, e.g. F32.</param>
/// <param name="Shape">Sizes, outermost first.</param>
/// <param name="Values">The values as float32; null of a type that has no numbers in that range or that is not read.</param>
public sealed record FileTensor(string Name, string DataType, IReadOnlyList<int> Shape, float[]? Values);
