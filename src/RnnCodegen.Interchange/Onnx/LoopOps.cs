using RnnCodegen.Interchange.Onnx.Format;
using RnnCodegen.Interchange.Onnx.Formulas;

namespace RnnCodegen.Interchange.Onnx;

/// <summary>
/// Loop and Scan over the steps of a sequence, whose body is one step of known cells. The body is followed step by step, with counters as
/// the numbers that they are, until it is known which row each step reads.
/// </summary>
internal static class LoopOps
{
    // Counters of the first steps say how they count; where a condition depends on them, all steps are followed.
    private const int FewSteps = 3;
    private const int MostSteps = 512;

    public static GraphValue[] Loop(NodeReader n)
    {
        var body = n.Body("body") ?? throw n.Refuse("it lacks its body");
        var (most, condition) = (n.Peek(0), n.Optional(1));
        if (condition is not (null or ConstantValue { Tensor: { Length: 1, IntegerValues: [not 0] } } or BeforeEndValue { Number: 0 }))
        {
            throw n.Refuse($"its condition, '{n.InputName(1)}', is not known to be true");
        }

        var carried = Enumerable.Range(2, Math.Max(0, n.InputCount - 2)).Select(k => Carried.Of(n, k, body, k)).ToArray();
        var count = most is ConstantValue { Tensor.IntegerValues: [var number] } ? number : (long?)null;
        var (goesOn, steps) = (new ConstantValue(Constant.Of([], [1L])), new List<Step>());
        do
        {
            var before = steps.LastOrDefault();
            steps.Add(new Step(n, body, [new ConstantValue(Constant.Of([], [(long)steps.Count])), goesOn,
                .. carried.Select((c, k) => c.Start is ConstantValue && before is not null ? before.Next(k) : c.Start)], before?.Context, 1,
                carried.Length));
            steps[^1].Compare(n, steps[0], steps.Count - 1);
        }
        while (steps.Count < StepsToFollow(n, steps, count, goesOn));

        var isReverse = IsReverse(n, most, count, steps);
        var results = Results(n, carried, steps[0], isReverse, scans: []);

        // The rows are listed as they are made, so that a loop from the last step to the first turns them around.
        return !isReverse ? results
            : [.. results.Select(r => r is RowsValue rows ? RowLayers.Add(n, rows, new ReverseTimeAttribute()) : r)];
    }

    public static GraphValue[] Scan(NodeReader n)
    {
        var body = n.Body("body") ?? throw n.Refuse("it lacks its body");
        var count = (int)Math.Clamp(n.Integer("num_scan_inputs", 0), 0, n.InputCount);
        var states = n.InputCount - count;
        if (n.Opset < 9 || count == 0)
        {
            throw n.Refuse("it scans nothing, or is of an operator set before 9, whose Scan is another one");
        }

        bool[] Flags(string name, int length) => n.Integers(name) is { } list && list.Count == length
            ? [.. list.Select(v => v != 0)]
            : new bool[length];
        var axes = n.Integers("scan_input_axes") ?? [.. Enumerable.Repeat(0L, count)];
        var directions = Flags("scan_input_directions", count).Concat(Flags("scan_output_directions", n.OutputCount - states)).Distinct()
            .ToList();
        if (directions.Count > 1 || axes.Count != count)
        {
            throw n.Refuse("its directions differ, or its axes are not as many as its inputs; a layer goes one way");
        }

        var carried = Enumerable.Range(0, states).Select(k => Carried.Of(n, k, body, k)).ToArray();
        var context = new StepContext();
        var rows = Enumerable.Range(0, count).Select(k =>
        {
            var value = n.Rows(states + k);
            return (GraphValue)context.Take(n, value, n.Axis(axes[k], value.Axes.Length), 0, keepsAxis: false);
        });
        var step = new Step(n, body, [.. carried.Select(c => c.Start), .. rows], context, 0, states);
        return Results(n, carried, step, directions.Contains(true), n.Integers("scan_output_axes") ?? []);
    }

    /// <summary>How many steps are to be followed: the first ones, and all where a condition depends on counters.</summary>
    private static long StepsToFollow(NodeReader n, List<Step> steps, long? count, ConstantValue goesOn)
    {
        switch (steps[^1].Outputs[0])
        {
            case BeforeEndValue end:
                return end.Number == steps.Count ? Math.Min(FewSteps, count ?? FewSteps)
                    : throw n.Refuse($"its condition compares {end.Number} with the number of steps where {steps.Count} steps are done");
            case ConstantValue { Tensor.IntegerValues: [0] }:
                return steps.Count == count ? steps.Count
                    : throw n.Refuse($"its condition ends it behind {steps.Count} steps; a layer goes through all steps of its input");
            case var value when value == goesOn || value is ConstantValue { Tensor.IntegerValues: [_] }:
                // A condition that is handed on, or stands in the body, stays what it is.
                var isFixed = value == goesOn || (steps.Count > 1 && value == steps[0].Outputs[0]);
                return count is not { } all ? FewSteps
                    : isFixed ? Math.Min(FewSteps, all)
                    : all <= MostSteps ? all
                    : throw n.Refuse($"its condition depends on counters of {all} steps; at most {MostSteps} are followed");
            default:
                throw n.Refuse(
                    "its condition depends on what the steps compute; a layer goes through all steps of its input" +
                    (steps[^1].Outputs[0] is RefusedValue refused ? $" ({refused.Reason})" : ""));
        }
    }

