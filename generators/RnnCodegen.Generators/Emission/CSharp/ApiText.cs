using RnnCodegen.Generators.Specs;

namespace RnnCodegen.Generators.Emission.CSharp;

/// <summary>How the members' documentation calls a model's shapes; nothing where there is no model behind them.</summary>
internal sealed class ApiText(ModelApi api)
{
    public const string Lengths = "Valid steps of each sample [B]; all steps where empty. Past its length a sample's output is 0 and its " +
        "state stays.";

    private bool StartsLearned => api.Graph?.States.Any(s => s.InitialParameter is not null) == true;

    private int Width => api.Graph?.Output.Width ?? 0;

    private int InputSize => api.Graph?.Spec.InputSize ?? 0;

    private int StepRows => api.Graph?.StepRows ?? 1;

    private string Transform =>
        api.Graph is null or { Spec.Output: OutputTransformKind.None }
            ? ""
            : $", after {api.Graph.Spec.Output.ToString().ToLowerInvariant()}";

    public string InputShape => api.TakesTokens
        ? "Token ids [T, B]; past a sample's length too they must be ids."
        : $"Input rows [T, B, {InputSize}].";

    public string InputGradient => $"Receives the gradient of the input [T, B, {InputSize}]; may be empty.";

    public string OutputShape => api.Graph?.Output.Axis is { } axis
        ? $"[{(axis.Windows.Count > 0 ? "T'" : "T")}, B, {Width}]"
        : $"[B, {Width}]";

    public string FinalOutput => $"Receives the output {OutputShape}{Transform}.";

    public string Start => StartsLearned
        ? "The recurrent state before the first step, with its learned vectors,"
        : "A zero recurrent state";

    public IEnumerable<(string, string)> States =>
    [
        ("initialState",
            "State before the first step" +
            (api.Graph?.Spec.MemorySize > 0 ? ", with the memory that is attended to"
                : StartsLearned ? "; the learned one where null" : "; zeros where null") + "."),
        ("finalState", "Receives the state after the last valid step; may be the initial one."),
    ];

    public string StepSummary =>
        StepRows == 1
            ? "One time step of one stream: no allocation, no lock."
            : $"{StepRows} time steps of one stream, which give one output: no allocation, no lock.";

    public string StepInput => api.TakesTokens
        ? "One token id."
        : StepRows == 1 ? $"One input row [{InputSize}]."
        : $"Input rows [{StepRows}, {InputSize}].";

    public string StepOutput =>
        $"Receives {(api.Graph?.Output.IsSequence == false ? "the output as if the sequence ended here," : "the step's output")} [{Width}" +
        $"]{Transform}.";
}
