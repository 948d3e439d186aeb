using System.CommandLine;
using RnnCodegen.Generators.Parsing;
using RnnCodegen.Interchange;
using RnnCodegen.Interchange.Onnx;
using RnnCodegen.Tool.Models;

namespace RnnCodegen.Tool.Commands;

/// <summary>Writes a foreign model as an annotated class and its weights.</summary>
internal static class ImportCommand
{
    public static ToolCommand Create()
    {
        var file = new Argument<string>("FILE") { Description = $"The model: {string.Join(", ", ModelFile.Formats)}." };
        var name = new Option<string>("--class")
        {
            Description = "The class's full name, e.g. My.Models.Denoiser; of weights by --spec, the class has its name.",
            HelpName = "NS.NAME",
        };
        var folder = new Option<string>("--output")
        {
            Description = "The folder to write to; where not given, this one.",
            HelpName = "DIR",
            DefaultValueFactory = _ => "."
        };
        var part = ModelOptions.Part();
        var order = ModelOptions.Order();
        var architecture = ModelOptions.Architecture();
        var force = new Option<bool>("--force") { Description = "Replace files that exist." };
        var command = new Command(
            "import",
            "Write a model as an annotated class, NAME.cs, and its weights, NAME.safetensors. A class that does not build is " +
            "never written.")
        {
            file, name, folder, part, order, architecture, force,
        };
        GraphOptions.AddTo(command);
        var recipe = new RecipeImport();
        recipe.AddTo(command);
        command.Validators.Add(result =>
        {
            if (result.GetResult(name) is null && !recipe.IsAsked(result))
            {
                result.AddError("--class NS.NAME is missing: what the class is to be called.");
            }

            // The class of --spec says all that these would.
            Option[] others = [name, part, order, architecture, .. GraphOptions.All];
            if (recipe.IsAsked(result) && others.FirstOrDefault(o => result.GetResult(o) is { Implicit: false }) is { } other)
            {
                result.AddError($"{other.Name} does not go with --spec and --layout.");
            }
        });
        return new ToolCommand(command, parsed => recipe.IsAsked(parsed.CommandResult)
            ? recipe.Run(parsed, parsed.GetRequiredValue(file), parsed.GetRequiredValue(folder), parsed.GetValue(force))
            : Run(parsed.GetRequiredValue(file),
                path => ModelArgument.Open(path, part: parsed.GetValue(part), order: ModelOptions.OrderOf(parsed, order),
                    architecture: parsed.GetValue(architecture), graph: GraphOptions.Of(parsed)),
                parsed.GetRequiredValue(name), parsed.GetRequiredValue(folder), parsed.GetValue(force)));
    }

    private static Report Run(string file, Func<string, ModelArgument> open, string fullName, string folder, bool force)
    {
        if (!ClassFileNames.IsFullName(fullName))
        {
            throw new CommandException(ExitCode.Unusable, $"--class '{fullName}' is not a C# class name; use one like My.Models.Denoiser.");
        }

        var (nameSpace, className) = fullName.LastIndexOf('.') is >= 0 and var dot
            ? (fullName[..(dot + 1)], fullName[(dot + 1)..])
            : ("", fullName);
        if (ReservedNames.Contains(className))
        {
            throw new CommandException(
                ExitCode.Unusable,
                $"--class '{fullName}': generated code has or uses the name '{className}'; use another, " +
                $"e.g. {nameSpace}{ClassFileNames.After(className, [])}.");
        }

        if (ModelArgument.IsClassFile(file))
        {
            throw new CommandException(ExitCode.Unusable, $"'{file}' is an annotated class already.");
        }

        var name = Path.Combine(folder, className);
        var (classFile, weightFile) = (name + ".cs", name + ".safetensors");
        RequireFree();

        var input = open(file);
        input.LeaveFree(className);
        var built = input.Build(fullName, $"{Path.GetFileName(file)} ({input.Format})");
        FilePair.RequireFolder(folder);
        RequireFree();
        FilePair.Write(classFile, input.ClassText!, weightFile, input.Description.SaveWeights);

        // The folder is made only for a model that is written.
        void RequireFree()
        {
            if (Directory.Exists(folder))
            {
                FilePair.RequireFree(classFile, force, file);
                FilePair.RequireFree(weightFile, force, file);
            }
        }

        var report = new Report();
        report.Add(input.Description.Notes.Select(n => $"note: {n}"));
        report.Add($"{classFile}: {fullName}, {built.Definition.ParameterCount} parameters",
            $"{weightFile}: its weights; {built.Type.Name}.Load reads them");
        if (input.Description.Normalizer.Count > 0)
        {
            report.Add("the file's normaliser is kept in the weights: Normalizer.Load finds it there");
        }

        report.Json["file"] = file;
        report.Json["format"] = input.Format;
        report.Json["class"] = fullName;
        report.Json["classFile"] = classFile;
        report.Json["weightFile"] = weightFile;
        report.Json["parameters"] = built.Definition.ParameterCount;
        report.Json["notes"] = Report.Array(input.Description.Notes);
        return report;
    }
}
