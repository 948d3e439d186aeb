using RnnCodegen.Generators.Diagnostics;
using RnnCodegen.Generators.Planning;
using RnnCodegen.Generators.Specs;

namespace RnnCodegen.Generators.Parsing;

/// <summary>What was understood of a class. The parts leave Parsing apart, so that a finding that moved emits no code anew.</summary>
/// <param name="Name">Full name of the class, also where an error was found.</param>
/// <param name="MetadataName">The name that no other type has.</param>
/// <param name="Model">The spec; null where an error was found.</param>
/// <param name="Diagnostics">All that was found.</param>
internal sealed record ParseResult(string Name, string MetadataName, ModelSpec? Model, EquatableArray<DiagnosticInfo> Diagnostics)
{
    /// <summary>Of a node that declares nothing new: the second of two parts with the attribute, which the compiler refuses.</summary>
    public static readonly ParseResult Nothing = new("", "", null, default);

    /// <summary>What the class gets instead of a model's code; null where it gets that, or nothing.</summary>
    public BrokenModelSpec? Broken { get; init; }

    /// <summary>What is wrong where the project embeds a file for the model.</summary>
    public EquatableArray<FileClash> FileClashes { get; init; }

    /// <summary>The same with names of files that no other class has.</summary>
    /// <param name="ambiguous">Full names that several classes have, but for case.</param>
    public ParseResult WithFileNames(EquatableArray<string> ambiguous)
    {
        var name = ModelNames.File(Name, MetadataName, ambiguous.Contains(Name, StringComparer.OrdinalIgnoreCase));
        return this with
        {
            Model = Model is null ? null : Model with { FileName = name },
            Broken = Broken is null ? null : Broken with { FileName = name },
        };
    }
}

/// <summary>Something under the name of a member that a model has only where the project embeds a file for it.</summary>
/// <param name="Member">The generated member.</param>
/// <param name="Finding">What is wrong where the model has it.</param>
internal sealed record FileClash(string Member, DiagnosticInfo Finding);
