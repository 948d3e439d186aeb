namespace RnnCodegen;

/// <summary>A column of a model's input that holds the ids of categories.</summary>
/// <param name="Layer">The embedding that reads it.</param>
/// <param name="Column">The column, counted from 0.</param>
/// <param name="Count">Number of categories; ids run from 0 to Count - 1.</param>
public sealed record CategoryColumn(string Layer, int Column, int Count);
