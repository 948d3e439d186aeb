using RnnCodegen.Interchange.Onnx.Format;

namespace RnnCodegen.Interchange.Onnx;

/// <content>What the inputs of a graph are.</content>
internal sealed partial class GraphImport
{
    private void DefineInput(ValueInfoProto input)
    {
        if (_options.Constants.ContainsKey(input.Name))
        {
            Define(input.Name, GivenValue(input));
            return;
        }

        SetSizes(input);
        var isTokens = input.Type.IsInteger();
        var reason = input.Shape is null ? $"input '{input.Name}' has no shape; export the model with the shapes of its inputs"
            : input.Shape.Count > Constant.MaxRank ? $"input '{input.Name}' has {input.Shape.Count} axes"
            : input.Shape.Any(d => d.Value is < 1)
                ? $"input '{input.Name}' has an axis of size {input.Shape.First(d => d.Value is < 1).Value}"
            : !isTokens && !input.Type.IsReal()
                ? $"input '{input.Name}' is {input.Type}; rows are reals, token ids integers"
            : null;
        var axes = reason is null ? input.Shape!.Select(d => new Axis(size: d.Value) { Symbol = d.Symbol }).ToArray() : [];
        _inputAxes[input.Name] = axes;
        ComputesIn(input.Type);
        Define(input.Name,
            reason is null
                ? new RowsValue(new InputRows(input.Name, input.Type), axes)
                : new RefusedValue(reason, Origin.Inputs, [input.Name]));
    }

    private ConstantValue GivenValue(ValueInfoProto input)
    {
        var given = _options.Constants[input.Name];
        return new ConstantValue(input.Type.IsReal()
            ? Constant.Of([.. given.Shape], given.Values)
            : Constant.Of([.. given.Shape], Array.ConvertAll(given.Values, v => (long)v)));
    }

    /// <summary>Gives the axes that the file leaves open the sizes that are said.</summary>
    private void SetSizes(ValueInfoProto input)
    {
        foreach (var dimension in (input.Shape ?? []).Where(d => d.Value is null && d.Symbol is not null))
        {
            dimension.Value = _options.Sizes.TryGetValue(dimension.Symbol!, out var size) ? size : null;
        }
    }
}
