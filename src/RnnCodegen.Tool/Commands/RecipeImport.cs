using System.CommandLine;
using System.CommandLine.Parsing;
using RnnCodegen.Interchange;
using RnnCodegen.Tool.Models;

namespace RnnCodegen.Tool.Commands;

/// <summary>Imports the weights of a class that exists, from a file in another program's layout.</summary>
internal sealed class RecipeImport
{
    private readonly Option<string> _spec = new("--spec")
    {
        Description = "The .cs file of an annotated class, for a file of weights alone: the class says the layers, and its weights are " +
            "written.",
        HelpName = "CLASS",
    };

    private readonly Option<string> _layout = new("--layout")
    {
        Description = $"How the weights of --spec are laid out: {string.Join(", ", Names)}.",
        HelpName = "NAME",
    };

    private readonly Option<float?> _forgetBias = new("--forget-bias")
    {
        Description = "What is added to the forget gate of TensorFlow's LSTM cells; 1 where not given, as in TensorFlow.",
        HelpName = "NUMBER",
        CustomParser = result => ModelOptions.Number<float>(result, "a number"),
    };

    private static IEnumerable<string> Names => Enum.GetNames<WeightLayout>().Select(n => n.ToLowerInvariant());

    /// <summary>Adds the options to a command.</summary>
    public void AddTo(Command command)
    {
        command.Add(_spec);
        command.Add(_layout);
        command.Add(_forgetBias);
    }

    /// <summary>Whether a command line asks for this.</summary>
    public bool IsAsked(CommandResult command) =>
        new Option[] { _spec, _layout, _forgetBias }.Any(option => command.GetResult(option) is not null);

    /// <summary>Writes the weights under the class's name.</summary>
    public Report Run(ParseResult parsed, string file, string folder, bool force)
    {
        if (parsed.GetValue(_spec) is not { } spec || parsed.GetValue(_layout) is not { } name)
        {
            throw new CommandException(ExitCode.Unusable, "--spec CLASS and --layout NAME go together.");
        }

        if (!Enum.TryParse<WeightLayout>(name, ignoreCase: true, out var layout) || !Names.Contains(name.ToLowerInvariant()))
        {
            throw new CommandException(ExitCode.Unusable, $"--layout '{name}' is none of {string.Join(", ", Names)}.");
        }

        if (parsed.GetValue(_forgetBias) is not null && layout != WeightLayout.TensorFlow)
        {
            throw new CommandException(ExitCode.Unusable, "--forget-bias goes with --layout tensorflow: other programs' files have it.");
        }

        if (!ModelArgument.IsClassFile(spec))
        {
            throw new CommandException(ExitCode.Unusable, $"--spec '{spec}' is no .cs file.");
        }

        var tensors = ModelArgument.OpenFile(file, null, null).Tensors;
        if (tensors.Count == 0)
        {
            throw new CommandException(ExitCode.Unusable, $"'{file}' holds a model, which has its layout; import it without --layout.");
        }

        var model = ModelArgument.Open(spec);
        var filled = Fill(file, model, tensors, layout, parsed.GetValue(_forgetBias) ?? WeightRecipe.DefaultForgetBias);
        var path = Path.Combine(folder, model.Built!.Type.Name + ".safetensors");
        FilePair.RequireFolder(folder);
        FilePair.RequireFree(path, force, file, spec);
        filled.SaveWeights(path);

        var report = new Report();
        report.Add(filled.Notes.Select(n => $"note: {n}"));
        report.Add($"{path}: the weights of {model.Built.Type.FullName}, {model.Built.Definition.ParameterCount} parameters");
        report.Json["file"] = file;
        report.Json["class"] = model.Built.Type.FullName;
        report.Json["weightFile"] = path;
        report.Json["parameters"] = model.Built.Definition.ParameterCount;
        report.Json["notes"] = Report.Array(filled.Notes);
        return report;
    }

    private static ModelDescription Fill(
        string file, ModelArgument model, IReadOnlyList<FileTensor> tensors, WeightLayout layout, float forgetBias)
    {
        try
        {
            var filled = WeightRecipe.Fill(file, model.Description, tensors, layout, forgetBias);
            _ = model.Built!.CreateParameters(filled.Weights);
            return filled;
        }
        catch (InvalidDataException e)
        {
            throw new CommandException(ExitCode.Refused, e.Message);
        }
    }
}
