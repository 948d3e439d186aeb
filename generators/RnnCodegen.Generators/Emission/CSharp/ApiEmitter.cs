namespace RnnCodegen.Generators.Emission.CSharp;

/// <summary>
/// Writes the members users call. Checks and memory are the runtime's; these say the model's own shapes. Types have their full names, as
/// the class they stand in, and what is around it, may have others by the simple ones.
/// </summary>
internal sealed class ApiEmitter(SourceWriter writer, ModelApi api)
{
    private const string Floats = "global::System.ReadOnlySpan<float>";
    private const string Output = "global::System.Span<float>";
    private const string State = "global::RnnCodegen.ModelState";
    private const string Tape = "global::RnnCodegen.Tape";
    private const string Parameters = "global::RnnCodegen.ParameterSet";
    private const string OptionalStates = $"{State}? initialState = null, {State}? finalState = null";
    private const string OptionalLengths = "global::System.ReadOnlySpan<int> lengths = default";

    /// <summary>What a member does that has nothing behind it.</summary>
    public const string Throw = "throw new global::System.NotSupportedException(\"The model has an error, which the build reports.\")";

    private readonly ApiText _text = new(api);

    private string Input => api.TakesTokens ? "global::System.ReadOnlySpan<int> tokens" : $"{Floats} x";

    private string InputName => api.TakesTokens ? "tokens" : "x";

    /// <summary>Writes them.</summary>
    /// <param name="skipped">Members that the class's author has.</param>
    public void Write(IReadOnlyCollection<string> skipped)
    {
        Member(skipped, "Parameters", "The trained values, in PyTorch's names, order and layout.", [], $"{Parameters} Parameters",
            $"{api.Core}.Parameters");
        Member(skipped, "CreateGradients", "Zeros of the parameters' shapes, for Backward to add to.", [],
            $"{Parameters} CreateGradients()", $"{api.Core}.CreateGradients()");
        WriteMaxThreads(skipped);
        Member(
            skipped,
            "CreateState",
            $"{_text.Start} of one or more samples; the caller owns it.",
            [("batch", "Samples B.")],
            $"{State} CreateState(int batch = 1)",
            $"{api.Core}.CreateState(batch)");
        if (api.CanStream)
        {
            WriteStreaming(skipped);
        }

        Member(
            skipped,
            "Run",
            "Inference over a sequence or a batch. Equal calls give equal bits; in a batch of another size, or step by step, " +
            "a sample's outputs are the same within rounding.",
            [(InputName, _text.InputShape), ("y", _text.FinalOutput), ("steps", "Time steps T."), ("batch", "Samples B."),
                ("lengths", ApiText.Lengths), .. _text.States],
            $"void Run({Input}, {Output} y, int steps, int batch = 1, {OptionalLengths}, {OptionalStates})",
            $"{api.Core}.Run({InputName}, y, steps, batch, lengths, initialState, finalState)",
            ownLine: true);
        Member(
            skipped,
            "CreateTape",
            "Memory for Forward to leave what Backward needs; use it again for further batches.",
            [("steps", "Time steps T."), ("batch", "Samples B.")],
            $"{Tape} CreateTape(int steps, int batch)",
            $"{api.Core}.CreateTape(steps, batch)");
        Member(
            skipped,
            "TapeBytes",
            "Bytes of a tape, its temporary memory included.",
            [("steps", "Time steps T."), ("batch", "Samples B."),
                ("maxThreads", "MaxThreads of the model: each thread has memory of its own.")],
            "static long TapeBytes(int steps, int batch, int maxThreads = 1)",
            $"{Tape}.Bytes({api.Code}.Definition, {api.Code}.CreateKernels(), steps, batch, maxThreads)",
            ownLine: true);
        Member(
            skipped,
            "Forward",
            "Run for training: no output transform, dropout active, and a tape for Backward.",
            [(InputName, _text.InputShape), ("y", $"Receives the output {_text.OutputShape}."),
                ("tape", "Says T and B, and receives what Backward needs."), ("lengths", ApiText.Lengths), .. _text.States],
            $"void Forward({Input}, {Output} y, {Tape} tape, {OptionalLengths}, {OptionalStates})",
            $"{api.Core}.Forward({InputName}, y, tape, lengths, initialState, finalState)",
            ownLine: true);
        WriteBackward(skipped);
        WriteFiles(skipped);
        if (api.HasCuda)
        {
            WriteCuda(skipped);
        }
    }

