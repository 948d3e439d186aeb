namespace RnnCodegen;

/// <summary>Computes a golden pair's input with one model, in every way the model offers, and finds what differs most.</summary>
internal sealed class GoldenComparison
{
    private readonly GoldenPair _pair;
    private readonly ModelCore _core;
    private readonly ModelDefinition _definition;

    /// <exception cref="InvalidDataException">The pair is of another model; the message names the tensor.</exception>
    public GoldenComparison(GoldenPair pair, ModelCore core)
    {
        (_pair, _core, _definition) = (pair, core, core.Definition);
        CheckInput();
        CheckOutput();
        CheckStates(GoldenPair.InitialPrefix, pair.Initial);
        CheckStates(GoldenPair.FinalPrefix, pair.Final);
    }

    private int Features => _definition.OutputSize;

    public SelfTestReport Compare(double tolerance)
    {
        List<SelfTestResult> results = [Run()];
        if (_definition.CanStream)
        {
            results.Add(Step());
        }

        return new SelfTestReport(_definition.Name, tolerance, results);
    }

    private SelfTestResult Run()
    {
        var worst = new Worst("Run");
        var y = new float[_pair.Output.Floats.Length];
        var (state, final) = (InitialState(0, _pair.Batch), _core.CreateState(_pair.Batch));
        if (_pair.Tokens is { } tokens)
        {
            _core.Run(tokens, y, _pair.Steps, _pair.Batch, _pair.Lengths, state, final);
        }
        else
        {
            _core.Run(_pair.Input!.Floats, y, _pair.Steps, _pair.Batch, _pair.Lengths, state, final);
        }

        for (var row = 0; row < y.Length / Features; row++)
        {
            CompareRow(worst, y.AsSpan(row * Features, Features), row);
        }

        CompareFinal(worst, final, 0);
        return worst.Result;
    }

    private SelfTestResult Step()
    {
        var worst = new Worst("Step");
        var rows = _definition.StepRows;
        var (x, y) = (new float[rows * _definition.InputSize], new float[Features]);
        for (var sample = 0; sample < _pair.Batch; sample++)
        {
            var state = InitialState(sample, 1);
            var length = _pair.Lengths.Length == 0 ? _pair.Steps : _pair.Lengths[sample];
            for (var t = 0; t + rows <= length; t += rows)
            {
                if (_pair.Tokens is { } tokens)
                {
                    _core.Step(tokens[(t * _pair.Batch) + sample], y, state);
                }
                else
                {
                    CopyRows(t, sample, x);
                    _core.Step(x, y, state);
                }

                if (_definition.OutputIsSequence)
                {
                    CompareRow(worst, y, (t / rows * _pair.Batch) + sample);
                }
            }

            // One row a sequence is that of the last valid step; a sequence without a step has none to compare.
            if (!_definition.OutputIsSequence && length > 0)
            {
                CompareRow(worst, y, sample);
            }

            // Rows that are too few for a step are in the pair's final state, but not in this one.
            if (length % rows == 0)
            {
                CompareFinal(worst, state, sample);
            }
        }

        return worst.Result;
    }

    /// <summary>The input rows of one sample's next step.</summary>
    private void CopyRows(int step, int sample, Span<float> target)
    {
        var size = _definition.InputSize;
        for (var k = 0; k < _definition.StepRows; k++)
        {
            _pair.Input!.Floats.Slice((((step + k) * _pair.Batch) + sample) * size, size).CopyTo(target[(k * size)..]);
        }
    }

    private void CompareRow(Worst worst, ReadOnlySpan<float> row, int index)
    {
        var (step, sample) = _definition.OutputIsSequence ? (index / _pair.Batch, index % _pair.Batch) : (-1, index);
        worst.Add(GoldenPair.OutputName, step, sample, _pair.Output.Floats.Slice(index * Features, Features), row);
    }

