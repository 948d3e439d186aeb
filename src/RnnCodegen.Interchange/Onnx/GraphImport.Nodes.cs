using RnnCodegen.Interchange.Onnx.Format;
using RnnCodegen.Interchange.Onnx.Formulas;

namespace RnnCodegen.Interchange.Onnx;

/// <content>How nodes, bodies and functions are followed.</content>
internal sealed partial class GraphImport
{
    /// <summary>Follows the nodes of a body, which see what is outside it.</summary>
    /// <param name="body">The body of If, Loop or Scan.</param>
    /// <param name="inputs">What its inputs are.</param>
    /// <param name="step">The step that it is; null for what is around it.</param>
    /// <returns>Its outputs.</returns>
    public GraphValue[] FollowBody(GraphProto body, IReadOnlyList<GraphValue> inputs, StepContext? step = null)
    {
        if (body.HasSparseInitializers || body.Inputs.Count != inputs.Count)
        {
            throw new RefusalException(body.HasSparseInitializers
                ? "a body has sparse initializers, which are not read; store them dense"
                : $"a body has {body.Inputs.Count} inputs where its node gives {inputs.Count}");
        }

        return Follow(new ValueScope(_scope, Opset) { Step = step ?? _scope.Step }, () =>
        {
            foreach (var tensor in body.Initializers)
            {
                Define(tensor.Name, new ConstantValue(Read(tensor)));
            }

            for (var k = 0; k < inputs.Count; k++)
            {
                Define(body.Inputs[k].Name, inputs[k]);
            }

            return (body.Nodes, body.Outputs.Select(o => o.Name));
        });
    }

    /// <summary>Follows the nodes of a function of the file, which see its inputs and arguments alone.</summary>
    public GraphValue[] FollowFunction(FunctionProto function, NodeProto call, GraphValue?[] inputs)
    {
        var arguments = function.Defaults.Concat(call.Attributes).GroupBy(a => a.Name).ToDictionary(g => g.Key, g => g.Last());
        return Follow(new ValueScope(null, function.Opsets.GetValueOrDefault("", Opset)) { Step = _scope.Step }, () =>
        {
            for (var k = 0; k < Math.Min(inputs.Length, function.Inputs.Count); k++)
            {
                if (inputs[k] is { } value)
                {
                    Define(function.Inputs[k], value);
                }
            }

            // An optional input that a call leaves out is left out wherever the function gives it on.
            var missing = function.Inputs.Where((_, k) => k >= inputs.Length || inputs[k] is null).ToHashSet(StringComparer.Ordinal);
            return (function.Nodes.Select(n => n.InCall(arguments, missing)), function.Outputs);
        });
    }

    private GraphValue[] Follow(ValueScope scope, Func<(IEnumerable<NodeProto> Nodes, IEnumerable<string> Outputs)> open)
    {
        var outer = _scope;
        if (scope.Depth(outer) > MostNested)
        {
            throw new RefusalException($"bodies and functions are nested deeper than {MostNested}");
        }

        _scope = scope;
        try
        {
            var (nodes, outputs) = open();
            foreach (var node in nodes)
            {
                // However often bodies and functions are called, all their nodes together are bounded as constants are.
                Spend(NodeCost);
                Follow(node);
            }

            return [.. outputs.Select(name => _scope.Find(name) ?? throw Error($"the output '{name}' of a body is made by no node"))];
        }
        finally
        {
            _scope = outer;
        }
    }

