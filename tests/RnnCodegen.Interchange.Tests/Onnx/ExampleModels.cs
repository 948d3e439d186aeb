namespace RnnCodegen.Interchange.Tests.Onnx;

/// <summary>Models that between them say everything that ONNX can.</summary>
internal static class ExampleModels
{
    private static readonly (string Name, int InputSize, OutputTransform Output, (string, LayerAttribute)[] Layers)[] s_all =
    [
        ("lstm", 3, default, [("Encoder", new LstmAttribute(5))]),
        ("lstm without bias", 3, default, [("Encoder", new LstmAttribute(5) { Bias = false })]),
        ("lstm stack, both directions", 3, OutputTransform.Softmax,
            [("Encoder", new LstmAttribute(4) { Layers = 3, Bidirectional = true }), ("Head", new DenseAttribute(2))]),
        ("two lstms, not a stack", 3, default, [("First", new LstmAttribute(4)), ("Second", new LstmAttribute(4))]),
        ("lstm, final state of both directions", 3, default,
            [("Encoder", new LstmAttribute(4) { Bidirectional = true, ReturnSequences = false }),
                ("Head", new DenseAttribute(2) { Bias = false })]),
        ("reverse lstm with peepholes and clip", 3, default,
            [("Encoder", new LstmAttribute(4) { Reverse = true, Peepholes = true, Clip = 0.5f })]),
        ("coupled lstm", 3, default, [("Encoder", new LstmAttribute(4) { CoupledInputForget = true, Layers = 2 })]),
        ("coupled lstm with peepholes", 3, default,
            [("Encoder", new LstmAttribute(4) { CoupledInputForget = true, Peepholes = true, Bidirectional = true })]),
        ("lstm with functions", 3, default,
            [("Encoder",
                new LstmAttribute(4)
                {
                    GateActivation = Activation.HardSigmoidKeras2,
                    Activation = Activation.LeakyRelu,
                    Alpha = 0.25f,
                    CellActivation = Activation.Tanh,
                    Bidirectional = true
                })]),
        ("lstm with other functions", 3, default,
            [("Encoder",
                new LstmAttribute(4)
                {
                    GateActivation = Activation.HardSigmoid,
                    Activation = Activation.Elu,
                    CellActivation = Activation.Linear
                })]),
        ("lstm with a learned state", 3, default,
            [("Encoder", new LstmAttribute(4) { LearnedInitialState = true, Layers = 2, Bidirectional = true, ReturnSequences = false })]),
        ("gru", 3, default, [("Encoder", new GruAttribute(5))]),
        ("gru, reset before, clip", 3, OutputTransform.LogSoftmax,
            [("Encoder", new GruAttribute(5) { ResetAfter = false, Layers = 2, Clip = 0.75f }), ("Head", new DenseAttribute(3))]),
        ("gru with functions and a learned state", 3, OutputTransform.Sigmoid,
            [("Encoder",
                new GruAttribute(4)
                {
                    GateActivation = Activation.HardSigmoid,
                    Activation = Activation.Relu,
                    LearnedInitialState = true,
                    Reverse = true,
                    ReturnSequences = false
                })]),
        ("gru with leaky gates", 3, default,
            [("Encoder",
                new GruAttribute(4)
                {
                    GateActivation = Activation.LeakyRelu,
                    GateAlpha = 0.5f,
                    Activation = Activation.Elu,
                    Alpha = 0.75f,
                    Bidirectional = true,
                    Clip = 0.5f
                })]),
        ("elman", 3, default, [("Encoder", new ElmanAttribute(4) { Activation = Activation.Relu, Layers = 2, Clip = 2 })]),
        ("elman with a linear function", 3, default,
            [("Encoder", new ElmanAttribute(4) { Activation = Activation.Linear, Bidirectional = true })]),
        ("embedding", 0, OutputTransform.Softmax,
            [("Tokens", new EmbeddingAttribute(7, 3)), ("Encoder", new GruAttribute(4)), ("Head", new DenseAttribute(7))]),
        ("dense functions", 3, default,
        [
            ("A", new DenseAttribute(4) { Activation = Activation.Relu }),
            ("B", new DenseAttribute(4) { Activation = Activation.LeakyRelu, Alpha = 0.3f }),
            ("C", new DenseAttribute(4) { Activation = Activation.Elu }),
            ("D", new DenseAttribute(4) { Activation = Activation.HardSigmoid }),
            ("E", new DenseAttribute(4) { Activation = Activation.HardSigmoidKeras2 }),
            ("F", new DenseAttribute(4) { Activation = Activation.Tanh, Bias = false }),
            ("G", new DenseAttribute(2) { Activation = Activation.Sigmoid }),
        ]),
        ("dense functions of later versions", 3, default,
            [("A", new DenseAttribute(4) { Activation = Activation.Softplus }),
                ("B", new DenseAttribute(2) { Activation = Activation.HardSwish })]),
        ("elman of softplus", 3, default, [("Encoder", new ElmanAttribute(4) { Activation = Activation.Softplus })]),
        ("rows", 4, default,
        [
            ("Scale", new AffineAttribute()), ("Norm", new LayerNormAttribute { Epsilon = 1e-3f }), ("Slope", new PReluAttribute()),
            ("Function", new ActivationAttribute(Activation.Sigmoid)),
            ("Encoder", new GruAttribute(4)), ("ScaleBehind", new AffineAttribute()), ("Linear", new DenseAttribute(3)),
            ("ScaleLast", new AffineAttribute()), ("FunctionLast", new ActivationAttribute(Activation.Sigmoid)),
        ]),
        ("convolutions", 2, default,
        [
            ("Causal", new Conv1dAttribute(3, 3) { Padding = TimePadding.Causal, Dilation = 2, Activation = Activation.Relu }),
            ("Same", new Conv1dAttribute(3, 4) { Padding = TimePadding.Same, Bias = false }),
            ("Padded", new Conv1dAttribute(2, 3) { PadLeft = 1, PadRight = 3 }),
            ("Strided", new Conv1dAttribute(4, 2) { Stride = 2, Activation = Activation.LeakyRelu, Alpha = 0.2f }),
            ("Encoder", new LstmAttribute(3)),
        ]),
        ("convolutions inside rows", 24, default,
        [
            ("Spectra", new RowConv1dAttribute(3, 6) { Stride = 4, PadRight = 2, Mirror = true, Bias = false }),
            ("Filters", new RowConv1dAttribute(4, 3) { Channels = 3, PadLeft = 1, PadRight = 1, Activation = Activation.Relu }),
            ("Half", new RowConv1dAttribute(2, 2) { Channels = 4, Stride = 2, Activation = Activation.LeakyRelu, Alpha = 0.2f }),
            ("Encoder", new GruAttribute(3)),
        ]),
        ("pooling", 3, default,
            [("Max", new Pool1dAttribute(Pooling.Max, 2)), ("Average", new Pool1dAttribute(Pooling.Average, 3) { Stride = 1 }),
                ("Whole", new GlobalPoolAttribute(Pooling.Average)), ("Head", new DenseAttribute(2))]),
        ("global maximum", 3, default, [("Encoder", new GruAttribute(4)), ("Whole", new GlobalPoolAttribute(Pooling.Max))]),
        ("attention pool", 3, default,
            [("Encoder", new GruAttribute(4)), ("Pool", new AttentionPoolAttribute()), ("Head", new DenseAttribute(2))]),
        ("attention pool of the input", 3, default, [("Pool", new AttentionPoolAttribute())]),
        ("reversed", 3, default,
            [("Back", new ReverseTimeAttribute()), ("Encoder", new LstmAttribute(4)), ("Forth", new ReverseTimeAttribute())]),
        ("branches", 3, OutputTransform.Softmax,
        [
            ("Left", new GruAttribute(4)),
            ("Right", new DenseAttribute(4) { From = RnnModelAttribute.Input, Activation = Activation.Tanh }),
            ("Product", new MultiplyAttribute("Left", "Right", "Left")), ("Sum", new AddAttribute("Product", "Right")),
            ("All", new ConcatAttribute("Sum", RnnModelAttribute.Input, "Left")), ("Head", new DenseAttribute(3)),
        ]),
        ("rows and final state", 3, default,
        [
            ("Encoder", new GruAttribute(4)), ("Whole", new GlobalPoolAttribute(Pooling.Max)),
            ("Last", new GruAttribute(4) { From = "Encoder", ReturnSequences = false }), ("Both", new ConcatAttribute("Whole", "Last")),
            ("Head", new DenseAttribute(2) { Activation = Activation.Sigmoid }),
        ]),
    ];

    public static IEnumerable<string> Names => s_all.Select(m => m.Name);

    /// <summary>A model with random weights; a new one at each call.</summary>
    public static ModelDescription Create(string name)
    {
        var (_, inputSize, output, layers) = s_all.Single(m => m.Name == name);
        var model = new ModelDescription { Model = new RnnModelAttribute { InputSize = inputSize, Output = output } };
        foreach (var (layer, options) in layers)
        {
            model.Add(layer, options);
        }

        return DescriptionReference.Fill(model, seed: name.Length);
    }
}