    /// <summary>Compares all samples of a state, of which the first is one of the pair's.</summary>
    private void CompareFinal(Worst worst, ModelState state, int first)
    {
        foreach (var (slot, golden) in _pair.Final)
        {
            var size = golden.Shape[1];
            for (var i = 0; i < state.Batch; i++)
            {
                worst.Add(golden.Name, -1, first + i, golden.Floats.Slice((first + i) * size, size), state.Vector(slot, i));
            }
        }
    }

    private ModelState InitialState(int first, int count)
    {
        var state = _core.CreateState(count);
        foreach (var (slot, values) in _pair.Initial)
        {
            var size = values.Shape[1];
            for (var i = 0; i < count; i++)
            {
                values.Floats.Slice((first + i) * size, size).CopyTo(state.Vector(slot, i));
            }
        }

        return state;
    }

    private void CheckInput()
    {
        if (_definition.TakesTokens != _pair.Tokens is not null)
        {
            throw Bad(_definition.TakesTokens
                ? $"'{GoldenPair.InputName}' holds rows, but {_definition.Name} takes token ids: '{GoldenPair.TokensName}'."
                : $"'{GoldenPair.TokensName}' holds token ids, but {_definition.Name} takes rows of {_definition.InputSize}: '{GoldenPair.InputName}'.");
        }

        if (_pair.Input is { } input && input.Shape[2] != _definition.InputSize)
        {
            throw Bad($"the rows of '{input.Name}' have {input.Shape[2]} values; {_definition.Name} takes {_definition.InputSize}.");
        }

        if (_pair.Tokens.AsSpan().IndexOfAnyExceptInRange(0, Math.Max(0, _definition.Vocabulary - 1)) is >= 0 and var wrong)
        {
            throw Bad($"value {wrong} of '{GoldenPair.TokensName}' is {_pair.Tokens![wrong]}; the ids of {_definition.Name} run from 0 to {_definition.Vocabulary - 1}.");
        }
    }

    private void CheckOutput()
    {
        int[] expected = _definition.OutputIsSequence ? [_definition.OutputSteps(_pair.Steps), _pair.Batch, Features] : [_pair.Batch, Features];
        if (!_pair.Output.Shape.SequenceEqual(expected))
        {
            throw Bad(
                $"'{GoldenPair.OutputName}' must have shape {SafeTensorsHeader.Describe(expected)} for {_definition.Name}, " +
                $"but has {SafeTensorsHeader.Describe(_pair.Output.Shape)}.");
        }
    }

    private void CheckStates(string prefix, IReadOnlyDictionary<string, SafeTensor> states)
    {
        foreach (var (name, tensor) in states)
        {
            var slot = _definition.State.FirstOrDefault(s => s.Name == name) ?? throw Bad(
                $"'{tensor.Name}': {_definition.Name} has no such state. " +
                NearestNames.Describe(tensor.Name, _definition.State.Select(s => prefix + s.Name)));
            if (tensor.Shape[1] != slot.Size)
            {
                throw Bad($"'{tensor.Name}' has {tensor.Shape[1]} values a sample; the state of {_definition.Name} has {slot.Size}.");
            }
        }
    }

    private InvalidDataException Bad(string what) => new($"'{_pair.Name}': {what}");

    /// <summary>Keeps the value with the largest difference.</summary>
    private sealed class Worst(string call)
    {
        private bool _isFirst = true;

        // Stays as it is only where Step has no step to take, as all lengths are 0.
        public SelfTestResult Result { get; private set; } = new(call, 0, GoldenPair.OutputName, -1, 0, 0, 0, 0);

        public void Add(string tensor, int step, int sample, ReadOnlySpan<float> expected, ReadOnlySpan<float> actual)
        {
            for (var i = 0; i < expected.Length; i++)
            {
                var difference = Math.Abs((double)actual[i] - expected[i]);
                difference = double.IsNaN(difference) ? double.PositiveInfinity : difference;
                if (_isFirst || difference > Result.LargestDifference)
                {
                    _isFirst = false;
                    Result = new(call, difference, tensor, step, sample, i, expected[i], actual[i]);
                }
            }
        }
    }
}
