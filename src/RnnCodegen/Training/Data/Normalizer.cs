using RnnCodegen.Runtime;

namespace RnnCodegen;

/// <summary>
/// Scales inputs, and targets where wanted, by numbers that were found on the samples to train with. It is saved with a model's weights, in
/// the metadata of their file, and found there by the program that runs the model. Scaling allocates nothing; an instance can be used from
/// many threads at once.
/// </summary>
public sealed class Normalizer
{
    /// <summary>How the keys of metadata start that a normaliser is stored under.</summary>
    internal const string KeyStart = "rnncodegen.normalizer.";

    private const string InputKey = KeyStart + "inputs";
    private const string TargetKey = KeyStart + "targets";

    private readonly FeatureScale? _inputs;
    private readonly FeatureScale? _targets;

    private Normalizer(FeatureScale? inputs, FeatureScale? targets) => (_inputs, _targets) = (inputs, targets);

    /// <summary>How inputs are scaled.</summary>
    public FeatureScaling Inputs => _inputs?.Scaling ?? FeatureScaling.None;

    /// <summary>How targets are scaled.</summary>
    public FeatureScaling Targets => _targets?.Scaling ?? FeatureScaling.None;

    /// <summary>Features of an input row; 0 where inputs are not scaled.</summary>
    public int InputSize => _inputs?.Size ?? 0;

    /// <summary>Values of a target row; 0 where targets are not scaled.</summary>
    public int TargetSize => _targets?.Size ?? 0;

    /// <summary>
    /// Finds the numbers on samples to train with: never on those that are kept to validate or test with, whose numbers a model must not
    /// know. Samples of weight 0 do not count, nor do targets that are NaN. A feature that never changes is only shifted.
    /// </summary>
    /// <param name="training">The samples to train with.</param>
    /// <param name="inputs">How inputs are scaled; a set of tokens has none to scale.</param>
    /// <param name="targets">How targets are scaled, for losses of values; not at all unless said.</param>
    /// <param name="targetSize">Values of a target row; needed where targets are scaled.</param>
    /// <param name="unscaled">
    /// Columns of the inputs that stay as they are, such as the ids of categories that an embedding reads, or flags of 0 and 1.
    /// </param>
    /// <exception cref="ArgumentOutOfRangeException">The inputs have no such column to leave, or are not scaled at all.</exception>
    /// <exception cref="ArgumentException">
    /// The set has no samples that count, or nothing of what should be scaled, or a value is not finite; or nothing is to be scaled.
    /// </exception>
    public static Normalizer Fit(
        TrainingSet training, FeatureScaling inputs = FeatureScaling.MeanAndDeviation, FeatureScaling targets = FeatureScaling.None,
        int targetSize = 0, IReadOnlyCollection<int>? unscaled = null)
    {
        ArgumentNullException.ThrowIfNull(training);
        if (inputs == FeatureScaling.None && targets == FeatureScaling.None)
        {
            throw new ArgumentException("Neither inputs nor targets are to be scaled.", nameof(inputs));
        }

        if (inputs != FeatureScaling.None && training.TakesTokens)
        {
            throw new ArgumentException("The set's inputs are tokens, which are not scaled: give FeatureScaling.None.", nameof(inputs));
        }

        if (targets != FeatureScaling.None && (training.TargetKind != TargetKind.Values || targetSize < 1))
        {
            throw new ArgumentException(
                training.TargetKind != TargetKind.Values ? "The set's targets are no values, and are not scaled."
                : "Give the number of values of a target row as targetSize.", nameof(targets));
        }

        var left = unscaled ?? [];
        foreach (var column in left)
        {
            if (column < 0 || column >= training.InputSize || inputs == FeatureScaling.None)
            {
                throw new ArgumentOutOfRangeException(
                    nameof(unscaled), column, inputs == FeatureScaling.None ? "Inputs are not scaled, so there is no column to leave."
                    : $"Rows of {training.InputSize} features have the columns 0 to {training.InputSize - 1}.");
            }
        }

        var ofInputs = inputs == FeatureScaling.None ? null : new FeatureStatistics(training.InputSize);
        var ofTargets = targets == FeatureScaling.None ? null : new FeatureStatistics(targetSize);
        for (var i = 0; i < training.Count; i++)
        {
            var sample = training[i];
            if (sample.Weight == 0)
            {
                continue;
            }

            RequireFinite(sample.Rows.Span, $"The input of sample {i}", acceptsNaN: false);
            RequireFinite(sample.Values.Span, $"The target of sample {i}", acceptsNaN: true);
            ofInputs?.Add(sample.Rows.Span);
            if (ofTargets is not null && sample.Values.Length % targetSize != 0)
            {
                throw new ArgumentException(
                    $"The target of sample {i} has {sample.Values.Length} values, no whole number of rows of {targetSize}.",
                    nameof(targetSize));
            }

            ofTargets?.Add(sample.Values.Span);
        }

        return new Normalizer(ofInputs?.Scale(inputs, "Feature").Keeping(left), ofTargets?.Scale(targets, "Target value"));
    }