    private void WriteMaxThreads(IReadOnlyCollection<string> skipped)
    {
        if (skipped.Contains("MaxThreads"))
        {
            return;
        }

        Document(
            "Most threads that one call of Run, Forward or Backward works on, 1 to 64; 1 unless set. A call uses fewer where more " +
            $"do not pay.{(api.HasCuda ? " On a GPU nothing depends on it." : "")}", []);
        writer.Line(
            $"{api.Public("MaxThreads")} int MaxThreads {{ get => {Body($"{api.Core}.MaxThreads")}; set " +
            $"=> {Body($"{api.Core}.MaxThreads = value")}; }}");
    }

    private void WriteStreaming(IReadOnlyCollection<string> skipped)
    {
        var (input, name) = api.TakesTokens ? ("int token", "token") : ($"{Floats} x", "x");
        Member(
            skipped,
            "Step",
            _text.StepSummary,
            [(name, _text.StepInput), ("y", _text.StepOutput), ("state", "The stream's state, updated.")],
            $"void Step({input}, {Output} y, {State} state)",
            $"{api.Core}.Step({name}, y, state)");
        Member(
            skipped, "CreateStream", "A stream with a state of its own; many streams share one model.", [],
            "global::RnnCodegen.ModelStream CreateStream()", $"new({api.Core})");
    }

    private void WriteBackward(IReadOnlyCollection<string> skipped)
    {
        var dx = api.TakesTokens ? "" : $"{Output} dx, ";
        Member(
            skipped,
            "Backward",
            "Gradients of a loss, from the gradient of the output and the tape of the last Forward.",
            [
                ("dy", $"Gradient of the output {_text.OutputShape}."),
                .. api.TakesTokens ? [] : new[] { ("dx", _text.InputGradient) },
                ("tape", "The tape Forward filled; it stays as it is."),
                ("gradients", "Receives the gradients of the parameters."),
                ("accumulate", "Whether to add to what gradients holds, or to overwrite it."),
                ("finalStateGradient", "Gradient of the final state, e.g. from a decoder that started from it."),
                ("initialStateGradient", "Receives the gradient of the initial state."),
            ],
            $"void Backward({Floats} dy, {dx}{Tape} tape, {Parameters} gradients, bool accumulate = false, {State}? finalStateGradient = " +
            $"null, {State}? initialStateGradient = null)",
            $"{api.Core}.Backward(dy, {(api.TakesTokens ? "default" : "dx")}, tape, gradients, accumulate, finalStateGradient, " +
            "initialStateGradient)",
            ownLine: true);
    }

