using RnnCodegen.Generators.Graph;

namespace RnnCodegen.Generators.Emission.CSharp;

/// <summary>Writes the members users call. Checks and memory are the runtime's; these say the model's own shapes.</summary>
internal sealed class ApiEmitter(SourceWriter writer, ModelGraph graph)
{
    private string Input => graph.TakesTokens ? "ReadOnlySpan<int> tokens" : "ReadOnlySpan<float> x";

    private string InputName => graph.TakesTokens ? "tokens" : "x";

    private string InputShape => graph.TakesTokens ? "Token ids [T, B]; past a sample's length too they must be ids." : $"Input rows [T, B, {graph.Spec.InputSize}].";

    private bool StartsLearned => graph.States.Any(s => s.InitialParameter is not null);

    private string OutputShape => graph.Output.Axis is { } axis ? $"[{(axis.Windows.Count > 0 ? "T'" : "T")}, B, {graph.Output.Width}]" : $"[B, {graph.Output.Width}]";

    private string Transform => graph.Spec.Output == Specs.OutputTransformKind.None ? "" : $", after {graph.Spec.Output.ToString().ToLowerInvariant()}";

    public void Write()
    {
        Member("The trained values, in PyTorch's names, order and layout.", [], "ParameterSet Parameters => _rnnCore.Parameters;");
        Member("Zeros of the parameters' shapes, for Backward to add to.", [], "ParameterSet CreateGradients() => _rnnCore.CreateGradients();");
        Member(
            "Most threads that one call of Run, Forward or Backward works on, 1 to 64; 1 unless set. A call uses fewer where more do not pay.",
            [],
            "int MaxThreads { get => _rnnCore.MaxThreads; set => _rnnCore.MaxThreads = value; }");
        Member(
            $"{(StartsLearned ? "The recurrent state before the first step, with its learned vectors," : "A zero recurrent state")} of one or more samples; the caller owns it.",
            [("batch", "Samples B.")],
            "ModelState CreateState(int batch = 1) => _rnnCore.CreateState(batch);");
        if (graph.CanStream)
        {
            WriteStreaming();
        }

        Member(
            "Inference over a sequence or a batch. Equal calls give equal bits; in a batch of another size, or step by step, " +
            "a sample's outputs are the same within rounding.",
            [.. InputParameters("Run"), .. StateParameters()],
            $"void Run({Input}, Span<float> y, int steps, int batch = 1, ReadOnlySpan<int> lengths = default, ModelState? initialState = null, ModelState? finalState = null) =>",
            $"_rnnCore.Run({InputName}, y, steps, batch, lengths, initialState, finalState);");
        Member(
            "Memory for Forward to leave what Backward needs; use it again for further batches.",
            [("steps", "Time steps T."), ("batch", "Samples B.")],
            "Tape CreateTape(int steps, int batch) => _rnnCore.CreateTape(steps, batch);");
        Member(
            "Bytes of a tape, its temporary memory included.",
            [("steps", "Time steps T."), ("batch", "Samples B."), ("maxThreads", "MaxThreads of the model: each thread has memory of its own.")],
            "static long TapeBytes(int steps, int batch, int maxThreads = 1) => Tape.Bytes(s_rnnDefinition, CreateRnnKernels(), steps, batch, maxThreads);");
        Member(
            "Run for training: no output transform, dropout active, and a tape for Backward.",
            [(InputName, InputShape), ("y", $"Receives the output {OutputShape}."), ("tape", "Says T and B, and receives what Backward needs."), ("lengths", Lengths), .. StateParameters()],
            $"void Forward({Input}, Span<float> y, Tape tape, ReadOnlySpan<int> lengths = default, ModelState? initialState = null, ModelState? finalState = null) =>",
            $"_rnnCore.Forward({InputName}, y, tape, lengths, initialState, finalState);");
        var dx = graph.TakesTokens ? "" : "Span<float> dx, ";
        Member(
            "Gradients of a loss, from the gradient of the output and the tape of the last Forward.",
            [
                ("dy", $"Gradient of the output {OutputShape}."),
                .. graph.TakesTokens ? [] : new[] { ("dx", $"Receives the gradient of the input [T, B, {graph.Spec.InputSize}]; may be empty.") },
                ("tape", "The tape Forward filled; it stays as it is."),
                ("gradients", "Receives the gradients of the parameters."),
                ("accumulate", "Whether to add to what gradients holds, or to overwrite it."),
                ("finalStateGradient", "Gradient of the final state, e.g. from a decoder that started from it."),
                ("initialStateGradient", "Receives the gradient of the initial state."),
            ],
            $"void Backward(ReadOnlySpan<float> dy, {dx}Tape tape, ParameterSet gradients, bool accumulate = false, ModelState? finalStateGradient = null, ModelState? initialStateGradient = null) =>",
            $"_rnnCore.Backward(dy, {(graph.TakesTokens ? "default" : "dx")}, tape, gradients, accumulate, finalStateGradient, initialStateGradient);");
        WriteFiles();
    }

