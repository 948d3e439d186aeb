using RnnCodegen.Runtime;

namespace RnnCodegen;

/// <summary>Computes a golden pair's input with one model, in every way the model offers, and finds what differs most.</summary>
internal sealed class GoldenComparison
{
    private readonly GoldenPair _pair;
    private readonly ModelCore _core;
    private readonly ModelDefinition _definition;
    private GoldenTolerance _tolerance;

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

    public SelfTestReport Compare(GoldenTolerance tolerance)
    {
        _tolerance = tolerance;
        List<SelfTestResult> results = [Run()];
        if (_definition.CanStream)
        {
            results.Add(Step());
        }

        return new SelfTestReport(_definition.Name, tolerance, results);
    }

    private SelfTestResult Run()
    {
        var worst = new Worst("Run", _tolerance);
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
        var worst = new Worst("Step", _tolerance);
        var y = new float[Features];
        var x = new float[_definition.StepRows * _definition.InputSize];
        for (var sample = 0; sample < _pair.Batch; sample++)
        {
            var state = InitialState(sample, 1);
            var length = _pair.Lengths.Length == 0 ? _pair.Steps : _pair.Lengths[sample];
            for (var t = 0; t < length / _definition.StepRows; t++)
            {
                Step(t, sample, x, y, state);
                if (_definition.OutputIsSequence)
                {
                    CompareRow(worst, y, (t * _pair.Batch) + sample);
                }
            }

            // Rows that fill no step are seen by Run only, and so are what it ends with.
            if (length % _definition.StepRows == 0)
            {
                // One row a sequence is that of the last valid step; a sequence without a step has none to compare.
                if (!_definition.OutputIsSequence && length > 0)
                {
                    CompareRow(worst, y, sample);
                }

                CompareFinal(worst, state, sample);
            }
        }

        return worst.Result;
    }

    private void Step(int step, int sample, float[] x, float[] y, ModelState state)
    {
        if (_pair.Tokens is { } tokens)
        {
            _core.Step(tokens[(step * _pair.Batch) + sample], y, state);
            return;
        }

        var width = _definition.InputSize;
        for (var row = 0; row < _definition.StepRows; row++)
        {
            var from = ((((step * _definition.StepRows) + row) * _pair.Batch) + sample) * width;
            _pair.Input!.Floats.Slice(from, width).CopyTo(x.AsSpan(row * width));
        }

        _core.Step(x, y, state);
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
        if (_pair.Memory is { } memory)
        {
            var (steps, width) = (memory.Shape[0], memory.Shape[2]);
            var rows = new float[steps * count * width];
            for (var s = 0; s < steps; s++)
            {
                memory.Floats.Slice(((s * _pair.Batch) + first) * width, count * width).CopyTo(rows.AsSpan(s * count * width));
            }

            state.SetMemory(rows, steps, _pair.MemoryLengths.Length == 0 ? [] : _pair.MemoryLengths.AsSpan(first, count));
        }

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
                : $"'{GoldenPair.TokensName}' holds token ids, but {_definition.Name} takes rows of {_definition.InputSize}: " +
                    $"'{GoldenPair.InputName}'.");
        }

        if (_pair.Input is { } input && input.Shape[2] != _definition.InputSize)
        {
            throw Bad($"the rows of '{input.Name}' have {input.Shape[2]} values; {_definition.Name} takes {_definition.InputSize}.");
        }

        if (_pair.Steps < _definition.LeastSteps)
        {
            throw Bad($"it has {_pair.Steps} steps; {_definition.Name} needs {_definition.LeastSteps} at least.");
        }

        if ((_pair.Memory?.Shape[2] ?? 0) != _definition.MemorySize)
        {
            throw Bad(_definition.MemorySize == 0
                ? $"'{GoldenPair.MemoryName}': {_definition.Name} attends to nothing."
                : $"'{GoldenPair.MemoryName}' must have shape [S, {_pair.Batch}, {_definition.MemorySize}] for {_definition.Name}, " +
                    (_pair.Memory is { } memory ? $"but has {SafeTensorsHeader.Describe(memory.Shape)}." : "but is missing."));
        }

        if (_pair.Input is not null && ModelChecks.FindBadId(_definition, _pair.Input.Floats, _pair.Batch, _pair.Lengths) is { } id)
        {
            throw Bad(id.Text);
        }

        if (_pair.Tokens.AsSpan().IndexOfAnyExceptInRange(0, Math.Max(0, _definition.Vocabulary - 1)) is >= 0 and var wrong)
        {
            throw Bad(
                $"value {wrong} of '{GoldenPair.TokensName}' is {_pair.Tokens![wrong]}; the ids of {_definition.Name} run from 0 " +
                $"to {_definition.Vocabulary - 1}.");
        }
    }

    private void CheckOutput()
    {
        int[] expected = _definition.OutputIsSequence
            ? [_definition.OutputSteps(_pair.Steps), _pair.Batch, Features]
            : [_pair.Batch, Features];
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
                throw Bad($"'{tensor.Name}' has {tensor.Shape[1]} values per sample; the state of {_definition.Name} has {slot.Size}.");
            }
        }
    }

    private InvalidDataException Bad(string what) => new($"'{_pair.Name}': {what}");

    /// <summary>Keeps the largest difference, and the value that is worst against what is allowed.</summary>
    private sealed class Worst(string call, GoldenTolerance tolerance)
    {
        private bool _isFirst = true;

        // Stays as it is only where Step has no step to take, as all lengths are 0.
        public SelfTestResult Result { get; private set; } = new(call, 0, GoldenPair.OutputName, -1, 0, 0, 0, 0)
        {
            Allowed = tolerance.Absolute,
        };

        public void Add(string tensor, int step, int sample, ReadOnlySpan<float> expected, ReadOnlySpan<float> actual)
        {
            for (var i = 0; i < expected.Length; i++)
            {
                var (difference, allowed) = (GoldenTolerance.Difference(expected[i], actual[i]), tolerance.At(expected[i]));
                var largest = Math.Max(difference, Result.LargestDifference);
                if (_isFirst || difference - allowed > Result.Excess)
                {
                    _isFirst = false;
                    Result = new(call, largest, tensor, step, sample, i, expected[i], actual[i]) { Allowed = allowed };
                }
                else if (largest > Result.LargestDifference)
                {
                    Result = Result with { LargestDifference = largest };
                }
            }
        }
    }
}
