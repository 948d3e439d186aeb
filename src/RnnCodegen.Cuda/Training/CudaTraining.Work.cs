namespace RnnCodegen.Cuda;

/// <content>What is enqueued.</content>
internal sealed unsafe partial class CudaTraining
{
    /// <summary>Enqueues the loss of the outputs in the frame: its sum, and its gradient there.</summary>
    public void EnqueueLoss(CudaShape shape)
    {
        var model = _engine.Definition;
        var rows = model.OutputRows(shape.Steps, shape.Batch);
        var (where, parts) = (At(_layout.Loss), At(_layout.Parts));
        var blocks = BlocksOf(rows * (_plan.Loss.TargetKind == TargetKind.Values ? model.OutputSize : WarpThreads));
        if (_kernels.Alignments is { } alignments)
        {
            var besides = At(_layout.Alignments);
            var both = stackalloc void*[] { &where, &besides, &parts };
            Launch(alignments, blocks, both);
            blocks = Math.Min(shape.Batch, MostBlocks);
            Launch(_kernels.Loss, blocks, both);
        }
        else
        {
            var arguments = stackalloc void*[] { &where, &parts };
            Launch(_kernels.Loss, blocks, arguments);
        }

        EnqueueSum(blocks, LossNumber);
    }

    /// <summary>Enqueues the copy of what comes back.</summary>
    public void EnqueueNumbers() => ToHost(_layout.Numbers, _layout.Numbers + (sizeof(double) * NumberCount));

    /// <summary>Blocks for so many threads.</summary>
    public static int BlocksOf(long count) => (int)Math.Clamp((count + Threads - 1) / Threads, 1, MostBlocks);

    public static int Ceiling(int count, int size) => (count + size - 1) / size;

    private void WriteLoss(LossTargets targets, LossShape shape, double divisor)
    {
        var (loss, model) = (_plan.Loss, _engine.Definition);
        var (first, limit, atEnd) = loss.Window.Bounds;
        var rows = checked((int)model.OutputRows(_shape!.Steps, _shape.Batch));
        var end = _layout.Rows;
        CudaLossCall call = new()
        {
            Output = _frame!.Device + (ulong)_shape.Output,
            Gradient = _frame.Device + (ulong)_shape.OutputGradient,
            Lengths = Put(shape.Lengths),
            SampleWeights = Put(shape.SampleWeights),
            Targets = targets.Kind == TargetKind.Values ? Put(targets.Values) : Put(targets.Ids),
            StepWeights = Put(shape.StepWeights),
            Coefficients = At(_layout.Coefficients),
            Scale = divisor == 0 ? 0 : 1 / divisor,
            Rows = rows,
            Before = rows - shape.Rows,
            Steps = shape.Steps,
            Batch = shape.Batch,
            Features = shape.Features,
            First = first,
            Limit = limit,
            AtEnd = atEnd ? 1 : 0,
            CoefficientCount = _coefficients,
            OutputsPerTarget = loss is QuantileLoss quantiles ? quantiles.Quantiles.Count : 1,
            IgnoresUnknown = loss is ElementLoss { IgnoreNaN: true } ? 1 : 0,
        };
        if (loss is CrossEntropyLoss classes)
        {
            (call.Smooth, call.Spread) = classes.Spread(shape.Features);
            (call.HasIgnored, call.Ignored) = (classes.IgnoreIndex is null ? 0 : 1, classes.IgnoreIndex ?? 0);
            call.Smoothing = classes.LabelSmoothing;
        }

        if (loss is CtcLoss alignments)
        {
            *(CudaAlignmentCall*)(_host!.Pointer + _layout.Alignments) = new CudaAlignmentCall
            {
                Starts = PutStarts(targets.LabelLengths),
                Shifts = At(_layout.Shifts),
                Ways = At(_layout.Ways),
                Rests = At(_layout.Rests),
                Repeats = At(_layout.Repeats),
                Blank = alignments.BlankIndex,
                MostLabels = _plan.Labels,
                IsMean = loss.Reduction == Reduction.Mean ? 1 : 0,
                ZeroInfinity = alignments.ZeroInfinity ? 1 : 0,
            };
        }

        *(CudaLossCall*)(_host!.Pointer + _layout.Loss) = call;
        ToDevice(_layout.Loss, end);

        ulong Put<T>(ReadOnlySpan<T> values)
            where T : unmanaged
        {
            if (values.IsEmpty)
            {
                return 0;
            }

            var start = end;
            values.CopyTo(new Span<T>(_host!.Pointer + start, values.Length));
            end += sizeof(T) * (long)values.Length;
            return At(start);
        }

        ulong PutStarts(ReadOnlySpan<int> counts)
        {
            var (start, sum) = (end, 0);
            var starts = new Span<int>(_host!.Pointer + start, counts.Length + 1);
            for (var b = 0; b < counts.Length; b++)
            {
                (starts[b], sum) = (sum, sum + counts[b]);
            }

            starts[^1] = sum;
            end += sizeof(int) * (long)starts.Length;
            return At(start);
        }
    }

    private void ExecuteStep(bool hasSums)
    {
        var device = _engine.Device;
        ref var capture = ref _captures[hasSums ? 1 : 0];
        if (capture.Graph is null && capture.Runs++ == 0)
        {
            EnqueueStep(hasSums);
        }
        else
        {
            capture.Graph ??= CaptureStep(hasSums);
            device.Launch(capture.Graph);
        }

        device.Synchronize();
    }

    private CudaGraph CaptureStep(bool hasSums)
    {
        _engine.Device.BeginCapture();
        try
        {
            EnqueueStep(hasSums);
        }
        catch
        {
            _engine.Device.CancelCapture();
            throw;
        }

        return _engine.EndCapture();
    }

    private void EnqueueStep(bool hasSums)
    {
        foreach (var trainee in _trainees)
        {
            trainee.EnqueueGradients(hasSums);
        }

        EnqueueSquares(ofGradients: true);
        foreach (var trainee in _trainees)
        {
            trainee.EnqueueStep();
        }

        EnqueueSquares(ofGradients: false);
        EnqueueNumbers();
    }

    // The sum of squares over all models.
    private void EnqueueSquares(bool ofGradients)
    {
        var blocks = 0;
        foreach (var trainee in _trainees)
        {
            blocks += trainee.EnqueueSquares(
                ofGradients ? trainee.Gradients : trainee.Engine.ValuesAddress, At(_layout.Parts + (sizeof(double) * blocks)));
        }

        EnqueueSum(blocks, ofGradients ? GradientNumber : ParameterNumber);
    }

    private void EnqueueSum(int blocks, int number)
    {
        var (parts, sum) = (At(_layout.Parts), At(_layout.Numbers + (sizeof(double) * number)));
        var arguments = stackalloc void*[] { &parts, &sum, &blocks };
        Launch(_kernels.SumParts, 1, arguments);
    }

    private void Launch(CudaFunction kernel, int blocks, void** arguments) =>
        _engine.Device.Launch(kernel, blocks, 1, 1, Threads, 1, 0, arguments);
}
