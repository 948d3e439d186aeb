using RnnCodegen.Generators.Graph;
using RnnCodegen.Generators.Planning;
using RnnCodegen.Generators.Specs;

namespace RnnCodegen.Generators.Emission.CSharp;

/// <summary>Writes the file a user opens first: the model's card, its public members and what the runtime needs to know of it.</summary>
internal sealed class CardEmitter(SourceWriter writer, ModelGraph graph, IReadOnlyList<ModelPlan> plans)
{
    private readonly ModelSpec _spec = graph.Spec;
    private readonly ParameterTable _parameters = plans[0].Parameters;

    private string Self => EmissionText.Identifier(_spec.Name);

    public void Write()
    {
        WriteCard();
        writer.Line("[global::System.CodeDom.Compiler.GeneratedCode(\"RnnCodegen\", null)]");
        using (writer.Block($"partial class {Self} : IRnnModel<{Self}>"))
        {
            WriteConstants();
            WriteConstruction();
            WriteLayers();
            new ApiEmitter(writer, graph).Write();
            WriteRuntimeInterface();
        }
    }

    private static string Number(long value) => value.ToString("N0", System.Globalization.CultureInfo.InvariantCulture);

    private void WriteCard()
    {
        writer.Line("/// <remarks>");
        writer.Line($"/// <para>{Number(_parameters.Count)} parameters, {Number(graph.FlopsPerStep)} floating-point operations a step and sample in products.</para>");
        writer.Line("/// <list type=\"table\">");
        writer.Line("/// <listheader><term>Layer</term><description>Rows in, rows out, parameters</description></listheader>");
        var shapes = ModelShapes.Of(_spec);
        for (var i = 0; i < _spec.Layers.Count; i++)
        {
            var layer = _spec.Layers[i];
            var sources = string.Join(", ", layer.Sources.Select(s => s == ModelSpec.Input ? (graph.TakesTokens ? "token" : $"x {_spec.InputSize}") : $"{_spec.Layers[s].Name} {shapes[s].Width}"));
            var count = _parameters.Items.Where(p => p.Name.StartsWith(layer.Name + ".", StringComparison.Ordinal)).Sum(p => (long)p.Length);
            writer.Line($"/// <item><term>{layer.Name}</term><description>{EmissionText.Describe(layer)}: {sources} to {shapes[i].Width}{(shapes[i].IsSequence ? "" : ", one row a sequence")}; {Number(count)} parameters</description></item>");
        }

        writer.Line("/// </list>");
        var wide = plans[0];
        foreach (var r in wide.Recurrent.Where(r => r.Recurrent.Layer == 0 && !r.Recurrent.IsSecondDirection))
        {
            var product = r.Input.Forward;
            writer.Line($"/// <para>{r.Recurrent.Spec.Name}, 512 bits: {product.FullPanels} panels of {product.PanelColumns} columns{(product.LastColumns > 0 ? $" and one of {product.LastColumns}" : "")}, tiles of {TileShape.Rows(product.PanelColumns / wide.Target.Lanes, wide.Target)} rows; {wide.Memory.ChunkRows} rows of input products at a time.</para>");
        }

        if (_spec.ActivationAccuracy == ActivationAccuracyKind.Fast)
        {
            writer.Line("/// <para>Fast activations: sigmoid and tanh within 3e-7, absolute.</para>");
        }

        if (wide.PackedInference != wide.Packed)
        {
            var (bytes, full) = (4L * wide.PackedInference.Length, 4L * wide.Packed.Length);
            writer.Line($"/// <para>Inference reads {Number(bytes)} bytes of packed weights at 512 bits; in float32, which training reads, they are {Number(full)}.</para>");
        }

        writer.Line(graph.CanStream
            ? $"/// <para>Streams: Step takes {(graph.StepRows == 1 ? "one time step" : $"{graph.StepRows} time steps")}.</para>"
            : $"/// <para>Does not stream, as {WhyNot(graph.NotStreaming!)}.</para>");
        writer.Line("/// </remarks>");
    }

