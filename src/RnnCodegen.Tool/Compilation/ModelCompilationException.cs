namespace RnnCodegen.Tool.Compilation;

/// <summary>An annotated class that the generator or the compiler refuses.</summary>
public sealed class ModelCompilationException : Exception
{
    internal ModelCompilationException(IReadOnlyList<ModelError> errors)
        : base(string.Join("\n", errors)) => Errors = errors;

    /// <summary>What is wrong, in the order of the files.</summary>
    public IReadOnlyList<ModelError> Errors { get; }
}

/// <summary>One reason for which a class does not build.</summary>
/// <param name="File">The file's name.</param>
/// <param name="Layer">The layer it concerns; null where it concerns the class as a whole.</param>
/// <param name="Id">The diagnostic, e.g. RNN0017 or CS0103.</param>
/// <param name="Message">What is wrong and, where the generator says it, the cure.</param>
public sealed record ModelError(string File, string? Layer, string Id, string Message)
{
    /// <summary>One line.</summary>
    public override string ToString() => $"{File}: {(Layer is null ? "" : $"layer '{Layer}': ")}{Message} ({Id})";
}
