using System.Diagnostics;

namespace RnnCodegen.Generators.Tests.Build;

/// <summary>For which machines the package's build files choose AVX2, as MSBuild evaluates them.</summary>
public sealed class InstructionSetTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("rnncodegen").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Only_servers_and_desktops_are_taken_to_have_it()
    {
        // A target, whether the project publishes with Native AOT, what it sets itself, and what is set then.
        (string Rid, string Aot, string Own, string Expected)[] cases =
        [
            ("linux-x64", "true", "", "x86-64-v3"), ("linux-musl-x64", "true", "", "x86-64-v3"), ("win-x64", "true", "", "x86-64-v3"),
            ("osx-x64", "true", "", "x86-64-v3"), ("freebsd-x64", "true", "", "x86-64-v3"),
            ("linux-x64", "true", "x86-64-v2", "x86-64-v2"), ("android-x64", "true", "x86-64-v3", "x86-64-v3"),
            ("linux-x64", "false", "", ""), ("linux-x64", "", "", ""),
            ("android-x64", "true", "", ""), ("linux-bionic-x64", "true", "", ""), ("iossimulator-x64", "true", "", ""),
            ("tvossimulator-x64", "true", "", ""),
            ("maccatalyst-x64", "true", "", ""), ("browser-wasm", "true", "", ""), ("wasi-wasm", "true", "", ""),
            ("linux-arm64", "true", "", ""),
            ("win-x86", "true", "", ""), ("osx-arm64", "true", "", ""), ("android-arm64", "true", "", ""), ("mylinux-x64", "true", "", ""),
            ("", "true", "", ""),
        ];
        File.WriteAllText(Path.Combine(_folder, "one.proj"), $$"""
            <Project>
              <Import Project="{{Path.Combine(BuildFiles(), "RnnCodegen.props")}}" />
              <PropertyGroup><IlcInstructionSet>$(Own)</IlcInstructionSet></PropertyGroup>
              <Import Project="{{Path.Combine(BuildFiles(), "RnnCodegen.targets")}}" />
              <Target Name="Say"><Message Importance="high" Text="case $(Case): [$(IlcInstructionSet)] [$(_RnnCodegenChoseInstructionSet)]" /></Target>
            </Project>
            """);
        File.WriteAllText(Path.Combine(_folder, "all.proj"), $"""
            <Project>
              <ItemGroup>
                {string.Join("\n    ", cases.Select((c, i) => $"<Case Include=\"{i}\" Properties=\"Case={i};RuntimeIdentifier={c.Rid};PublishAot={c.Aot};Own={c.Own}\" />"))}
              </ItemGroup>
              <Target Name="Say"><MSBuild Projects="one.proj" Properties="%(Case.Properties)" Targets="Say" /></Target>
            </Project>
            """);

        var said = Run();

        for (var i = 0; i < cases.Length; i++)
        {
            var (rid, aot, own, expected) = cases[i];
            var chosen = own.Length == 0 && expected.Length > 0 ? "true" : "";
            Assert.True(said.Contains($"case {i}: [{expected}] [{chosen}]", StringComparison.Ordinal),
                $"'{rid}' with PublishAot '{aot}' and '{own}' of its own:\n{said}");
        }
    }

    [Theory]
    [InlineData("Vector256%3BScalar", "Vector256,Scalar")]
    [InlineData(" Vector256 %3B %0A Scalar%3B ", ",Vector256,Scalar,")]
    [InlineData("Vector128", "Vector128")]
    [InlineData("", "")]
    public void Separators_of_bodies_reach_the_compiler_as_commas(string targets, string expected) =>
        Assert.Contains($"[{expected}] [", SayTargets($"<RnnTargets>{targets}</RnnTargets>"), StringComparison.Ordinal);

    [Theory]
    [InlineData("browser-wasm", "", "", "Scalar")]
    [InlineData("browser-wasm", "false", "", "Scalar")]
    [InlineData("browser-wasm", "true", "", "")]
    [InlineData("browser-wasm", "", "Vector128", "Vector128")]
    [InlineData("linux-x64", "", "", "")]
    public void A_browser_that_interprets_gets_the_body_without_vectors_unless_the_project_names_others(
        string rid, string aot, string own, string expected) =>
        Assert.Contains(
            $"[{expected}] [",
            SayTargets(
                $"<RuntimeIdentifier>{rid}</RuntimeIdentifier><RunAOTCompilation>{aot}</RunAOTCompilation>" +
                $"<RnnTargets>{own}</RnnTargets>"),
            StringComparison.Ordinal);

    private string SayTargets(string properties)
    {
        File.WriteAllText(Path.Combine(_folder, "all.proj"), $"""
            <Project>
              <Import Project="{Path.Combine(BuildFiles(), "RnnCodegen.props")}" />
              <PropertyGroup>{properties}</PropertyGroup>
              <Import Project="{Path.Combine(BuildFiles(), "RnnCodegen.targets")}" />
              <Target Name="Say"><Message Importance="high" Text="[$(_RnnTargets)] [@(CompilerVisibleProperty)]" /></Target>
            </Project>
            """);

        var said = Run();

        Assert.Contains(";_RnnTargets]", said, StringComparison.Ordinal);
        return said;
    }

    private static string BuildFiles()
    {
        var root = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(root, "RnnCodegen.sln")))
        {
            root = Path.GetDirectoryName(root) ?? throw new DirectoryNotFoundException("No folder above the tests holds RnnCodegen.sln.");
        }

        return Path.Combine(root, "src", "RnnCodegen", "buildTransitive");
    }

    private string Run()
    {
        var start = new ProcessStartInfo("dotnet", ["msbuild", "all.proj", "-t:Say", "-nologo", "-nodeReuse:false", "-verbosity:minimal"])
        {
            WorkingDirectory = _folder,
            RedirectStandardOutput = true,
        };

        // What a build that runs these tests tells its children of itself.
        foreach (var name in start.Environment.Keys.Where(k => k.StartsWith("MSBUILD", StringComparison.OrdinalIgnoreCase)).ToList())
        {
            start.Environment.Remove(name);
        }

        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 ? output : throw new InvalidOperationException(output);
    }
}
