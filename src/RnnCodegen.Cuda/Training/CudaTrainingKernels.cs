namespace RnnCodegen.Cuda;

/// <summary>The device code of trainings, which is the same for all models, and the kernels that a training needs of it.</summary>
internal sealed class CudaTrainingKernels
{
    private static readonly Lazy<string> s_text = new(() =>
    {
        using var reader = new StreamReader(typeof(CudaTrainingKernels).Assembly.GetManifestResourceStream("training.cu")!);
        return reader.ReadToEnd().ReplaceLineEndings("\n");
    });

    private readonly CudaModule _module;

    /// <param name="module">The loaded code.</param>
    /// <param name="plan">A loss and optimizers that <see cref="FindFault"/> knows.</param>
    public CudaTrainingKernels(CudaModule module, in DeviceTrainingPlan plan)
    {
        _module = module;
        Loss = module[LossOf(plan.Loss)!];
        Alignments = plan.Loss is CtcLoss ? module["alignment_rows"] : null;
        (Squares, SumParts, TakeSums) = (module["squares"], module["sum_parts"], module["take_sums"]);
        (AddGradients, StartRows, AddRows) = (module["add_gradients"], module["start_rows"], module["add_rows"]);
    }

    /// <summary>The program, for the loader.</summary>
    public static CudaProgram Program => new()
    {
        Text = s_text.Value, Images = typeof(CudaTrainingKernels).Assembly, Buffers = [], Axes = [], KeyWidths = [], AttentionAxes = [],
        Keys = [], Step = [], Run = [], Forward = [], Backward = [],
    };

    public CudaFunction Loss { get; }

    /// <summary>What a loss of alignments begins with; null of other losses.</summary>
    public CudaFunction? Alignments { get; }

    public CudaFunction Squares { get; }

    public CudaFunction SumParts { get; }

    public CudaFunction TakeSums { get; }

    public CudaFunction AddGradients { get; }

    public CudaFunction StartRows { get; }

    public CudaFunction AddRows { get; }

    /// <summary>What the device does not know of a plan; null where it knows all.</summary>
    public static string? FindFault(in DeviceTrainingPlan plan) =>
        LossOf(plan.Loss) is null ? $"the device does not know {plan.Loss.GetType().Name}"
        : plan.Trainees.FirstOrDefault(t => NameOf(t.Optimizer) is null) is { } unknown
            ? $"the device does not know {unknown.Optimizer.GetType().Name}"
        : null;

    /// <summary>The kernel of an optimizer's step.</summary>
    public CudaFunction StepOf(Optimizer optimizer) => _module[NameOf(optimizer)!];

    /// <summary>The numbers of features that a loss depends on.</summary>
    public static float[] CoefficientsOf(Loss loss) => loss switch
    {
        HuberLoss huber => [huber.Delta],
        QuantileLoss quantiles => [.. quantiles.Quantiles],
        BinaryCrossEntropyLoss binary => [.. binary.PositiveWeights],
        CrossEntropyLoss classes => [.. classes.ClassWeights ?? []],
        _ => [0],
    };

    private static string? LossOf(Loss loss) => loss switch
    {
        MeanSquaredErrorLoss => "loss_squared",
        MeanAbsoluteErrorLoss => "loss_absolute",
        HuberLoss => "loss_huber",
        QuantileLoss => "loss_quantile",
        BinaryCrossEntropyLoss => "loss_binary",
        CrossEntropyLoss => "loss_classes",
        CtcLoss => "loss_alignments",
        _ => null,
    };

    private static string? NameOf(Optimizer optimizer) => optimizer switch
    {
        AdaptiveMoments => "step_moments",
        Sgd => "step_sgd",
        RmsProp => "step_rmsprop",
        Adagrad => "step_adagrad",
        Lion => "step_lion",
        _ => null,
    };
}
