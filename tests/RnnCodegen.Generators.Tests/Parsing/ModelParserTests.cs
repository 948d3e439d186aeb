using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using RnnCodegen.Generators.Layers;
using RnnCodegen.Generators.Parsing;
using RnnCodegen.Generators.Planning;
using RnnCodegen.Generators.Specs;

namespace RnnCodegen.Generators.Tests.Parsing;

/// <summary>The spec says what the author wrote, whichever way it was written.</summary>
public class ModelParserTests
{
    [Fact]
    public void Each_layer_attribute_is_known_and_has_its_property_type()
    {
        var runtime = typeof(LayerAttribute).Assembly;
        var attributes = runtime.GetTypes().Where(t => t.IsSubclassOf(typeof(LayerAttribute)) && !t.IsAbstract).ToList();

        Assert.Equal(22, attributes.Count);
        Assert.All(attributes, a => Assert.NotNull(runtime.GetType($"RnnCodegen.{LayerKind.Find(a.Name)?.View}")));
    }

    [Fact]
    public void Defaults_are_those_of_the_attributes()
    {
        var model = Parse(
            "[RnnModel(InputSize = 7)] public partial class M { [Lstm(5)] public partial LstmLayer A { get; } [Gru(4)] public partial " +
            "GruLayer B { get; } [Elman(3)] public partial ElmanLayer C { get; } [LayerNorm] public partial LayerNormLayer D { get; } " +
            "[Dense(2)] public partial DenseLayer E { get; } }");

        Assert.Equal(
            new LayerSpec[]
            {
                new LstmSpec("A", "public", One(-1), 5, 1, false, 0, true, true, 0, false, false, ActivationKind.Sigmoid,
                    ActivationKind.Tanh),
                new GruSpec("B", "public", One(0), 4, 1, false, 0, true, true, true, ActivationKind.Sigmoid, ActivationKind.Tanh),
                new ElmanSpec("C", "public", One(1), 3, 1, false, 0, true, true, ActivationKind.Tanh),
                new LayerNormSpec("D", "public", One(2), 1e-5f),
                new DenseSpec("E", "public", One(3), 2, ActivationKind.Linear, true),
            },
            model.Layers);
        Assert.Equal(("", 0, "M", 7, OutputTransformKind.None),
            (model.Namespace, model.ContainingTypes.Count, model.Name, model.InputSize, model.Output));
        Assert.Equal(ActivationAccuracyKind.Accurate, model.ActivationAccuracy);

        // What the generator takes for the default is what reflection on the attribute says.
        var lstm = new LstmAttribute(5);
        var spec = (LstmSpec)model.Layers[0];
        Assert.Equal(
            (lstm.Layers, lstm.Bidirectional, lstm.Dropout, lstm.ReturnSequences, lstm.Bias, lstm.Projection, lstm.Peepholes,
                lstm.CoupledInputForget),
            (spec.Layers, spec.Bidirectional, spec.Dropout, spec.ReturnSequences, spec.Bias, spec.Projection, spec.Peepholes,
                spec.CoupledInputForget));
        Assert.Equal(((int)lstm.GateActivation, (int)lstm.Activation), ((int)spec.GateActivation.Kind, (int)spec.Activation.Kind));
        Assert.Equal(new GruAttribute(4).ResetAfter, ((GruSpec)model.Layers[1]).ResetAfter);
        Assert.Equal((int)new ElmanAttribute(3).Activation, (int)((ElmanSpec)model.Layers[2]).Activation.Kind);
        Assert.Equal(new LayerNormAttribute().Epsilon, ((LayerNormSpec)model.Layers[3]).Epsilon);
        Assert.Equal(((int)new DenseAttribute(2).Activation, new DenseAttribute(2).Bias),
            ((int)((DenseSpec)model.Layers[4]).Activation.Kind, ((DenseSpec)model.Layers[4]).Bias));
    }

