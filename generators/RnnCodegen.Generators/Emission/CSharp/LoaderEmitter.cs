using RnnCodegen.Generators.Files;
using RnnCodegen.Generators.Parsing;
using RnnCodegen.Generators.Planning;

namespace RnnCodegen.Generators.Emission.CSharp;

/// <summary>
/// Writes the members that a model has for the files embedded with it. Names are written out, so that no type of the user's can hide them.
/// </summary>
internal sealed class LoaderEmitter(SourceWriter writer, LoaderSpec spec)
{
    public void Write()
    {
        var (model, core) = (spec.Model, new ClassNames(spec.Model).Core);
        string Public(string member) => model.Hiding.Contains(member) ? "public new" : "public";
        var (self, code) = (EmissionText.SelfOf(model), EmissionText.CodeOf(model));
        using (writer.Block($"partial class {EmissionText.TypeIdentifier(model.Name)}"))
        {
            if (spec.Weights)
            {
                writer.Line("/// <summary>");
                writer.Line(
                    "/// A model with the weights that are embedded in this assembly. Where they are read without being copied, memory " +
                    "for them is taken only");
                writer.Line("/// when they are first changed.");
                writer.Line("/// </summary>");
                writer.Line("/// <exception cref=\"global::System.IO.InvalidDataException\">A weight is not a finite number.</exception>");
                writer.Line($"{Public(ReservedNames.OfWeights)} static {self} {ReservedNames.OfWeights}() =>");
                writer.Line(
                    $"    new(new global::RnnCodegen.Runtime.ModelCore({code}.Definition, {code}.CreateKernels(), " +
                    $"global::RnnCodegen.Runtime.EmbeddedFiles.LoadWeights(typeof({self}).Assembly, {code}.Definition)));");
            }

            if (spec.Golden)
            {
                writer.Line();
                writer.Line(
                    "/// <summary>Computes the golden input that is embedded in this assembly, and compares with its output.</summary>");
                writer.Line("/// <returns>What differs most, and whether that is within the golden file's tolerance.</returns>");
                writer.Line($"{Public(ReservedNames.OfGolden)} global::RnnCodegen.SelfTestReport {ReservedNames.OfGolden}() =>");
                writer.Line(
                    $"    global::RnnCodegen.Runtime.EmbeddedFiles.LoadGolden(typeof({self}).Assembly, {code}" +
                    $".Definition).Compare({core});");
            }
        }
    }
}
