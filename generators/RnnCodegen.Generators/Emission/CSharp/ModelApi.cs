using RnnCodegen.Generators.Graph;
using RnnCodegen.Generators.Planning;
using RnnCodegen.Generators.Specs;

namespace RnnCodegen.Generators.Emission.CSharp;

/// <summary>What the public members of a model depend on: their signatures on a few facts, their documentation on its shapes.</summary>
/// <param name="Class">The class's name as its constructor and its part are declared.</param>
/// <param name="Self">Its full name as code.</param>
/// <param name="TakesTokens">Whether the input is token ids.</param>
/// <param name="CanStream">Whether it runs step by step.</param>
internal sealed record ModelApi(string Class, string Self, bool TakesTokens, bool CanStream)
{
    /// <summary>What is behind the members; null where nothing is.</summary>
    public ModelGraph? Graph { get; init; }

    /// <summary>The field that holds parameters and kernels.</summary>
    public string Core { get; init; } = "";

    /// <summary>The members that hide inherited ones.</summary>
    public IReadOnlyCollection<string> Hiding { get; init; } = [];

    /// <summary>How the declaration of a public member starts.</summary>
    public string Public(string name) => Hiding.Contains(name) ? "public new" : "public";

    /// <summary>Whether it has the members that bring it to a GPU.</summary>
    public bool HasCuda { get; init; }

    /// <summary>Whether the types of these members are there; else others take their places.</summary>
    public bool RefersToCuda { get; init; } = true;

    /// <summary>The interfaces of the class.</summary>
    public string Interfaces => $"global::RnnCodegen.IRnnModel<{Self}>{(HasCuda ? ", global::System.IDisposable" : "")}";

    /// <summary>The class of the model's code.</summary>
    public string Code { get; init; } = "";

    public static ModelApi Of(ModelGraph graph)
    {
        var spec = graph.Spec;
        return new ModelApi(EmissionText.TypeIdentifier(spec.Name), EmissionText.SelfOf(spec), graph.TakesTokens, graph.CanStream)
        {
            Graph = graph,
            HasCuda = spec.HasCuda,
            Hiding = [.. spec.Hiding],
            Core = new ClassNames(spec).Core,
            Code = EmissionText.CodeOf(spec),
        };
    }
}