    /// <summary>
    /// A set with scaled inputs and targets, in memory of its own, in which windows of one array that overlap do so again; ids and weights
    /// are shared.
    /// </summary>
    /// <param name="set">Any set of the same sizes: of training, of validation, or to predict with.</param>
    /// <exception cref="ArgumentException">The set's inputs or targets are of another size.</exception>
    public TrainingSet Apply(TrainingSet set)
    {
        ArgumentNullException.ThrowIfNull(set);
        if (_inputs is not null && set.InputSize != _inputs.Size)
        {
            throw new ArgumentException(
                $"The normaliser is for rows of {_inputs.Size} features, but the set has " +
                (set.TakesTokens ? "tokens." : $"rows of {set.InputSize}."), nameof(set));
        }

        var samples = Enumerable.Range(0, set.Count).Select(i => set[i]);
        var inputs = _inputs is null ? null : new ScaledRows(_inputs, "features", samples.Select(s => s.Rows));
        var targets = _targets is null ? null : new ScaledRows(_targets, "target values", samples.Select(s => s.Values));
        return set.Map(sample => sample with
        {
            Rows = inputs?.Of(sample.Rows) ?? sample.Rows, Values = targets?.Of(sample.Values) ?? sample.Values,
        });
    }

    /// <summary>Scales rows of inputs; copies them where inputs are not scaled.</summary>
    /// <param name="rows">Any number of rows [., I].</param>
    /// <param name="target">As many values; may be the same memory.</param>
    /// <exception cref="ArgumentException">The lengths differ, or are no whole number of rows.</exception>
    public void NormalizeInputs(ReadOnlySpan<float> rows, Span<float> target)
    {
        if (_inputs is null)
        {
            rows.CopyTo(target);
        }
        else
        {
            _inputs.Apply(rows, target, "features");
        }
    }

    /// <summary>Scales rows of targets; copies them where targets are not scaled.</summary>
    /// <param name="rows">Any number of rows of targets; NaN stays.</param>
    /// <param name="target">As many values; may be the same memory.</param>
    /// <exception cref="ArgumentException">The lengths differ, or are no whole number of rows.</exception>
    public void NormalizeTargets(ReadOnlySpan<float> rows, Span<float> target)
    {
        if (_targets is null)
        {
            rows.CopyTo(target);
        }
        else
        {
            _targets.Apply(rows, target, "target values");
        }
    }

