using RnnCodegen;
using RnnCodegen.Runtime;

namespace LstmVsGru;

/// <summary>A cell of some size, in a model of some shape.</summary>
internal abstract class Contender(string cell, int units, Shape shape, ModelDefinition definition)
{
    private static readonly Contender[] Rows =
    [
        Of("LSTM", 32, Shape.Rows, (seed, start) => new RowLstm32(seed, start)),
        Of("GRU", 32, Shape.Rows, (seed, start) => new RowGru32(seed, start)),
        Of("GRU", 37, Shape.Rows, (seed, start) => new RowGru37(seed, start)),
        Of("Elman", 32, Shape.Rows, (seed, start) => new RowElman32(seed, start)),
        Of("Elman", 67, Shape.Rows, (seed, start) => new RowElman67(seed, start)),
        Of("minGRU", 32, Shape.Rows, (seed, start) => new RowMinGru32(seed, start)),
        Of("minGRU", 216, Shape.Rows, (seed, start) => new RowMinGru216(seed, start)),
    ];

    private static readonly Contender[] Texts =
    [
        Of("LSTM", 96, Shape.Text, (seed, start) => new TextLstm96(seed, start)),
        Of("GRU", 96, Shape.Text, (seed, start) => new TextGru96(seed, start)),
        Of("GRU", 110, Shape.Text, (seed, start) => new TextGru110(seed, start)),
        Of("Elman", 96, Shape.Text, (seed, start) => new TextElman96(seed, start)),
        Of("Elman", 180, Shape.Text, (seed, start) => new TextElman180(seed, start)),
        Of("minGRU", 96, Shape.Text, (seed, start) => new TextMinGru96(seed, start)),
        Of("minGRU", 408, Shape.Text, (seed, start) => new TextMinGru408(seed, start)),
    ];

    private static readonly Contender[] Words =
    [
        Of("LSTM", 32, Shape.Words, (seed, start) => new WordLstm32(seed, start)),
        Of("GRU", 32, Shape.Words, (seed, start) => new WordGru32(seed, start)),
        Of("GRU", 37, Shape.Words, (seed, start) => new WordGru37(seed, start)),
        Of("Elman", 32, Shape.Words, (seed, start) => new WordElman32(seed, start)),
        Of("Elman", 72, Shape.Words, (seed, start) => new WordElman72(seed, start)),
        Of("minGRU", 32, Shape.Words, (seed, start) => new WordMinGru32(seed, start)),
        Of("minGRU", 180, Shape.Words, (seed, start) => new WordMinGru180(seed, start)),
    ];

    /// <summary>The cell's name.</summary>
    public string Cell => cell;

    /// <summary>Units H.</summary>
    public int Units => units;

    /// <summary>The problems it fits.</summary>
    public Shape Shape => shape;

    /// <summary>Name in the results.</summary>
    public string Name => $"{cell} {units}";

    /// <summary>Whether it has as many units as the LSTM of its shape, rather than as many parameters.</summary>
    public bool IsOfEqualUnits => units == (shape == Shape.Text ? 96 : 32);

    /// <summary>The model.</summary>
    public ModelDefinition Definition => definition;

    /// <summary>A new model. All cells begin alike: hidden weights orthogonal, biases 0, but 1 for the LSTM's forget gate.</summary>
    public abstract ModelCore Create(int seed);

    /// <summary>Bytes of the tape of a training step.</summary>
    public abstract long TapeBytes(int steps, int batch);

    /// <summary>Trains, and judges the epoch that did best on the samples to choose by.</summary>
    /// <param name="problem">The problem.</param>
    /// <param name="rate">AdamW's learning rate.</param>
    /// <param name="seed">Seed of data, weights and order.</param>
    /// <param name="weights">Where the weights are saved; nowhere where null.</param>
    public abstract IReadOnlyList<MetricValue> Train(Problem problem, double rate, int seed, string? weights);

    /// <summary>The contenders of a shape; the LSTM is the measure, of the others there are two sizes each.</summary>
    public static IReadOnlyList<Contender> Of(Shape shape) => shape switch { Shape.Rows => Rows, Shape.Text => Texts, _ => Words };

