namespace RnnCodegen.Tool.Compilation;

/// <summary>A file with one or more annotated classes.</summary>
/// <param name="Path">Its name, for messages.</param>
/// <param name="Text">Its text.</param>
public sealed record ModelSource(string Path, string Text);
