using RnnCodegen.Generators.Graph;
using RnnCodegen.Generators.Lowering;

namespace RnnCodegen.Generators.Tests.Lowering;

/// <summary>
/// Interpreted programs against the reference: every pass of every model of the numeric tests, in double precision. Matrices start as NaN,
/// so that a value that is read before it is written, or added to before it was overwritten, shows.
/// </summary>
public class ProgramTests
{
    public static TheoryData<string, int, int, bool> Cases()
    {
        var data = new TheoryData<string, int, int, bool>();
        foreach (var name in AnnotatedModels.All.Keys)
        {
            data.Add(name, 7, 3, true);
            data.Add(name, 8, 1, false);
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Every_pass_is_the_references(string name, int steps, int batch, bool hasLengths)
    {
        var (spec, reference) = AnnotatedModels.All[name];
        var graph = ModelGraphBuilder.Build(spec);
        new ProgramCase(ModelLowering.Lower(graph), reference, Math.Max(steps, graph.Axes.Max(a => a.LeastInput)), batch,
            hasLengths).Check();
    }
}