    /// <summary>Turns a model's outputs into the targets' own units; copies them where targets are not scaled.</summary>
    /// <param name="rows">Any number of output rows.</param>
    /// <param name="target">As many values; may be the same memory.</param>
    /// <param name="outputsPerTarget">Neighbouring outputs of one target value, the number of quantiles of a
    /// <see cref="QuantileLoss"/>.</param>
    /// <exception cref="ArgumentException">The lengths differ, or are no whole number of rows.</exception>
    public void RestoreOutputs(ReadOnlySpan<float> rows, Span<float> target, int outputsPerTarget = 1)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(outputsPerTarget);
        if (_targets is null)
        {
            rows.CopyTo(target);
        }
        else
        {
            _targets.Undo(rows, target, outputsPerTarget, "outputs");
        }
    }

    /// <summary>The normaliser in a file that <see cref="ModelExtensions.Save"/> wrote.</summary>
    /// <param name="path">The file of weights.</param>
    /// <exception cref="InvalidDataException">The file has no normaliser, or a damaged one, or is no valid safetensors file.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static Normalizer Load(string path)
    {
        using var file = SafeTensorsFile.Read(path);
        return Of(path, file);
    }

    /// <summary>The normaliser in the weights that the project embeds for a model, see docs/weights.md.</summary>
    /// <typeparam name="TModel">The model class.</typeparam>
    /// <exception cref="InvalidOperationException">No weights are embedded for the model.</exception>
    /// <exception cref="InvalidDataException">The file has no normaliser, or a damaged one.</exception>
    public static Normalizer LoadEmbedded<TModel>()
        where TModel : class, IRnnModel<TModel>
    {
        var file = EmbeddedFiles.OpenWeights(typeof(TModel).Assembly, TModel.Definition);
        return Of(file.Name, file.Tensors);
    }

    /// <summary>The normaliser in a file that was read.</summary>
    internal static Normalizer Of(string name, SafeTensorsFile file)
    {
        var (inputs, targets) = (Read(InputKey), Read(TargetKey));
        return inputs is null && targets is null
            ? throw new InvalidDataException(
                $"'{name}' has no normaliser: its weights were saved without one. Save them by model.Save(path, normalizer).")
            : new Normalizer(inputs, targets);

        FeatureScale? Read(string key) => !file.Metadata.TryGetValue(key, out var text)
            ? null
            : FeatureScale.Parse(text) ?? throw new InvalidDataException(
                $"'{name}': the normaliser's '{key}' is damaged: it is no scaling with an offset and a divisor for each feature.");
    }

    /// <summary>Refuses a model that takes other rows.</summary>
    internal void Check(ModelDefinition model)
    {
        if (_inputs is not null && _inputs.Size != model.InputSize)
        {
            throw new ArgumentException(
                $"The normaliser is for rows of {_inputs.Size} features, but {model.Name} takes " +
                (model.TakesTokens ? "tokens." : $"rows of {model.InputSize}."), "normalizer");
        }

        if (_inputs is not null && model.Categories.FirstOrDefault(c => !_inputs.Keeps(c.Column)) is { } scaled)
        {
            throw new ArgumentException(
                $"The normaliser scales column {scaled.Column}, which {scaled.Layer} of {model.Name} reads as category ids: name it as " +
                "unscaled in Normalizer.Fit.", "normalizer");
        }

        if (_targets is not null && model.OutputSize % _targets.Size != 0)
        {
            throw new ArgumentException(
                $"The normaliser is for {_targets.Size} target values per row, but {model.Name} has {model.OutputSize} outputs.",
                "normalizer");
        }
    }

    /// <summary>What a file of weights says of it.</summary>
    internal IReadOnlyDictionary<string, string> Metadata()
    {
        var metadata = new Dictionary<string, string>(StringComparer.Ordinal);
        if (_inputs is not null)
        {
            metadata.Add(InputKey, _inputs.ToString());
        }

        if (_targets is not null)
        {
            metadata.Add(TargetKey, _targets.ToString());
        }

        return metadata;
    }

    private static void RequireFinite(ReadOnlySpan<float> values, string what, bool acceptsNaN)
    {
        for (var i = 0; i < values.Length; i++)
        {
            if (!float.IsFinite(values[i]) && !(acceptsNaN && float.IsNaN(values[i])))
            {
                throw new ArgumentException(FormattableString.Invariant($"{what} is {values[i]} at {i}; replace it."), "training");
            }
        }
    }
}