    /// <summary>Why a node cannot run step by step.</summary>
    private static string WhyNot(Node node) => node switch
    {
        RecurrentNode { Reverse: false } r => $"{r.Spec.Name} has several rows for each one of a slower layer after it",
        RecurrentNode { Spec.Bidirectional: true } r => $"{r.Spec.Name} is bidirectional: its reverse direction needs the end of the sequence first",
        RecurrentNode r => $"{r.Spec.Name} is reversed: it needs the end of the sequence first",
        WindowNode w => $"{w.Name.Substring(0, w.Name.Length - "Windows".Length)} sees later steps than its own: only windows that end with the steps they are for can stream",
        ReverseTimeNode r => $"{r.Name} starts from the end of the sequence",
        _ => $"{node.Name} has several rows for each one of a slower layer",
    };

    private void WriteConstants()
    {
        var output = graph.Output;
        if (graph.TakesTokens)
        {
            Constant("int", "Vocabulary", graph.Nodes.OfType<EmbeddingNode>().Single().Spec.Vocabulary, "Number of tokens; ids run from 0 to Vocabulary - 1.");
        }
        else
        {
            Constant("int", "InputSize", _spec.InputSize, "Features of an input row.");
        }

        Constant("int", "OutputSize", output.Width, "Features of an output row.");
        Constant("int", "ParameterCount", _parameters.Count, "Number of trained values.");
        Constant("long", "FlopsPerStep", graph.FlopsPerStep, "Floating-point operations of the matrix products for one step of one sample; a multiply-add counts two.");
        writer.Line("private readonly ModelCore _rnnCore;");

        void Constant(string type, string name, long value, string summary)
        {
            writer.Line($"/// <summary>{summary}</summary>");
            writer.Line($"public const {type} {name} = {value};");
            writer.Line();
        }
    }

    private void WriteConstruction()
    {
        writer.Line();
        writer.Line("/// <summary>A new model with initial weights.</summary>");
        writer.Line("/// <param name=\"seed\">Equal seeds give equal weights, on every machine.</param>");
        writer.Line("/// <param name=\"initialization\">How weights are drawn.</param>");
        using (writer.Block($"public {Self}(int seed = 0, Initialization initialization = Initialization.PyTorch)\n        : this(new ModelCore(s_rnnDefinition, CreateRnnKernels()))"))
        {
            writer.Line("ParameterInitializer.Initialize(_rnnCore.Parameters, initialization, seed);");
        }

        writer.Line();
        using (writer.Block($"private {Self}(ModelCore core)"))
        {
            writer.Line("_rnnCore = core;");
            foreach (var layer in _spec.Layers)
            {
                writer.Line($"_rnn{layer.Name} = {EmissionText.NewLayer(_spec, layer)};");
            }
        }
    }

    private void WriteLayers()
    {
        foreach (var layer in _spec.Layers)
        {
            var type = EmissionText.LayerType(layer);
            writer.Line();
            writer.Line($"private readonly {type} _rnn{layer.Name};");
            writer.Line();
            writer.Line($"/// <summary>{EmissionText.Describe(layer)}.</summary>");
            var modifiers = layer.Modifiers.Length > 0 ? layer.Modifiers + " " : "";
            writer.Line($"{modifiers}partial {type} {EmissionText.Identifier(layer.Name)} => _rnn{layer.Name};");
        }
    }

    /// <summary>What the runtime must know where the output's steps are not the input's.</summary>
    private void WriteTime()
    {
        if (graph.Axes.Count == 1)
        {
            return;
        }

        writer.Line($"StepRows = {graph.StepRows},");
        writer.Line($"LeastSteps = {graph.Axes.Max(a => a.LeastInput)},");
        if (graph.Output.Axis is { Windows.Count: > 0 } axis)
        {
            writer.Line($"OutputWindows = new TimeWindow[] {{ {string.Join(", ", axis.Windows.Select(w => $"new({w.Size}, {w.Stride}, {w.Dilation}, {w.PadLeft}, {w.PadRight})"))} }},");
        }
    }