    /// <summary>Which way the steps go, where they are all of the sequence's.</summary>
    private static bool IsReverse(NodeReader n, GraphValue? most, long? count, List<Step> steps)
    {
        bool? isReverse = null;
        foreach (var (row, start) in steps[0].Context.Indices)
        {
            var all = AxisSize.Of(row.Time);
            var isWhole = steps[0].Outputs[0] is BeforeEndValue end ? end.Size.Equals(all)
                : most is SizesValue { Items: [var size] } ? size.Equals(all)
                : count is { } fixedCount && row.Time.TryHave(fixedCount);
            var (first, last) = (start == 0, start == -1 || start == row.Time.Size - 1);
            if (!isWhole || !(first || last))
            {
                throw n.Refuse(isWhole
                    ? $"its first step reads row {start} of a sequence; a layer starts at one end"
                    : "it is not known to go through all steps of the sequence that it reads");
            }

            var way = first ? 1 : -1;
            if (isReverse == first || Enumerable.Range(0, steps.Count)
                .Any(t => !steps[t].Context.Indices.TryGetValue(row, out var index) || index != start + (way * t)))
            {
                throw n.Refuse("it does not read the rows of its sequences one after the other, all the same way");
            }

            isReverse = !first;
        }

        return isReverse ?? throw n.Refuse("its body reads no row of a sequence");
    }

    private static GraphValue[] Results(NodeReader n, Carried[] carried, Step step, bool isReverse, IReadOnlyList<long> scans)
    {
        var cells = new StepCells(n.Graph, n.Scope, n.Subject);
        foreach (var row in step.Context.Rows)
        {
            cells.Set(n.Graph.Formulas.Graph.Leaf(row, RowLayers.Width(n, row.Rows)), row.Rows.Source);
        }

        var roots = step.Outputs.OfType<FormulaValue>().Select(f => f.Formula).ToList();
        var read = Formula.Needed(roots);
        var states = new List<(int Index, StepState State)>();
        for (var k = 0; k < carried.Length; k++)
        {
            if (carried[k].Start is FormulaValue { Formula: LeafFormula before } && step.Next(k) is FormulaValue after
                && after.Formula != before && read.Contains(before))
            {
                states.AddRange(cells.PartsOf(before, after.Formula, roots).Select(s => (k, s)));
            }
        }

        if (states.Count == 0)
        {
            throw n.Refuse("it carries no state from step to step that is a cell's");
        }

        cells.Find([.. states.Select(s => s.State)]);
        cells.Build(isReverse, state => carried[states.Find(s => s.State == state).Index].StartOf(n, state));
        var time = step.Context.Rows.First().Time;
        var results = new List<GraphValue>();
        for (var k = 0; k < carried.Length; k++)
        {
            var own = states.FindAll(s => s.Index == k);
            results.Add(own is [{ State: var state }] && cells.FinalOf(state) is { } part && step.Next(k) is FormulaValue value
                ? new StatesValue([part], Batched(value), -1)
                : new RefusedValue($"{n.Subject}: its output {k} is a counter, or no final state of a layer", Origin.States, []));
        }

        for (var k = carried.Length; k < n.OutputCount; k++)
        {
            var axis = scans.Count > k - carried.Length ? scans[k - carried.Length] : 0;
            results.Add(step.Scanned(k) is FormulaValue value
                ? new RowsValue(cells.Make(value.Formula), Inserted(Batched(value), n.Axis(axis, value.Shape.Length + 1), time))
                : throw n.Refuse($"its output {k} does not depend on the step's rows"));
        }

        return [.. results];
    }

    private static Axis[] Inserted(Axis[] axes, int place, Axis axis) => [.. axes[..place], axis, .. axes[place..]];

    /// <summary>The axes of a value of each sample: samples, and the features last.</summary>
    private static Axis[] Batched(FormulaValue value)
    {
        var within = Enumerable.Range(0, value.Shape.Length).Where(k => value.Free[k] is null && value.Shape[k] != 1).ToList();
        var feature = within.Count > 0 ? within[^1] : value.Shape.Length - 1;
        return [.. value.Shape.Select((size, k) => k == feature ? new Axis(AxisRole.Feature, size)
            : value.Free[k] is { } free && (free.Role != AxisRole.Unknown || free.TryBe(AxisRole.Batch)) ? free
            : new Axis(size: 1))];
    }

