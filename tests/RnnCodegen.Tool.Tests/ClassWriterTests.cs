using Xunit;

namespace RnnCodegen.Tool.Tests;

public class ClassWriterTests
{
    [Fact]
    public void A_model_reads_as_a_person_would_write_it()
    {
        var model = new ModelDescription { Model = new RnnModelAttribute { InputSize = 40, Output = OutputTransform.Softmax } };
        model.Add("Encoder", new GruAttribute(64) { Layers = 2, Dropout = 0.1f, ResetAfter = false });
        model.Add("Skip", new DenseAttribute(64) { From = RnnModelAttribute.Input, Bias = false });
        model.Add("Sum", new AddAttribute("Encoder", "Skip"));
        model.Add("Norm", new LayerNormAttribute { Epsilon = 0.001f });
        model.Add("Head", new DenseAttribute(12) { Activation = Activation.LeakyRelu, Alpha = 0.3f, WeightFormat = WeightFormat.Int8 });

        Assert.Equal(
            """
            using RnnCodegen;

            namespace My.Models;

            /// <summary>
            /// Imported from &quot;a &amp; b&quot;.onnx (ONNX). 40 features a row in; layers: Encoder (Gru 64), Skip (Dense 64),
            /// Sum (Add), Norm (LayerNorm), Head (Dense 12).
            /// </summary>
            [RnnModel(InputSize = 40, Output = OutputTransform.Softmax)]
            public partial class KeywordSpotter
            {
                [Gru(64, Layers = 2, Dropout = 0.1f, ResetAfter = false)] public partial GruLayer Encoder { get; }
                [Dense(64, From = RnnModelAttribute.Input, Bias = false)] public partial DenseLayer Skip { get; }
                [Add(nameof(Encoder), nameof(Skip))]                      public partial AddLayer Sum { get; }
                [LayerNorm(Epsilon = 0.001f)]                             public partial LayerNormLayer Norm { get; }
                [Dense(12, Activation = Activation.LeakyRelu, Alpha = 0.3f, WeightFormat = WeightFormat.Int8)]
                public partial DenseLayer Head { get; }
            }

            """.ReplaceLineEndings("\n"),
            ClassWriter.Write(model, "My.Models.KeywordSpotter", "\"a & b\".onnx (ONNX)"));
    }

    [Theory]
    [InlineData(float.NaN, "")]
    [InlineData(0.1f, ", Alpha = 0.1f")]
    [InlineData(1e-10f, ", Alpha = 1E-10f")]
    [InlineData(0.333333343f, ", Alpha = 0.33333334f")]
    [InlineData(float.PositiveInfinity, ", Alpha = float.PositiveInfinity")]
    public void Floats_are_written_exactly(float alpha, string expected) =>
        Assert.Contains($"[Activation(Activation.Elu{expected})]", Write(("A", new ActivationAttribute(Activation.Elu) { Alpha = alpha })));

    [Fact]
    public void An_option_whose_default_is_another_option_is_omitted_where_both_are_equal()
    {
        var text = Write(
            ("A", new LstmAttribute(2) { Activation = Activation.Relu }),
            ("B", new LstmAttribute(2) { Activation = Activation.Relu, CellActivation = Activation.Relu }),
            ("C", new LstmAttribute(2) { Activation = Activation.Relu, CellActivation = Activation.Tanh }));

        Assert.Equal(3, text.Split("[Lstm(2, Activation = Activation.Relu)]").Length);
        Assert.Contains("[Lstm(2, Activation = Activation.Relu, CellActivation = Activation.Tanh)]", text);
    }

    [Fact]
    public void A_name_that_hides_one_of_the_runtime_is_avoided()
    {
        var text = Write(("Activation", new DenseAttribute(2) { Activation = Activation.Relu }),
            ("Next", new DenseAttribute(2) { From = "Activation" }));

        Assert.Contains("Activation = global::RnnCodegen.Activation.Relu", text);
        Assert.Contains("From = nameof(Activation)", text);
    }

    [Theory]
    [InlineData("", "x")]
    [InlineData("My..Model", "x")]
    [InlineData("My.class", "x")]
    [InlineData("My.2nd", "x")]
    [InlineData("My.Model", "")]
    [InlineData("My.Model", "lstm.0")]
    [InlineData("My.Model", "new")]
    [InlineData("My.Model", "Model")]
    public void Names_that_are_not_identifiers_are_refused(string fullName, string layer)
    {
        var model = new ModelDescription { Model = new RnnModelAttribute { InputSize = 1 } };
        model.Add(layer, new GruAttribute(1));

        Assert.ThrowsAny<ArgumentException>(() => ClassWriter.Write(model, fullName));
    }

    [Fact]
    public void A_layer_that_reads_a_later_one_or_has_a_name_twice_is_refused()
    {
        var later = Assert.Throws<ArgumentException>(
            () => Write(("A", new DenseAttribute(1) { From = "B" }), ("B", new DenseAttribute(1))));
        Assert.Contains("'A'", later.Message);
        Assert.Contains("'B'", later.Message);

        var twice = Assert.Throws<ArgumentException>(() => Write(("A", new DenseAttribute(1)), ("A", new DenseAttribute(1))));
        Assert.Contains("'A'", twice.Message);
    }

    /// <summary>
    /// A new attribute or option must need no word in the class writer: each
    /// one of the runtime is written with all options away from their defaults.
    /// </summary>
    [Theory]
    [MemberData(nameof(LayerAttributes))]
    public void Every_option_of_every_layer_is_written(Type type)
    {
        var constructor = type.GetConstructors().Single();
        var attribute = (LayerAttribute)constructor.Invoke([.. constructor.GetParameters().Select(p => Other(p.ParameterType, null))]);
        var options = type.GetProperties().Where(p => p.CanWrite).ToList();
        foreach (var option in options)
        {
            option.SetValue(attribute, Other(option.PropertyType, option.GetValue(attribute)));
        }

        var text = Write(("A", new DenseAttribute(1)), ("B", new DenseAttribute(1)), ("Last", attribute));

        Assert.Contains($"public partial {type.Name.Replace("Attribute", "Layer")} Last {{ get; }}", text);
        Assert.All(options, o => Assert.Contains($"{o.Name} = ", text));
    }

    public static TheoryData<Type> LayerAttributes() =>
        [.. typeof(LayerAttribute).Assembly.GetTypes().Where(t => !t.IsAbstract && t.IsAssignableTo(typeof(LayerAttribute)))];

    private static object Other(Type type, object? value) =>
        type == typeof(int) ? 7
        : type == typeof(float) ? 0.25f
        : type == typeof(bool) ? value is not true
        : type == typeof(string) ? "A"
        : type == typeof(string[]) ? new[] { "A", "B" }
        : type.IsEnum ? Enum.GetValues(type).Cast<object>().First(v => !v.Equals(value))
        : throw new NotSupportedException($"No value of {type} to try.");

    private static string Write(params (string Name, LayerAttribute Options)[] layers)
    {
        var model = new ModelDescription { Model = new RnnModelAttribute { InputSize = 3 } };
        foreach (var (name, options) in layers)
        {
            model.Add(name, options);
        }

        return ClassWriter.Write(model, "My.Model");
    }
}
