using RnnCodegen.Generators.Graph;
using RnnCodegen.Generators.Layers;
using RnnCodegen.Generators.Planning;
using RnnCodegen.Generators.Specs;

namespace RnnCodegen.Generators.Emission.CSharp;

/// <summary>Writes the file a user opens first: the model's card, its public members and what the runtime needs to know of it.</summary>
internal sealed class CardEmitter(SourceWriter writer, ModelGraph graph, IReadOnlyList<ModelPlan> plans)
{
    private readonly ModelSpec _spec = graph.Spec;
    private readonly ParameterTable _parameters = plans[0].Parameters;
    private readonly ModelApi _api = ModelApi.Of(graph);
    private readonly ClassNames _names = new(graph.Spec);

    public void Write()
    {
        WriteCard();
        writer.Line("[global::System.CodeDom.Compiler.GeneratedCode(\"RnnCodegen\", null)]");
        using (writer.Block($"partial class {_api.Class} : {_api.Interfaces}"))
        {
            WriteConstants();
            WriteConstruction();
            WriteLayers();
            new ApiEmitter(writer, _api).Write([]);
            WriteRuntimeInterface();
        }
    }

    private static string Number(long value) => value.ToString("N0", System.Globalization.CultureInfo.InvariantCulture);

    private void WriteCard()
    {
        writer.Line("/// <remarks>");
        writer.Line(
            $"/// <para>{Number(_parameters.Count)} parameters, {Number(graph.FlopsPerStep)} floating-point operations a step and sample " +
            "in products.</para>");
        writer.Line("/// <list type=\"table\">");
        writer.Line("/// <listheader><term>Layer</term><description>Rows in, rows out, parameters</description></listheader>");
        var shapes = ModelShapes.Of(_spec);
        var counts = _parameters.Items.ToLookup(p => p.Name.Substring(0, p.Name.IndexOf('.')), p => (long)p.Length);
        for (var i = 0; i < _spec.Layers.Count; i++)
        {
            var layer = _spec.Layers[i];
            var sources = string.Join(", ",
                layer.Sources.Select(
                    s => s == ModelSpec.Input
                        ? (graph.TakesTokens ? "token" : $"x {_spec.InputSize}")
                        : $"{_spec.Layers[s].Name} {shapes[s].Width}"));
            var count = counts[layer.Name].Sum();
            writer.Line(
                $"/// <item><term>{layer.Name}</term><description>{layer.Description}: {sources} to {shapes[i].Width}" +
                $"{(shapes[i].IsSequence ? "" : ", one row a sequence")}; {Number(count)} parameters</description></item>");
        }

        writer.Line("/// </list>");
        var wide = plans[0];
        foreach (var node in wide.Recurrent.Where(n => n.Layer == 0 && !n.IsSecondDirection))
        {
            var product = wide.Training[wide.Program.Weights.First(w => w.Node == node)].Forward;
            writer.Line(
                $"/// <para>{node.Spec.Name}, {32 * wide.Target.Lanes} bits: {product.FullPanels} panels " +
                $"of {product.PanelColumns} columns{(product.LastColumns > 0 ? $" and one of {product.LastColumns}" : "")}, tiles " +
                $"of {TileShape.Rows(product.PanelColumns / wide.Target.Lanes, wide.Target)} rows; {wide.Memory.ChunkRows} rows of input " +
                "products at a time.</para>");
        }

        if (_spec.ActivationAccuracy == ActivationAccuracyKind.Fast)
        {
            writer.Line("/// <para>Fast activations: sigmoid and tanh within 3e-7, absolute.</para>");
        }

        if (wide.Inference != wide.Training)
        {
            var (bytes, full) = (4L * wide.Inference.Forward.Length, 4L * wide.Training.Forward.Length);
            writer.Line(
                $"/// <para>Inference reads {Number(bytes)} bytes of packed weights at 512 bits; in float32, which training reads, they " +
                $"are {Number(full)}.</para>");
        }

        writer.Line(graph.CanStream
            ? $"/// <para>Streams: Step takes {(graph.StepRows == 1 ? "one time step" : $"{graph.StepRows} time steps")}.</para>"
            : $"/// <para>Does not stream, as {graph.NotStreaming!.WhyNotStreaming}.</para>");
        if (_spec.HasCuda)
        {
            var products = _spec.CudaPrecision == CudaPrecisionKind.Float32 ? "" : $", large products of {_spec.CudaPrecision}";
            writer.Line(
                $"/// <para>Computes on NVIDIA GPUs too, with float32 weights{products} and accurate activations: TryCreateCuda.</para>");
        }

        writer.Line("/// </remarks>");
    }