    /// <summary>The sizes whose cost is measured.</summary>
    public static IReadOnlyList<Contender> OfCosts() =>
    [
        Of("LSTM", 32, Shape.Rows, (seed, start) => new RowLstm32(seed, start)),
        Of("LSTM", 64, Shape.Rows, (seed, start) => new RowLstm64(seed, start)),
        Of("LSTM", 128, Shape.Rows, (seed, start) => new RowLstm128(seed, start)),
        Of("LSTM", 256, Shape.Rows, (seed, start) => new RowLstm256(seed, start)),
        Of("GRU", 32, Shape.Rows, (seed, start) => new RowGru32(seed, start)),
        Of("GRU", 64, Shape.Rows, (seed, start) => new RowGru64(seed, start)),
        Of("GRU", 128, Shape.Rows, (seed, start) => new RowGru128(seed, start)),
        Of("GRU", 256, Shape.Rows, (seed, start) => new RowGru256(seed, start)),
        Of("Elman", 32, Shape.Rows, (seed, start) => new RowElman32(seed, start)),
        Of("Elman", 64, Shape.Rows, (seed, start) => new RowElman64(seed, start)),
        Of("Elman", 128, Shape.Rows, (seed, start) => new RowElman128(seed, start)),
        Of("Elman", 256, Shape.Rows, (seed, start) => new RowElman256(seed, start)),
        Of("minGRU", 32, Shape.Rows, (seed, start) => new RowMinGru32(seed, start)),
        Of("minGRU", 64, Shape.Rows, (seed, start) => new RowMinGru64(seed, start)),
        Of("minGRU", 128, Shape.Rows, (seed, start) => new RowMinGru128(seed, start)),
        Of("minGRU", 256, Shape.Rows, (seed, start) => new RowMinGru256(seed, start)),
    ];

    private static Contender<TModel> Of<TModel>(string cell, int units, Shape shape, Func<int, Initialization, TModel> create)
        where TModel : class, IRnnModel<TModel> => new(cell, units, shape, create);
}

/// <summary>A contender by its model class.</summary>
internal sealed class Contender<TModel>(string cell, int units, Shape shape, Func<int, Initialization, TModel> create)
    : Contender(cell, units, shape, TModel.Definition)
    where TModel : class, IRnnModel<TModel>
{
    public override ModelCore Create(int seed) => create(seed, Initialization.GlorotOrthogonal).Core;

    public override long TapeBytes(int steps, int batch) => Tape.Bytes(TModel.Definition, TModel.CreateKernels(), steps, batch);

    public override IReadOnlyList<MetricValue> Train(Problem problem, double rate, int seed, string? weights)
    {
        var data = problem.Create(seed);
        var model = create(seed, Initialization.GlorotOrthogonal);
        var metric = problem.CreateMetric();
        int? learnedAt = null;
        var trainer = new Trainer<TModel>(model, problem.Loss, new AdamW(rate, weightDecay: 0))
        {
            BatchSize = problem.BatchSize,
            ClipNorm = 1,
            Seed = seed,
            Metrics = metric is null ? [] : [metric],
            EarlyStopping = new EarlyStopping { Patience = problem.Patience },
            Callbacks =
            [
                TrainingCallback.AtEpoch(training =>
                {
                    if (training.Progress.ValidationLoss <= problem.Learned)
                    {
                        learnedAt = training.Progress.Epoch;
                        training.Stop();
                    }
                }),
            ],
        };
        var result = trainer.Fit(data.Training, data.Validation, problem.Epochs);
        if (weights is not null)
        {
            SafeTensors.Save(weights, model.Core.Parameters);
        }

        var loss = trainer.Evaluate(data.Test);
        var judged = new Judged(loss, metric?.Value ?? double.NaN, () => trainer.Predict(data.Test));
        var (score, more) = problem.Judge(judged);
        return
        [
            new("score", score),
            new("validation loss", result.BestLoss ?? double.NaN),
            new("learned after", learnedAt ?? double.NaN),
            new("epochs", result.ValidationLosses.Count),
            new("best epoch", result.BestEpoch ?? 0),
            .. more,
        ];
    }
}
