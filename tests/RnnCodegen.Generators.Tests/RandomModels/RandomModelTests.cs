using System.Runtime.Loader;
using RnnCodegen.Generators.Tests.Robustness;
using RnnCodegen.Numerics.Tests.Engines;

namespace RnnCodegen.Generators.Tests.RandomModels;

/// <summary>
/// Models that nobody thought of compute what the reference does, at every width, in and outside training, and touch no memory but their
/// own: a fault of memory stops the process, whose last words name the class with its seed. RNNCODEGEN_FUZZ and RNNCODEGEN_FUZZ_SEED say
/// how many to try and the first; .ci/run tries hundreds.
/// </summary>
public class RandomModelTests
{
    // So many in one compilation.
    private const int Group = 20;

    [GuardedFact]
    public void Every_width_computes_what_the_reference_does()
    {
        var (failures, unjudged) = (new List<string>(), 0);
        var (first, count) = Fuzz.Range(usual: 20, whole: 40);
        for (var start = first; start < first + count; start += Group)
        {
            var cases = Enumerable.Range(start, Math.Min(Group, first + count - start)).Select(seed => new RandomCase(seed)).ToList();
            var context = new AssemblyLoadContext("Random models", isCollectible: true);
            RandomCase.Compile(cases, context);
            foreach (var @case in cases)
            {
                try
                {
                    @case.Check();
                }
                catch (NoSuchInputException)
                {
                    unjudged++;
                }
                catch (Exception failure) when (failure is Xunit.Sdk.XunitException)
                {
                    failures.Add($"seed {@case.Seed}: {failure.Message}\n{@case.Source}");
                }
            }

            context.Unload();
        }

        Assert.True(failures.Count == 0, Fuzz.Text(failures));
        Assert.True(unjudged <= 1 + (count / 20), $"{unjudged} of {count} models could not be judged.");
    }
}
