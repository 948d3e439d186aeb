namespace RnnCodegen.Generators.Tests.Lowering;

/// <summary>
/// Interpreted programs against the reference: every pass of every case of the numeric tests, in double precision. Matrices start as NaN,
/// so that a value that is read before it is written, or added to before it was overwritten, shows.
/// </summary>
public class ProgramTests
{
    public static TheoryData<string> Cases() => [.. AnnotatedModels.Cases.Select(c => c.Name)];

    [Theory]
    [MemberData(nameof(Cases))]
    public void Interpreter_equals_reference(string name)
    {
        var shape = AnnotatedModels.Cases.Single(c => c.Name == name);
        var model = AnnotatedModels.Of(shape.Model);
        new ProgramCase(model.Program, model.Reference, shape).Check();
    }
}
