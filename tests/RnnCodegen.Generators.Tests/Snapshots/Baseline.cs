using Snapshooter.Xunit;

namespace RnnCodegen.Generators.Tests.Snapshots;

/// <summary>The one place that knows which snapshot package is used.</summary>
internal static class Baseline
{
    public static void Match(string text, string name) => Snapshot.Match(text, name);
}
