namespace RnnCodegen.Generators.Tests.Diagnostics;

/// <content>What a model is trained for.</content>
internal static partial class DiagnosticCases
{
    private const string Scores = "[Gru(3)] public partial GruLayer A { get; } [Dense(3)] public partial DenseLayer B { get; }";
    private const string Probabilities = "[Gru(3)] public partial GruLayer A { get; } [Dense(3, Activation = Activation.Sigmoid)] public " +
        "partial DenseLayer B { get; }";

    private static string Work(string statement) => $" public static class Work {{ public static object Make(M m) => {statement}; }}";

    private static IEnumerable<DiagnosticCase> OfTraining() =>
    [
        new(
            "RNN0401",
            Model(Scores, "InputSize = 2, Output = OutputTransform.Sigmoid")
                + Work("new Trainer<M>(m, [|Loss.MeanSquaredError|], new Sgd(1))"),
            "MeanSquaredErrorLoss compares the outputs of M before its output transform, but Run and Step apply Sigmoid to them, so one " +
            "function would be trained and another one run: remove the transform and end the model with " +
            "[Activation(Activation.Sigmoid)], which is trained, or train with BinaryCrossEntropyLoss, which applies the sigmoid itself",
            Model(Scores, "InputSize = 2, Output = OutputTransform.Sigmoid")
                + Work("new Trainer<M>(m, Loss.BinaryCrossEntropy, new Sgd(1))")),
        new(
            "RNN0401",
            Model(Scores, "InputSize = 2, Output = OutputTransform.Sigmoid")
                + Work("GradientCheck.Run(m, [|new CrossEntropyLoss()|], null!)"),
            "CrossEntropyLoss applies softmax itself to the outputs of M before its output transform, but Run and Step apply Sigmoid to " +
            "them, so one function would be trained and another one run: set Output = OutputTransform.Softmax, or none, or train with " +
            "BinaryCrossEntropyLoss, with targets from 0 to 1",
            Model(Scores, "InputSize = 2, Output = OutputTransform.LogSoftmax")
                + Work("GradientCheck.Run(m, new CrossEntropyLoss(), null!)")),
        new(
            "RNN0402", Model(Probabilities) + Work("new Trainer<M>(m, [|Loss.BinaryCrossEntropy|], new Sgd(1))"),
            "BinaryCrossEntropyLoss takes logits and applies sigmoid itself, but the outputs of M come from the activation Sigmoid, " +
            "which is squashed already: remove the activation, or put a Dense layer without one behind a recurrent layer, and set Output " +
            "= OutputTransform.Sigmoid where Run and Step should give probabilities",
            Model(Probabilities) + Work("new Trainer<M>(m, Loss.MeanSquaredError, new Sgd(1))")),
        .. new[]
        {
            "[Elman(3, Activation = Activation.Sigmoid)] public partial ElmanLayer A { get; }",
            "[Gru(3, Activation = Activation.Sigmoid, Bidirectional = true)] public partial GruLayer A { get; }",
            "[Lstm(3, Activation = Activation.Sigmoid, ReturnSequences = false)] public partial LstmLayer A { get; }",
            "[Gru(3)] public partial GruLayer A { get; } [Dense(1, Activation = Activation.Sigmoid)] public partial DenseLayer " +
            "B { get; } " +
                "[Dense(2, From = nameof(A))] public partial DenseLayer C { get; } [Concat(nameof(C), nameof(B))] public partial " +
                "ConcatLayer D { get; }",
        }.Select(layers => new DiagnosticCase(
            "RNN0402", Model(layers) + Work("new Trainer<M>(m, [|Loss.BinaryCrossEntropy|], new Sgd(1))"),
            "BinaryCrossEntropyLoss takes logits and applies sigmoid itself, but the outputs of M come from the activation Sigmoid, " +
            "which is squashed already: remove the activation, or put a Dense layer without one behind a recurrent layer, and set Output " +
            "= OutputTransform.Sigmoid where Run and Step should give probabilities",
            Model(layers + " [Dense(3)] public partial DenseLayer E { get; }")
                + Work("new Trainer<M>(m, Loss.BinaryCrossEntropy, new Sgd(1))"))),
        new(
            "RNN0403", Model("[Gru(3)] public partial GruLayer A { get; } [Dense(1)] public partial DenseLayer B { get; }") +
            Work("new Trainer<M>(m, [|new CrossEntropyLoss { LabelSmoothing = 0.1f }|], new Sgd(1))"),
            "CrossEntropyLoss compares the outputs of a row with one another, but M has one output, so the loss is always 0: train with " +
            "BinaryCrossEntropyLoss, with targets from 0 to 1, or give the last layer one output per class",
            Model(Scores) + Work("new Trainer<M>(m, new CrossEntropyLoss { LabelSmoothing = 0.1f }, new Sgd(1))")),
        new(
            "RNN0404",
            Model(
                "[Gru(3)] public partial GruLayer A { get; } [Dense(3, Activation = Activation.Tanh)] public partial DenseLayer " +
                "B { get; } " +
                    "public static object Make(M m) => new Trainer<M>(m, [|Loss.CrossEntropy|], new Sgd(1));"),
            "CrossEntropyLoss takes logits and applies softmax itself, but the outputs of M come from the activation Tanh, whose bound " +
            "keeps the model from being sure: remove the activation, or put a Dense layer without one behind a recurrent layer, and set " +
            "Output = OutputTransform.Softmax where Run and Step should give probabilities",
            Model(Scores) + Work("new Trainer<M>(m, Loss.CrossEntropy, new Sgd(1))")),
        new(
            "RNN0404",
            Model("[Lstm(3)] public partial LstmLayer A { get; } public static object Make(M m) => new Trainer<M>(m, " +
                "[|Loss.CrossEntropy|], new Sgd(1));"),
            "CrossEntropyLoss takes logits and applies softmax itself, but the outputs of M come from the activation Tanh, whose bound " +
            "keeps the model from being sure: remove the activation, or put a Dense layer without one behind a recurrent layer, and set " +
            "Output = OutputTransform.Softmax where Run and Step should give probabilities",
            Model("[Lstm(4, Projection = 3)] public partial LstmLayer A { get; }")
                + Work("new Trainer<M>(m, Loss.CrossEntropy, new Sgd(1))")),
        new(
            "RNN0405", Model($"{Probabilities} [Dropout(0.5f)] public partial DropoutLayer C {{ get; }}",
                "InputSize = 2, [|Output = OutputTransform.Sigmoid|]"),
            "The output of 'M' is squashed twice, by the activation Sigmoid and then by Sigmoid: sigmoids of what Sigmoid has brought to " +
            "0 to 1 are never below 0.5 nor above 0.74; remove the activation, or Output",
            Model(Scores, "InputSize = 2, Output = OutputTransform.Sigmoid")),
    ];
}