    // A value of each argument that is not the default; a new argument needs one.
    private static readonly Dictionary<string, string> s_values = new()
    {
        ["Layers"] = "3", ["Bidirectional"] = "true", ["Dropout"] = "0.25f", ["ReturnSequences"] = "false", ["Bias"] = "false",
        ["Projection"] = "2",
        ["Peepholes"] = "true", ["CoupledInputForget"] = "true", ["GateActivation"] = "Activation.HardSigmoidKeras2",
        ["Activation"] = "Activation.Relu",
        ["ResetAfter"] = "false", ["Epsilon"] = "1e-3f", ["From"] = "nameof(First)", ["WeightFormat"] = "WeightFormat.Int8",
        ["Reverse"] = "true", ["Clip"] = "0.5f", ["CellClip"] = "3f", ["CellActivation"] = "Activation.Linear",
        ["LearnedInitialState"] = "true",
        ["Normalization"] = "GateNormalization.Joint", ["NormalizationEpsilon"] = "1e-3f",
        ["RecurrentDropout"] = "0.1f", ["Zoneout"] = "0.2f", ["CellZoneout"] = "0.3f",
        ["Alpha"] = "0.25f", ["GateAlpha"] = "0.25f",
    };

    // What an argument needs beside it, and what of the spec it changes: an activation and its alpha are one.
    private static readonly Dictionary<string, (string Context, string Name)> s_contexts = new()
    {
        ["NormalizationEpsilon"] = ("Normalization = GateNormalization.PerGate", "NormalizationEpsilon"),
        ["Alpha"] = ("Activation = Activation.Elu", "Activation"),
        ["GateAlpha"] = ("GateActivation = Activation.LeakyRelu", "GateActivation"),
    };

    [Theory]
    [InlineData(typeof(LstmAttribute), "5, Layers = 2")]
    [InlineData(typeof(GruAttribute), "5, Layers = 2")]
    [InlineData(typeof(ElmanAttribute), "5, Layers = 2")]
    [InlineData(typeof(MinGruAttribute), "5, Layers = 2")]
    [InlineData(typeof(MinLstmAttribute), "5, Layers = 2")]
    [InlineData(typeof(DenseAttribute), "5")]
    [InlineData(typeof(LayerNormAttribute), "")]
    [InlineData(typeof(DropoutAttribute), "0.5f")]
    [InlineData(typeof(AffineAttribute), "")]
    [InlineData(typeof(PReluAttribute), "")]
    [InlineData(typeof(ReverseTimeAttribute), "")]
    public void Each_argument_reaches_the_spec(Type attribute, string arguments)
    {
        foreach (var property in attribute.GetProperties().Where(p => p.SetMethod is not null))
        {
            var (context, name) = s_contexts.TryGetValue(property.Name, out var needed)
                ? ($"{arguments}, {needed.Context}", needed.Name)
                : (arguments, property.Name == "From" ? "Sources" : property.Name);
            var before = Layer(context);
            var value = $"{property.Name} = {s_values[property.Name]}";
            var after = Layer(
                property.Name == "Layers" ? arguments.Replace("Layers = 2", value) : context.Length > 0 ? $"{context}, {value}" : value);

            Assert.NotEqual(before, after);
            var changed = after.GetType().GetProperties()
                .Where(p => p.SetMethod is not null && !Equals(p.GetValue(before), p.GetValue(after))).Select(p => p.Name);
            Assert.Contains(name, changed);
            Assert.Empty(changed.Except([name, .. name == "Activation" ? ["CellActivation"] : Array.Empty<string>()]));
        }

        LayerSpec Layer(string written)
        {
            var name = attribute.Name.Replace("Attribute", "");
            return Parse(
                $"[RnnModel(InputSize = 7)] public partial class M {{ [Dense(5)] public partial DenseLayer First {{ get; }} [Dense(5)] " +
                $"public partial DenseLayer Second {{ get; }} [{name}({written})] public partial {name}Layer A {{ get; }} [Dense(5)] " +
                $"public partial DenseLayer B {{ get; }} }}")
                .Layers[2];
        }
    }