    private void WriteCuda(IReadOnlyCollection<string> skipped)
    {
        const string Models = "global::RnnCodegen.Cuda.CudaModels";

        // Where they are missing the build says so, and nothing else is to be said of code that uses these members.
        var (options, streams) = api.RefersToCuda
            ? ("global::RnnCodegen.Cuda.CudaOptions?", "global::RnnCodegen.Cuda.CudaStreams")
            : ("object?", "dynamic");
        (string, string)[] parameters =
        [
            ("reason", "What was found: the GPU, or why there is none that runs the model."),
            ("options", "Which GPU, and how the code comes to it; the first one where null."),
        ];
        Member(
            skipped,
            "TryCreateCuda",
            "A new model on an NVIDIA GPU, with initial weights; null where there is none. It has memory there until it is disposed.",
            parameters,
            $"static {api.Self}? TryCreateCuda(out string reason, {options} options = null)",
            $"new {api.Self}().TryToCuda(out reason, options)",
            ownLine: true);
        Member(
            skipped,
            "TryToCuda",
            "This model on an NVIDIA GPU: both have the same parameters, so that what trains one changes the other. Null where there is " +
            "no GPU that runs it.",
            parameters,
            $"{api.Self}? TryToCuda(out string reason, {options} options = null)",
            $"{Models}.TryCreate({api.Core}, {api.Code}.Cuda, out reason, options) is {{ }} onDevice ? new {api.Self}(onDevice) : null",
            ownLine: true);
        Member(skipped, "IsCuda", "Whether the model computes on a GPU.", [], "bool IsCuda", $"{Models}.IsCuda({api.Core})");
        Member(skipped, "Device", "What the model computes on: a GPU's name, or CPU.", [], "string Device",
            $"{Models}.DeviceOf({api.Core})");
        if (api.CanStream)
        {
            Member(
                skipped,
                "CreateStreams",
                "Streams that a GPU steps together, each with a state of its own there. Of a model on the CPU each stream is one of " +
                "CreateStream.",
                [("count", "Number of streams.")],
                $"{streams} CreateStreams(int count)",
                $"{Models}.CreateStreams({api.Core}, count)");
        }

        Member(
            skipped, "Dispose", "Gives the model's memory on a GPU back; of a model on the CPU it does nothing. Parameters stay.", [],
            "void Dispose()", $"{Models}.Dispose({api.Core})");
    }

    private void WriteFiles(IReadOnlyCollection<string> skipped)
    {
        if (!skipped.Contains("Load"))
        {
            Document("A model with the weights of a safetensors file in PyTorch's names and layout.", [("path", "The file.")]);
            if (api.Graph is null)
            {
                writer.Line($"public static {api.Self} Load(string path) => {Throw};");
            }
            else
            {
                WriteLoad();
            }
        }

        Member(
            skipped,
            "Save",
            "Writes the weights as safetensors in PyTorch's names and layout; an existing file is replaced whole or not at all.",
            [("path", "The file.")],
            "void Save(string path)",
            $"global::RnnCodegen.SafeTensors.Save(path, {api.Core}.Parameters)");
    }

    private void WriteLoad()
    {
        writer.Line(
            "/// <exception cref=\"global::System.IO.InvalidDataException\">The file is damaged or is of another model; the message " +
            "names the tensor.</exception>");
        using (writer.Block($"{api.Public("Load")} static {api.Self} Load(string path)"))
        {
            writer.Line(
                $"{api.Self} model = new(new global::RnnCodegen.Runtime.ModelCore({api.Code}.Definition, {api.Code}.CreateKernels()));");
            writer.Line($"global::RnnCodegen.SafeTensors.Load(path, model.{api.Core}.Parameters);");
            writer.Line("return model;");
        }
    }

    private void Member(
        IReadOnlyCollection<string> skipped, string name, string summary, IEnumerable<(string Name, string Text)> parameters,
        string declaration, string body, bool ownLine = false)
    {
        if (skipped.Contains(name))
        {
            return;
        }

        Document(summary, parameters);
        if (ownLine)
        {
            writer.Line($"{api.Public(name)} {declaration} =>");
            writer.Line($"    {Body(body)};");
        }
        else
        {
            writer.Line($"{api.Public(name)} {declaration} => {Body(body)};");
        }
    }

    private string Body(string body) => api.Graph is null ? Throw : body;

    private void Document(string summary, IEnumerable<(string Name, string Text)> parameters)
    {
        writer.Line();
        if (api.Graph is null)
        {
            return;
        }

        writer.Line($"/// <summary>{summary}</summary>");
        foreach (var (name, text) in parameters)
        {
            writer.Line($"/// <param name=\"{name}\">{text}</param>");
        }
    }
}
