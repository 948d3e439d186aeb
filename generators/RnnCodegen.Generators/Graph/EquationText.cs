using System.Globalization;

namespace RnnCodegen.Generators.Graph;

/// <summary>Prints a cell's expressions as the equations of comments, so that equation and code cannot differ.</summary>
internal sealed class EquationText(CellGraph cell)
{
    private const int Sum = 1;
    private const int Product = 2;
    private const int Function = 3;

    /// <summary>A value's equation.</summary>
    /// <param name="name">The value's name.</param>
    /// <param name="value">Its expression.</param>
    /// <param name="nameOf">What the text calls a node that it has spelt out before; null for others.</param>
    public string Of(string name, Expr value, Func<Expr, string?> nameOf) => $"{name} = {Print(value, nameOf).Text}";

    private (string Text, int Binding) Print(Expr e, Func<Expr, string?> nameOf)
    {
        var a = e.Arguments;
        if (e.Op == Op.Signal)
        {
            return Signal(e);
        }

        if (e.Op == Op.Constant)
        {
            return (Number(e.Value), Function);
        }

        if (cell.IsGateSum(e))
        {
            var (x, u) = (a[0].Name, a[1].Name);
            return ($"{InputWeights(x)} x + {ProductText(u)} + {Bias(x)}", Sum);
        }

        if (e.Op == Op.Subtract && a[0].IsConstant(0))
        {
            return ($"-{Argument(a[1], Product)}", Sum);
        }

        if (e.Op == Op.Multiply && a[0] == a[1])
        {
            return ($"{Argument(a[0], Function)}^2", Product);
        }

        var text = e.Op.Equation;
        for (var i = 0; i < a.Count; i++)
        {
            // A function's arguments stand between parentheses; what is right of a minus holds its own together.
            var binding = e.Op.Binding == Function || text.Contains($"({{{i}}}") ? 0
                : e.Op == Op.Subtract && i == 1 ? Product
                : e.Op.Binding;
            text = text.Replace($"{{{i}}}", Argument(a[i], binding));
        }

        return (text.Replace("{c}", Number(e.Value)), e.Op.Binding);

        string Argument(Expr argument, int binding)
        {
            var (inner, own) = nameOf(argument) is { } known ? (known, Function) : Print(argument, nameOf);
            return own < binding ? $"({inner})" : inner;
        }
    }

    private (string Text, int Binding) Signal(Expr e) => e.Kind switch
    {
        SignalKind.InputProduct when cell.Argument is { } argument => (argument, argument.Contains(' ') ? Sum : Function),
        SignalKind.InputProduct when cell.States.Count == 0 => (e.Name, Function),
        SignalKind.InputProduct when cell.IsNormalised => ($"{InputWeights(e.Name)} x", Product),
        SignalKind.InputProduct => ($"{InputWeights(e.Name)} x + {InputBias(e.Name)}", Sum),
        SignalKind.StepProduct when HasOwnBias(e.Name) => ($"{ProductText(e.Name)} + b_h{e.Name}", Sum),
        SignalKind.StepProduct => (ProductText(e.Name), Product),
        SignalKind.Previous => ($"{e.Name}'", Function),
        SignalKind.Parameter or SignalKind.Mask => (e.Name, Function),

        // A state's comes from the step after, as its value comes from the step before.
        _ when cell.States.Any(s => s.Name == e.Name) => ($"d{e.Name.ToUpperInvariant()}'", Function),
        _ => (cell.States.Count > 0 ? $"d{e.Name.ToUpperInvariant()}Vector" : "dOutput", Function),
    };

    private string InputWeights(string gate) => cell.Gates.Count == 1 ? "W" : $"W_{gate}";

    private string InputBias(string gate) => HasOwnBias(gate) ? $"b_i{gate}" : Bias(gate);

    private string Bias(string gate) => cell.Gates.Count == 1 ? "b" : $"b_{gate}";

    private string ProductText(string gate)
    {
        var product = ProductOf(gate);
        var operand = cell.States.Any(s => s.Name == product.OperandName) ? $"{product.OperandName}'" : product.OperandName;
        return product.Weight == ProductWeight.Projection
            ? $"W_hr {operand}"
            : cell.Gates.Count == 1 ? $"U {operand}"
            : $"U_{gate} {operand}";
    }

    private bool HasOwnBias(string gate) => cell.Stages.OfType<ProductStage>().Any(p => p.OwnBias.Contains(gate));

    private ProductStage ProductOf(string gate) => cell.Stages.OfType<ProductStage>().First(p => p.Gates.Any(g => g.Gate == gate));

    private static string Number(float value) => value.ToString("R", CultureInfo.InvariantCulture);
}