    [Theory]
    [InlineData("Output = OutputTransform.Sigmoid")]
    [InlineData("ActivationAccuracy = ActivationAccuracy.Fast")]
    public void Each_argument_of_the_model_reaches_the_spec(string argument)
    {
        var (before, after) = (Model(""), Model($", {argument}"));

        Assert.NotEqual(before, after);
        Assert.Equal(after, Model($", {argument}"));
        var name = argument.Split(' ')[0];
        Assert.Equal(argument.Split('.')[1], typeof(ModelSpec).GetProperty(name)!.GetValue(after)!.ToString());
        Assert.Equal([name],
            typeof(ModelSpec).GetProperties().Where(p => p.SetMethod is not null && !Equals(p.GetValue(before), p.GetValue(after)))
                .Select(p => p.Name));

        ModelSpec Model(string arguments) =>
            Parse($"[RnnModel(InputSize = 7{arguments})] public partial class M {{ [Lstm(5)] public partial LstmLayer A {{ get; }} }}");
    }

    [Fact]
    public void The_cells_activation_is_the_candidates_unless_set()
    {
        Assert.Equal([(ActivationSpec)ActivationKind.Tanh, ActivationKind.Tanh], Of("[Lstm(3)]"));
        Assert.Equal([(ActivationSpec)ActivationKind.Relu, ActivationKind.Relu], Of("[Lstm(3, Activation = Activation.Relu)]"));
        Assert.Equal([(ActivationSpec)ActivationKind.Relu, ActivationKind.Tanh],
            Of("[Lstm(3, CellActivation = Activation.Tanh, Activation = Activation.Relu)]"));
        Assert.Equal([(ActivationSpec)ActivationKind.Tanh, new(ActivationKind.Elu, 0.5f)],
            Of("[Lstm(3, CellActivation = Activation.Elu, Alpha = 0.5f)]"));
        Assert.Equal([new ActivationSpec(ActivationKind.Elu, 0.5f), new(ActivationKind.Elu, 0.5f)],
            Of("[Lstm(3, Activation = Activation.Elu, Alpha = 0.5f)]"));
        Assert.Equal([new ActivationSpec(ActivationKind.LeakyRelu, 0.01f), new(ActivationKind.LeakyRelu, 0.01f)],
            Of("[Lstm(3, Activation = Activation.LeakyRelu)]"));

        static ActivationSpec[] Of(string attribute)
        {
            var spec = (LstmSpec)Parse(
                $"[RnnModel(InputSize = 7)] public partial class M {{ {attribute} public partial LstmLayer A {{ get; }} }}").Layers[0];
            return [spec.Activation, spec.CellActivation];
        }
    }

    [Fact]
    public void An_activation_layer_has_its_function_and_alpha()
    {
        var model = Parse(
            "[RnnModel(InputSize = 3)] public partial class M { [Gru(3)] public partial GruLayer A { get; } " +
            "[Activation(Activation.LeakyRelu, Alpha = 0.5f)] public partial ActivationLayer B { get; } [Activation(Activation.Elu)] " +
            "public partial ActivationLayer C { get; } [Activation(Activation.Relu)] public partial ActivationLayer D { get; } }");

        Assert.Equal(
            [new(ActivationKind.LeakyRelu, 0.5f), new(ActivationKind.Elu, 1), new ActivationSpec(ActivationKind.Relu, 0)],
            model.Layers.Skip(1).Select(l => ((ActivationLayerSpec)l).Activation));
    }

    [Fact]
    public void The_input_is_read_by_its_name()
    {
        Assert.Equal(RnnModelAttribute.Input, ModelSpec.InputName);
        var model = Parse(
            "[RnnModel(InputSize = 3)] public partial class M { [Gru(3)] public partial GruLayer A { get; } [PRelu(From = " +
            "RnnModelAttribute.Input)] public partial PReluLayer B { get; } [Multiply(nameof(B), RnnModelAttribute.Input, nameof(A))] " +
            "public partial MultiplyLayer C { get; } }");

        Assert.Equal(new PReluSpec("B", "public", One(ModelSpec.Input)), model.Layers[1]);
        Assert.Equal(new MultiplySpec("C", "public", new[] { 1, ModelSpec.Input, 0 }.ToEquatableArray()), model.Layers[2]);
    }