    private void WriteConstants()
    {
        var output = graph.Output;
        if (graph.TakesTokens)
        {
            Constant("int", "Vocabulary", graph.Vocabulary,
                "Number of tokens; ids run from 0 to Vocabulary - 1.");
        }
        else
        {
            Constant("int", "InputSize", _spec.InputSize, "Features of an input row.");
        }

        Constant("int", "OutputSize", output.Width, "Features of an output row.");
        Constant("int", "ParameterCount", _parameters.Count, "Number of trained values.");
        Constant("long", "FlopsPerStep", graph.FlopsPerStep,
            "Floating-point operations of the matrix products for one step of one sample; a multiply-add counts two.");
        writer.Line($"private readonly global::RnnCodegen.Runtime.ModelCore {_api.Core};");

        void Constant(string type, string name, long value, string summary)
        {
            writer.Line($"/// <summary>{summary}</summary>");
            writer.Line($"{_api.Public(name)} const {type} {name} = {value};");
            writer.Line();
        }
    }

    private void WriteConstruction()
    {
        writer.Line();
        writer.Line("/// <summary>A new model with initial weights.</summary>");
        writer.Line("/// <param name=\"seed\">Equal seeds give equal weights, on every machine.</param>");
        writer.Line("/// <param name=\"initialization\">How weights are drawn.</param>");
        writer.Line(
            $"public {_api.Class}(int seed = 0, global::RnnCodegen.Initialization initialization = " +
            "global::RnnCodegen.Initialization.PyTorch)");
        using (writer.Block($"    : this(new global::RnnCodegen.Runtime.ModelCore({_api.Code}.Definition, {_api.Code}.CreateKernels()))"))
        {
            writer.Line($"global::RnnCodegen.ParameterInitializer.Initialize({_api.Core}.Parameters, initialization, seed);");
        }

        writer.Line();
        using (writer.Block($"private {_api.Class}(global::RnnCodegen.Runtime.ModelCore core)"))
        {
            writer.Line($"{_api.Core} = core;");
            foreach (var layer in _spec.Layers)
            {
                writer.Line($"{_names.Layer(layer)} = {EmissionText.NewLayer(_spec, layer)};");
            }
        }
    }

    private void WriteLayers()
    {
        foreach (var layer in _spec.Layers)
        {
            var type = $"global::RnnCodegen.{layer.Kind.View}";
            writer.Line();
            writer.Line($"private readonly {type} {_names.Layer(layer)};");
            writer.Line();
            writer.Line($"/// <summary>{layer.Description}.</summary>");
            var modifiers = layer.Modifiers.Length > 0 ? layer.Modifiers + " " : "";
            writer.Line($"{modifiers}partial {type} {EmissionText.Identifier(layer.Name)} => {_names.Layer(layer)};");
        }
    }

    private void WriteRuntimeInterface()
    {
        const string Kernels = "global::RnnCodegen.Runtime.ModelKernels";
        var (self, model) = (_api.Self, $"global::RnnCodegen.IRnnModel<{_api.Self}>");
        writer.Line();
        writer.Line($"static global::RnnCodegen.ModelDefinition {model}.Definition => {_api.Code}.Definition;");
        writer.Line();
        writer.Line($"static {Kernels} {model}.CreateKernels() => {_api.Code}.CreateKernels();");
        writer.Line();
        writer.Line(
            $"static {Kernels} {model}.CreateKernels(global::RnnCodegen.Runtime.SimdWidth width) => {_api.Code}.CreateKernels(width);");
        writer.Line();
        writer.Line($"static {self} {model}.Create(global::RnnCodegen.Runtime.ModelCore core) => new(core);");
        writer.Line();
        writer.Line($"global::RnnCodegen.Runtime.ModelCore {model}.Core => {_api.Core};");
    }
}
