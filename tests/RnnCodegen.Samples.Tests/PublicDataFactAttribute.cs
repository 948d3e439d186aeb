using Samples;
using Xunit;

namespace RnnCodegen.Samples.Tests;

/// <summary>A test that needs a public data set, and is skipped where it is absent.</summary>
public sealed class PublicDataFactAttribute : FactAttribute
{
    /// <summary>A test that needs a data set.</summary>
    /// <param name="name">The name of its folder.</param>
    public PublicDataFactAttribute(string name) => Skip = SampleData.Find(name) is null
        ? $"The data set {name} is absent; set RNNCODEGEN_DATA to the folder that holds it."
        : null;
}