    [Fact]
    public void A_layers_weight_format_is_its_own_or_else_the_models()
    {
        const string Layers = "[Gru(3)] public partial GruLayer A { get; } [Elman(3, WeightFormat = WeightFormat.Float32)] public " +
            "partial ElmanLayer B { get; } [Lstm(3, WeightFormat = WeightFormat.BFloat16)] public partial LstmLayer C { get; } " +
            "[Dense(3)] public partial DenseLayer D { get; }";

        Assert.Equal(
            [WeightFormatKind.Int8, WeightFormatKind.Float32, WeightFormatKind.BFloat16, WeightFormatKind.Int8],
            Formats($"[RnnModel(InputSize = 7, WeightFormat = WeightFormat.Int8)] public partial class M {{ {Layers} }}"));
        Assert.Equal(
            [WeightFormatKind.Float32, WeightFormatKind.Float32, WeightFormatKind.BFloat16, WeightFormatKind.Float32],
            Formats($"[RnnModel(InputSize = 7)] public partial class M {{ {Layers} }}"));

        static IEnumerable<WeightFormatKind> Formats(string source) =>
            Parse(source).Layers.Select(l => l is DenseSpec d ? d.WeightFormat : ((RecurrentSpec)l).WeightFormat);
    }

    [Fact]
    public void Arguments_may_be_named_constant_or_computed()
    {
        var model = Parse("""
            static class Sizes { public const int Units = 2 * 8; public const string Source = "Words"; }
            [RnnModelAttribute(Output = (OutputTransform)1)]
            public partial class M
            {
                const float Rate = 1f / 4;
                [global::RnnCodegen.EmbeddingAttribute(size: Sizes.Units, vocabulary: 0x100)] public partial EmbeddingLayer Words { get; }
                [Gru(units: Sizes.Units, From = Sizes.Source)] public partial GruLayer A { get; }
                [Dropout(Rate)] public partial DropoutLayer B { get; }
                [Concat([nameof(Words), "A", Sizes.Source])] public partial ConcatLayer C { get; }
            }
            """);

        Assert.Equal((0, OutputTransformKind.Softmax), (model.InputSize, model.Output));
        Assert.Equal(new EmbeddingSpec("Words", "public", One(-1), 256, 16, -1), model.Layers[0]);
        Assert.Equal(16, ((GruSpec)model.Layers[1]).Units);
        Assert.Equal(new DropoutSpec("B", "public", One(1), 0.25f), model.Layers[2]);
        Assert.Equal(new ConcatSpec("C", "public", new[] { 0, 1, 0 }.ToEquatableArray()), model.Layers[3]);
    }

    [Fact]
    public void Names_may_be_keywords_and_types_nested()
    {
        var model = Parse("""
            namespace @class.Inner
            {
                public partial record struct Outer
                {
                    internal partial interface @interface
                    {
                        [RnnModel(InputSize = 2)]
                        private partial class @event
                        {
                            [Gru(3)] protected internal virtual partial GruLayer @int { get; }
                            [Dense(3)] partial DenseLayer Plain { get; }
                        }
                    }
                }
            }
            """);

        Assert.Equal("@class.Inner", model.Namespace);
        Assert.Equal([new("record struct", "Outer"), new ContainingTypeSpec("interface", "interface")], model.ContainingTypes);
        Assert.Equal(("event", "class.Inner.Outer.interface.event"), (model.Name, model.HintName));
        Assert.Equal([("int", "protected internal virtual"), ("Plain", "")], model.Layers.Select(l => (l.Name, l.Modifiers)));
    }

    private static EquatableArray<int> One(int source) => new[] { source }.ToEquatableArray();

    private static ModelSpec Parse(string source)
    {
        var compilation = Generation.Compilation(source);
        var driver = CSharpGeneratorDriver.Create(
            [new RnnModelGenerator().AsSourceGenerator()],
            parseOptions: (CSharpParseOptions)compilation.SyntaxTrees[0].Options,
            driverOptions: new GeneratorDriverOptions(IncrementalGeneratorOutputKind.None, trackIncrementalGeneratorSteps: true));
        var result = driver.RunGenerators(compilation).GetRunResult().Results.Single();
        Assert.Null(result.Exception);
        Assert.Empty(result.Diagnostics.Where(d => d.Severity == DiagnosticSeverity.Error));
        return (ModelSpec)result.TrackedSteps[RnnModelGenerator.Models].Single().Outputs.Single().Value;
    }
}
