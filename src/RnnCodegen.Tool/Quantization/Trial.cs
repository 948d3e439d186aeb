using RnnCodegen.Reference;
using RnnCodegen.Runtime;
using RnnCodegen.Tool.Commands;
using RnnCodegen.Tool.Golden;

namespace RnnCodegen.Tool.Quantization;

/// <summary>An input to compare a model's formats on: a golden file's, or one of random numbers.</summary>
internal sealed class Trial
{
    private const int RandomSteps = 100;
    private const int RandomBatch = 4;

    private float[] _input = [];
    private int[] _tokens = [];
    private int[] _lengths = [];

    private static void RequireNoMemory(ModelDefinition model)
    {
        if (model.MemorySize > 0)
        {
            throw new NotSupportedException(
                $"{model.Name} attends to a memory, which comes from another model: no input is made for it here.");
        }
    }

    private Trial(int steps, int batch, string description) => (Steps, Batch, Description) = (steps, batch, description);

    /// <summary>Time steps T.</summary>
    public int Steps { get; }

    /// <summary>Samples B.</summary>
    public int Batch { get; }

    /// <summary>What the input is, for a person.</summary>
    public string Description { get; }

    /// <summary>The input of a golden file.</summary>
    public static Trial OfGolden(string path, GoldenOptions options, ModelDefinition model)
    {
        RequireNoMemory(model);
        var data = GoldenData.Read(path, options, model);
        var file = data.File;
        _ = GoldenPair.Parse(path, file);
        var ids = file.TryGet("tokens", out var tokens) ? tokens.Values<int>().ToArray() : [];
        if (Array.FindIndex(ids, id => id < 0 || id >= model.Vocabulary) is >= 0 and var wrong)
        {
            throw new CommandException(
                ExitCode.Unusable,
                $"'{path}': value {wrong} of 'tokens' is {ids[wrong]}; the ids of this model run from 0 to {model.Vocabulary - 1}.");
        }

        RequireIds(path, file, model);
        return new Trial(data.Steps, data.Batch, $"the input of {path}")
        {
            _input = file.TryGet("input", out var input) ? input.ToFloats() : [],
            _tokens = ids,
            _lengths = file.TryGet("lengths", out var lengths) ? Array.ConvertAll(lengths.ToFloats(), n => (int)n) : [],
        };
    }

    /// <summary>Refuses an input with anything but ids in the columns of categories.</summary>
    private static void RequireIds(string path, SafeTensorsFile file, ModelDefinition model)
    {
        float[] x = model.Categories.Count > 0 ? file["input"].ToFloats() : [];
        foreach (var category in model.Categories)
        {
            for (var i = category.Column; i < x.Length; i += model.InputSize)
            {
                if (!(x[i] >= 0 && x[i] < category.Count && x[i] == MathF.Floor(x[i])))
                {
                    throw new CommandException(
                        ExitCode.Unusable,
                        $"'{path}': column {category.Column} of 'input' is {x[i]} in row {i / model.InputSize}; the ids of " +
                        $"{category.Layer} are whole numbers from 0 to {category.Count - 1}.");
                }
            }
        }
    }

    /// <summary>Normal numbers of mean 0 and variance 1, or token ids, that are the same each time.</summary>
    public static Trial OfSeed(int seed, ModelDefinition model)
    {
        RequireNoMemory(model);
        var random = new SeededNumbers(seed);
        var steps = Math.Max(RandomSteps, model.LeastSteps);
        return new Trial(steps, RandomBatch, $"random {(model.TakesTokens ? "tokens" : "normal numbers")}, seed {seed}")
        {
            _input = model.TakesTokens ? [] : Rows(random, steps * RandomBatch, model),
            _tokens = model.TakesTokens ? random.Below(model.Vocabulary, steps * RandomBatch) : [],
        };
    }

    /// <summary>Normal numbers, and ids where a column holds those of categories.</summary>
    private static float[] Rows(SeededNumbers random, int rows, ModelDefinition model)
    {
        var x = random.Normal(rows * model.InputSize);
        foreach (var category in model.Categories)
        {
            var ids = random.Below(category.Count, rows);
            for (var row = 0; row < rows; row++)
            {
                x[(row * model.InputSize) + category.Column] = ids[row];
            }
        }

        return x;
    }

    /// <summary>What a model gives in double precision, on the same input; its states start as learned, else with zeros.</summary>
    /// <param name="model">What the class says; weights are rounded as its layers keep them for inference.</param>
    /// <param name="parameters">The parameters.</param>
    public double[] RunInDouble(ReferenceModel model, ParameterSet parameters) => new ReferenceRun(model, new ReferenceCall(Steps, Batch)
    {
        Input = _input.Length > 0 ? ToDouble(_input) : null,
        Tokens = _tokens.Length > 0 ? _tokens : null,
        Lengths = _lengths.Length > 0 ? _lengths : null,
        Parameters = parameters.Tensors.ToDictionary(t => t.Name, t => ToDouble(t.Values.ToArray())),
        RoundsWeights = true,
    }).TransformedOutput;

    /// <summary>One step of a stream on the row of one of the input's steps, counted on from the first.</summary>
    public void Step(ModelCore core, int step, Span<float> y, ModelState state)
    {
        var row = step % (Steps * Batch);
        if (core.Definition.TakesTokens)
        {
            core.Step(_tokens[row], y, state);
        }
        else
        {
            core.Step(_input.AsSpan(row * core.Definition.InputSize, core.Definition.InputSize), y, state);
        }
    }

    private static double[] ToDouble(float[] values) => Array.ConvertAll(values, v => (double)v);

    /// <summary>What a model gives.</summary>
    public float[] Run(ModelCore core)
    {
        var model = core.Definition;
        var y = new float[OutputLength(model)];
        Run(core, y);
        return y;
    }

    /// <summary>Values that a run gives.</summary>
    public int OutputLength(ModelDefinition model) =>
        (model.OutputIsSequence ? model.OutputSteps(Steps) : 1) * Batch * model.OutputSize;

    /// <summary>What a model gives, into memory that is there.</summary>
    public void Run(ModelCore core, Span<float> y)
    {
        if (core.Definition.TakesTokens)
        {
            core.Run(_tokens, y, Steps, Batch, _lengths);
        }
        else
        {
            core.Run(_input, y, Steps, Batch, _lengths);
        }
    }
}
