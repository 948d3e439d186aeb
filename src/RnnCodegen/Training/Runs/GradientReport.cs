using System.Globalization;
using System.Text;

namespace RnnCodegen;

/// <summary>The result of a <see cref="GradientCheck"/> for one tensor.</summary>
public sealed class TensorCheck
{
    internal TensorCheck(string name, IReadOnlyList<int> shape) => (Name, Shape) = (name, shape);

    /// <summary>The tensor's name.</summary>
    public string Name { get; }

    /// <summary>Its shape.</summary>
    public IReadOnlyList<int> Shape { get; }

    /// <summary>Elements compared.</summary>
    public int Checked { get; private set; }

    /// <summary>Elements compared whose error is over the tolerance.</summary>
    public int Wrong { get; private set; }

    /// <summary>Elements that cannot be told: the loss is not smooth there.</summary>
    public int Unclear { get; private set; }

    /// <summary>The largest error, relative to gradient and difference; 0 where nothing was compared.</summary>
    public double WorstError { get; private set; }

    /// <summary>The element with the largest error; -1 where nothing was compared.</summary>
    public int WorstIndex { get; private set; } = -1;

    /// <summary>Backward's gradient of that element.</summary>
    public double Gradient { get; private set; }

    /// <summary>The gradient of that element by differences of the loss.</summary>
    public double Difference { get; private set; }

    internal void Add(int index, double gradient, double difference, double error, double tolerance)
    {
        Checked++;
        Wrong += error <= tolerance ? 0 : 1;

        // An error that is not a number is the worst.
        if (WorstIndex < 0 || !(error <= WorstError))
        {
            (WorstError, WorstIndex, Gradient, Difference) = (error, index, gradient, difference);
        }
    }

    internal void AddUnclear() => Unclear++;
}

/// <summary>The result of a <see cref="GradientCheck"/>; its text is a table.</summary>
public sealed class GradientReport
{
    internal GradientReport(string model, double loss, double tolerance, IReadOnlyList<TensorCheck> tensors) =>
        (Model, Loss, Tolerance, Tensors) = (model, loss, tolerance, tensors);

    /// <summary>Full name of the model's class.</summary>
    public string Model { get; }

    /// <summary>The loss of the batch.</summary>
    public double Loss { get; }

    /// <summary>The largest error that passes.</summary>
    public double Tolerance { get; }

    /// <summary>The tensors in the order of the layers.</summary>
    public IReadOnlyList<TensorCheck> Tensors { get; }

    /// <summary>Whether no element is wrong, and at least half of them could be told.</summary>
    public bool Passed => Tensors.All(t => t.Wrong == 0) && Tensors.Sum(t => t.Checked) >= Tensors.Sum(t => t.Unclear);

    /// <summary>The largest error of all tensors.</summary>
    public double WorstError => Tensors.Max(t => t.WorstError);

    /// <summary>The report: a line a tensor, with its worst element.</summary>
    public override string ToString()
    {
        var width = Tensors.Max(t => Describe(t).Length);
        var text = new StringBuilder();
        text.Append(
            CultureInfo.InvariantCulture,
            $"{Model}: {(Passed ? "gradients are right" : "GRADIENTS ARE WRONG")}; loss {Loss:G6}, tolerance {Tolerance:G3}\n");
        text.Append(
            CultureInfo.InvariantCulture,
            $"{"tensor".PadRight(width)} {"checked",8} {"wrong",6} {"unclear",8} {"worst error",12} {"at",8} {"backward",14} " +
            $"{"difference",14}");
        foreach (var t in Tensors)
        {
            text.Append(
                CultureInfo.InvariantCulture,
                $"\n{Describe(t).PadRight(width)} {t.Checked,8} {t.Wrong,6} {t.Unclear,8} {t.WorstError,12:E2} {t.WorstIndex,8} " +
                $"{t.Gradient,14:G7} {t.Difference,14:G7}");
        }

        return text.ToString();
    }

    private static string Describe(TensorCheck tensor) => $"{tensor.Name} {SafeTensorsHeader.Describe(tensor.Shape)}";
}
