namespace RnnCodegen.Generators.Specs;

/// <summary>
/// A model in which an error was found. It gets its members all the same, without anything behind them, so that the error is all that the
/// build reports: neither its properties nor code that uses the model are at fault.
/// </summary>
/// <param name="FullName">Full name.</param>
/// <param name="Namespace">As in <see cref="ModelSpec"/>.</param>
/// <param name="Types">The types around the class, outermost first, and the class itself.</param>
/// <param name="TakesTokens">Whether its input is token ids.</param>
/// <param name="HasApi">Whether it gets members beside its properties'
/// bodies: not where it is no model, or a class that can have none.</param>
/// <param name="HasConstructor">Whether it gets the constructor of models.</param>
/// <param name="Properties">The properties that have no body.</param>
/// <param name="Skipped">Members that its author has under their names.</param>
internal sealed record BrokenModelSpec(
    string FullName, string Namespace, EquatableArray<ContainingTypeSpec> Types, bool TakesTokens, bool HasApi, bool HasConstructor,
    EquatableArray<PropertyStub> Properties, EquatableArray<string> Skipped)
{
    /// <summary>Whether it gets the members that bring a model to a GPU.</summary>
    public bool HasCuda { get; init; }

    /// <summary>Whether the project has the types of these members.</summary>
    public bool RefersToCuda { get; init; }

    /// <summary>Starts the name of its file; no other class's does so.</summary>
    public string FileName { get; init; } = "";
}

/// <summary>A partial property without a body, as its author declared it.</summary>
/// <param name="Modifiers">Its modifiers as written, <c>partial</c> among them.</param>
/// <param name="Type">Its type's full name.</param>
/// <param name="Name">Its name.</param>
/// <param name="Parameters">The parameters of an indexer, as code; empty for a property.</param>
/// <param name="Accessors">Its accessors, as keywords with their modifiers.</param>
internal sealed record PropertyStub(string Modifiers, string Type, string Name, string Parameters, EquatableArray<string> Accessors);