    /// <summary>What the runtime must know to prepare the memory that layers attend to.</summary>
    private void WriteMemory()
    {
        if (_spec.MemorySize == 0)
        {
            return;
        }

        writer.Line($"MemorySize = {_spec.MemorySize},");
        var keys = graph.Nodes.OfType<AttentionNode>().Where(a => a.KeyWeight is not null).Select(a => $"new({_parameters[$"{a.Name}.{a.KeyWeight}"].Offset}, {a.KeyWidth})").ToList();
        if (keys.Count > 0)
        {
            writer.Line($"MemoryKeys = new MemoryKeys[] {{ {string.Join(", ", keys)} }},");
        }
    }

    private void WriteRuntimeInterface()
    {
        writer.Line();
        using (writer.Block("private static readonly ModelDefinition s_rnnDefinition = new()", "};"))
        {
            writer.Line($"Name = \"{_spec.HintName}\",");
            writer.Line($"InputSize = {_spec.InputSize},");
            writer.Line($"Vocabulary = {graph.Nodes.OfType<EmbeddingNode>().Select(e => e.Spec.Vocabulary).FirstOrDefault()},");
            writer.Line($"OutputSize = {graph.Output.Width},");
            writer.Line($"OutputIsSequence = {(graph.Output.IsSequence ? "true" : "false")},");
            writer.Line($"CanStream = {(graph.CanStream ? "true" : "false")},");
            writer.Line($"FlopsPerStep = {graph.FlopsPerStep},");
            WriteTime();
            WriteMemory();
            writer.Line($"Output = OutputTransform.{_spec.Output},");
            if (_spec.OutputActivation != Specs.ActivationKind.Linear)
            {
                writer.Line($"OutputActivation = global::RnnCodegen.Activation.{_spec.OutputActivation},");
            }

            using (writer.Block("Parameters = new ParameterInfo[]", "},"))
            {
                foreach (var p in _parameters.Items)
                {
                    var forget = p.ForgetOffset >= 0 ? $", {p.ForgetOffset}, {p.ForgetLength}" : "";
                    var kernel = p.Kernel > 0 ? $" {{ Kernel = {p.Kernel} }}" : "";
                    writer.Line($"new(\"{p.Name}\", ParameterRole.{p.Role}, {p.Offset}, {p.Rows}, {p.Columns}, {p.FanIn}{forget}){kernel},");
                }
            }

            using (writer.Block("State = new StateSlot[]", "},"))
            {
                foreach (var s in graph.States)
                {
                    var initial = s.InitialParameter is { } name ? $", {_parameters[name].Offset}" : "";
                    writer.Line($"new(\"{s.Name}\", {s.Size}{initial}),");
                }
            }
        }

        writer.Line();
        writer.Line($"static ModelDefinition IRnnModel<{Self}>.Definition => s_rnnDefinition;");
        writer.Line();
        writer.Line($"static ModelKernels IRnnModel<{Self}>.CreateKernels() => CreateRnnKernels();");
        writer.Line();
        writer.Line($"static ModelKernels IRnnModel<{Self}>.CreateKernels(SimdWidth width) => width switch");
        using (writer.Block("", "};"))
        {
            foreach (var target in SimdTarget.All)
            {
                writer.Line($"SimdWidth.{target.Name} => new {KernelsEmitter.ClassName(target)}(),");
            }

            writer.Line("_ => throw new global::System.ArgumentOutOfRangeException(nameof(width), width, \"Use a member of SimdWidth.\"),");
        }

        writer.Line();
        writer.Line($"static {Self} IRnnModel<{Self}>.Create(ModelCore core) => new(core);");
        writer.Line();
        writer.Line($"ModelCore IRnnModel<{Self}>.Core => _rnnCore;");
        writer.Line();
        writer.Line("// The JIT and the AOT compiler know these properties, so that only one body remains.");
        writer.Line("private static ModelKernels CreateRnnKernels() =>");
        foreach (var target in SimdTarget.All.Where(t => t.Lanes > 1))
        {
            writer.Line($"    {target.Name}.IsHardwareAccelerated ? new {KernelsEmitter.ClassName(target)}() :");
        }

        writer.Line($"    new {KernelsEmitter.ClassName(SimdTarget.Scalar)}();");
    }
}