    private const string Lengths = "Valid steps of each sample [B]; all steps where empty. Past its length a sample's output is 0 and its state stays.";

    private IEnumerable<(string, string)> InputParameters(string verb) =>
    [
        (InputName, InputShape), ("y", $"Receives the output {OutputShape}{Transform}."), ("steps", "Time steps T."), ("batch", "Samples B."), ("lengths", Lengths),
    ];

    private IEnumerable<(string, string)> StateParameters() =>
    [
        ("initialState", $"State before the first step{(graph.Spec.MemorySize > 0 ? ", with the memory that is attended to" : StartsLearned ? "; the learned one where null" : "; zeros where null")}."), ("finalState", "Receives the state after the last valid step; may be the initial one."),
    ];

    private void WriteStreaming()
    {
        var (input, shape) = graph.TakesTokens ? ("int token", "One token id.") : ("ReadOnlySpan<float> x", graph.StepRows == 1 ? $"One input row [{graph.Spec.InputSize}]." : $"Input rows [{graph.StepRows}, {graph.Spec.InputSize}].");
        var name = graph.TakesTokens ? "token" : "x";
        var meaning = graph.Output.IsSequence ? "the step's output" : "the output as if the sequence ended here,";
        Member(
            graph.StepRows == 1 ? "One time step of one stream: no allocation, no lock." : $"{graph.StepRows} time steps of one stream, which give one output: no allocation, no lock.",
            [(name, shape), ("y", $"Receives {meaning} [{graph.Output.Width}]{Transform}."), ("state", "The stream's state, updated.")],
            $"void Step({input}, Span<float> y, ModelState state) => _rnnCore.Step({name}, y, state);");
        Member("A stream with a state of its own; many streams share one model.", [], "ModelStream CreateStream() => new(_rnnCore);");
    }

    private void WriteFiles()
    {
        var self = EmissionText.Identifier(graph.Spec.Name);
        writer.Line();
        writer.Line("/// <summary>A model with the weights of a safetensors file in PyTorch's names and layout.</summary>");
        writer.Line("/// <param name=\"path\">The file.</param>");
        writer.Line("/// <exception cref=\"global::System.IO.InvalidDataException\">The file is damaged or is of another model; the message names the tensor.</exception>");
        using (writer.Block($"public static {self} Load(string path)"))
        {
            writer.Line($"{self} model = new(new ModelCore(s_rnnDefinition, CreateRnnKernels()));");
            writer.Line("SafeTensors.Load(path, model.Parameters);");
            writer.Line("return model;");
        }

        Member(
            "Writes the weights as safetensors in PyTorch's names and layout; an existing file is replaced whole or not at all.",
            [("path", "The file.")],
            "void Save(string path) => SafeTensors.Save(path, Parameters);");
    }

    private void Member(string summary, IEnumerable<(string Name, string Text)> parameters, string declaration, string? body = null)
    {
        writer.Line();
        writer.Line($"/// <summary>{summary}</summary>");
        foreach (var (name, text) in parameters)
        {
            writer.Line($"/// <param name=\"{name}\">{text}</param>");
        }

        writer.Line($"public {declaration}");
        if (body is not null)
        {
            writer.Line($"    {body}");
        }
    }
}