    /// <summary>What a loop carries from step to step: a state, or a number that counts.</summary>
    private sealed record Carried(GraphValue Start, GraphValue Initial)
    {
        public static Carried Of(NodeReader n, int index, GraphProto body, int place)
        {
            var value = n.Input(index);
            if (value is ConstantValue { Tensor.IntegerValues: not null })
            {
                return new Carried(value, value);
            }

            var name = place < body.Inputs.Count ? body.Inputs[place].Shape?.LastOrDefault()?.Value : null;
            var (axes, width) = value switch
            {
                ConstantValue { Tensor: { Shape.Length: > 0 } tensor } =>
                    (tensor.Shape.Select(s => new Axis(size: s)).ToArray(), tensor.Shape[^1]),
                RepeatedValue { Sizes: { Length: > 0 } sizes } when sizes[^1].Value is { } last =>
                    (sizes.Select(s => new Axis(size: s.Value)).ToArray(), (int)last),
                RepeatedValue when name is { } last => ([new Axis(), new Axis(size: last)], (int)last),
                RowsValue { Source: InputRows, Axes: { Length: > 0 } own } when own[^1].Size is { } last => (own, (int)last),
                InputPartValue { Axes: { Length: > 0 } own } when own[^1].Size is { } last => (own, (int)last),
                _ => throw n.Refuse(
                    $"what it starts from, '{n.InputName(index)}', is {NodeReader.Kind(value)} whose size is not known; a layer's " +
                    "initial state is an argument of the call, zeros or learned"),
            };
            var leaf = n.Graph.Formulas.Graph.Leaf((n, index), width);
            return new Carried(new FormulaValue(leaf, [.. axes.Select((_, k) => k == axes.Length - 1 ? width : 1)],
                [.. axes.Select((a, k) => k == axes.Length - 1 ? null : a)]), value);
        }

        /// <summary>What a state, or a part of it, starts from.</summary>
        public (InputPartValue? Part, float[]? Values) StartOf(NodeReader n, StepState state)
        {
            var places = state.Before is PickFormula pick ? pick.Places : [.. Enumerable.Range(0, state.Before.Width)];
            if (Initial is ConstantValue or RepeatedValue)
            {
                var tensor = Initial is ConstantValue constant ? constant.Tensor : ((RepeatedValue)Initial).Part;
                var reals = tensor.ToReals();
                var width = ((FormulaValue)Start).Formula.Width;
                var own = places.Select(p => reals[reals.Length == 1 ? 0 : p]).ToArray();
                return Array.TrueForAll(reals, v => v == 0) ? (null, null)
                    : reals.Length == 1 || reals.Chunk(width).All(row => row.SequenceEqual(reals[..width])) ? (null, own)
                    : throw n.Refuse("its initial state differs between samples; a layer learns one for all");
            }

            var part = Initial as InputPartValue ?? InputPartValue.Whole(n.Graph, (RowsValue)Initial, "");
            var axis = part?.Axes.Length - 1 ?? 0;
            part = places.Length == part?.Axes[axis].Size ? part : part?.Range(axis, places);
            return part is null ? throw n.Refuse("its initial state is a part of an input that is not followed")
                : (part.Axes.Length == 3 ? part : part.Moved([new Axis(size: 1), .. part.Axes],
                    [-1, .. Enumerable.Range(0, part.Axes.Length)]), null);
        }
    }

    /// <summary>One step of the body.</summary>
    private sealed class Step
    {
        private readonly int _first;

        public Step(NodeReader n, GraphProto body, GraphValue[] inputs, StepContext? before, int first, int states)
        {
            (_first, Context) = (first, new StepContext(before));
            Outputs = n.Graph.FollowBody(body, inputs, Context);
            if (Outputs.Skip(first).OfType<RefusedValue>().FirstOrDefault() is { } refused)
            {
                throw new RefusalException($"{n.Subject}: in its body, {refused.Reason}");
            }

            if (Outputs.Length < first + states)
            {
                throw n.Refuse($"its body has {Outputs.Length} outputs for {states} states");
            }
        }

        public StepContext Context { get; }

        public GraphValue[] Outputs { get; }

        public GraphValue Next(int state) => Outputs[_first + state];

        /// <summary>What it makes beside the states.</summary>
        public GraphValue Scanned(int output) => Outputs[_first + output];

        /// <summary>Refuses a step that computes something else than the first.</summary>
        public void Compare(NodeReader n, Step first, long number)
        {
            for (var k = 0; k < Outputs.Length; k++)
            {
                if (Outputs[k] is FormulaValue own && (first.Outputs[k] as FormulaValue)?.Formula != own.Formula)
                {
                    throw n.Refuse($"step {number} computes something else than step 0; a layer's steps are alike");
                }
            }
        }
    }
}

/// <summary>Whether a number of steps is less than a size that depends on the call.</summary>
/// <param name="number">The number.</param>
/// <param name="size">The size.</param>
internal sealed class BeforeEndValue(long number, AxisSize size) : GraphValue
{
    public long Number { get; } = number;

    public AxisSize Size { get; } = size;
}
