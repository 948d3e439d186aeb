namespace RnnCodegen.Build;

/// <summary>A place in a project file; lines and columns count from 1, and are 0 where they are not known.</summary>
internal sealed record ItemPlace(string Project, int Line, int Column);

/// <summary>A file that a project item gives to a model, as far as its header tells.</summary>
/// <param name="Kind">The item: RnnWeights or RnnGolden.</param>
/// <param name="Model">Full name of the model's class.</param>
/// <param name="File">The path as the project file says it.</param>
/// <param name="Place">The item.</param>
/// <param name="Tensors">The file's tensors.</param>
internal sealed record FileItem(string Kind, string Model, string File, ItemPlace Place, IReadOnlyList<SafeTensorsHeader.Entry> Tensors);

/// <summary>A mistake in a project's items or their files, as the build reports it.</summary>
internal sealed class ModelFileException(string code, string message) : Exception(message)
{
    /// <summary>The item names no model.</summary>
    public const string NoModel = "RNN0301";

    /// <summary>The file cannot be read.</summary>
    public const string Unreadable = "RNN0302";

    /// <summary>The file is not a safetensors file.</summary>
    public const string Malformed = "RNN0303";

    /// <summary>The rule, which docs/diagnostics.md explains.</summary>
    public string Code => code;
}