    private void Follow(NodeProto node)
    {
        var inputs = new GraphValue?[node.Inputs.Count];
        for (var k = 0; k < inputs.Length; k++)
        {
            if (node.Inputs[k].Length == 0)
            {
                continue;
            }

            inputs[k] = _scope.Find(node.Inputs[k]);
            if (inputs[k] is null)
            {
                throw Error(
                    $"node {NodeReader.Describe(node)} reads '{node.Inputs[k]}', which no input, initializer or earlier node makes: " +
                    "the graph is incomplete, out of order or goes in a circle");
            }
        }

        var results = Results(node, inputs);
        for (var k = 0; k < node.Outputs.Count; k++)
        {
            if (node.Outputs[k].Length == 0)
            {
                continue;
            }

            if (!_scope.TryAdd(node.Outputs[k],
                k < results.Length ? results[k] : Refused($"node {NodeReader.Describe(node)}: its output {k} is not read", inputs)))
            {
                throw Error($"node {NodeReader.Describe(node)} makes '{node.Outputs[k]}', which is there already");
            }
        }
    }

    private GraphValue[] Results(NodeProto node, GraphValue?[] inputs)
    {
        try
        {
            if (node.Domain is not ("" or "ai.onnx"))
            {
                return _functions.TryGetValue((node.Domain, node.Op), out var function)
                    ? FollowFunction(function, node, inputs)
                    : throw new RefusalException(
                        $"node {NodeReader.Describe(node)} is of the operators of '{node.Domain}', not of ONNX's own" +
                        (node.Domain.StartsWith("com.microsoft", StringComparison.Ordinal)
                            ? ": ONNX Runtime's optimisations make such; give the file that it was made of"
                            : ""));
            }

            return ResultsOf(node, inputs);
        }
        catch (RefusalException e)
        {
            var refused = Refused(e.Message, inputs, e.IsWhole, e.Axes);
            return [.. node.Outputs.Select(_ => refused)];
        }
    }

    private GraphValue[] ResultsOf(NodeProto node, GraphValue?[] inputs)
    {
        if (Step is not null && (inputs.Any(i => i is FormulaValue or RowsValue) || StepOps.CountsSamples(node, inputs)))
        {
            return Read(StepOps.Follow);
        }

        var takesFormulas = FormulaOps.Takes(node.Op);
        Operators.Table.TryGetValue(node.Op, out var follow);
        if (takesFormulas && (inputs.Any(i => i is FormulaValue) || (follow is null && inputs.Any(i => i is RowsValue or StatesValue))
            || TimeOps.IsOverFeatures(node, inputs)))
        {
            return Read(FormulaOps.Follow);
        }

        // What works on rows as they are works on those that layers make of a formula.
        inputs = [.. inputs.Select(i => i is FormulaValue formula ? RowsOf(formula) : i)];
        if (follow is null)
        {
            throw new RefusalException($"node {NodeReader.Describe(node)}: this operator has no counterpart among the layers");
        }

        try
        {
            return Read(follow);
        }
        catch (RefusalException) when (node.Op is "Clip" or "Div" or "Sqrt" && inputs.Any(i => i is RowsValue)
            && inputs.All(i => i is RowsValue or ConstantValue or null))
        {
            try
            {
                return Read(FormulaOps.Follow);
            }
            catch (RefusalException)
            {
                // What no formula takes either is refused for the first reason.
            }

            throw;
        }

        GraphValue[] Read(Func<NodeReader, GraphValue[]> operation)
        {
            var reader = new NodeReader(this, node, inputs);
            var results = operation(reader);
            reader.CheckAllRead();
            foreach (var formula in results.OfType<FormulaValue>())
            {
                Formulas.Scopes.TryAdd(formula.Formula, reader.Scope);
            }

            return results;
        }
    }

    private static RefusedValue Refused(string reason, GraphValue?[] inputs, bool isWhole = false, Axis[]? axes = null)
    {
        var first = inputs.OfType<RefusedValue>().FirstOrDefault();
        var origin = inputs.Aggregate(Origin.None, (all, input) => all | (input?.Origin ?? Origin.None));

        // What is made of more inputs than this is no state.
        const int Most = 8;
        var names = inputs.SelectMany(i => i?.Inputs ?? []).Distinct(StringComparer.Ordinal).Take(Most).ToList();
        return new RefusedValue(isWhole ? reason : first?.Reason ?? reason, origin, names, axes);
    }
}
