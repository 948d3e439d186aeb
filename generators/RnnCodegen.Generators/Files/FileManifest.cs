using RnnCodegen.Generators.Diagnostics;
using RnnCodegen.Generators.Parsing;
using RnnCodegen.Generators.Specs;

namespace RnnCodegen.Generators.Files;

/// <summary>What a file is to its model; the names are those of the project items.</summary>
internal enum ModelFileKind
{
    RnnWeights,
    RnnGolden,
}

/// <summary>One tensor of a file, as its header describes it.</summary>
internal sealed record ManifestTensor(string Name, string DataType, EquatableArray<long> Shape);

/// <summary>A file that a project item gives to a model, as the build described it.</summary>
/// <param name="Kind">The item.</param>
/// <param name="Model">Full name of the model's class, as the item says it.</param>
/// <param name="File">The path, as the item says it.</param>
/// <param name="Place">The item in the project file.</param>
/// <param name="Tensors">The file's tensors, in its order.</param>
internal sealed record FileManifest(ModelFileKind Kind, string Model, string File, LocationInfo Place,
    EquatableArray<ManifestTensor> Tensors);

/// <summary>A model and the files that are for it; never none.</summary>
internal sealed record ModelWithFiles(ModelSpec Model, EquatableArray<FileManifest> Files)
{
    /// <summary>What has to be emitted for the files: it stays the same while only their contents change.</summary>
    public LoaderSpec Loaders => new(Model, Has(ModelFileKind.RnnWeights), Has(ModelFileKind.RnnGolden));

    /// <summary>The member that a model gets for a file.</summary>
    public static string MemberFor(ModelFileKind kind) => kind == ModelFileKind.RnnWeights
        ? ReservedNames.OfWeights
        : ReservedNames.OfGolden;

    private bool Has(ModelFileKind kind) => Files.Any(f => f.Kind == kind) && !Model.FreeOfFiles.Contains(MemberFor(kind));
}

/// <summary>The members a model gets for its files.</summary>
/// <param name="Model">The model.</param>
/// <param name="Weights">Whether weights are embedded.</param>
/// <param name="Golden">Whether a golden pair is embedded.</param>
internal sealed record LoaderSpec(ModelSpec Model, bool Weights, bool Golden);
