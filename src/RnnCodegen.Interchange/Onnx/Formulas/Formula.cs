namespace RnnCodegen.Interchange.Onnx.Formulas;

/// <summary>
/// A vector that is computed from others, for one row: what a graph spells in operators that are no layers. Formulas of one
/// <see cref="FormulaGraph"/> that are made alike are one object, and their numbers rise from what they read to what reads them.
/// </summary>
/// <param name="id">Its number.</param>
/// <param name="width">Its values.</param>
/// <param name="arguments">What it reads.</param>
internal abstract class Formula(int id, int width, params Formula[] arguments)
{
    public int Id { get; } = id;

    public int Width { get; } = width;

    /// <summary>How many formulas it is made of, one in the other.</summary>
    public int Depth { get; } = 1 + arguments.Select(a => a.Depth).DefaultIfEmpty(0).Max();

    public IReadOnlyList<Formula> Arguments { get; } = arguments;

    /// <summary>All that these are made of, themselves too, in an order in which each is behind what it reads.</summary>
    /// <param name="roots">The formulas.</param>
    /// <param name="known">Formulas that are taken as they are, with nothing that they read.</param>
    public static List<Formula> Needed(IEnumerable<Formula> roots, Func<Formula, bool>? known = null)
    {
        var (found, left) = (new HashSet<Formula>(), new Stack<Formula>(roots));
        while (left.TryPop(out var formula))
        {
            if (!found.Add(formula) || known?.Invoke(formula) == true)
            {
                continue;
            }

            foreach (var argument in formula.Arguments)
            {
                left.Push(argument);
            }
        }

        return [.. found.OrderBy(f => f.Id)];
    }

    /// <summary>The values, in double precision.</summary>
    /// <param name="values">The values of what it reads.</param>
    public abstract double[] Evaluate(IReadOnlyList<double[]> values);
}

/// <summary>What comes from outside: a row, or a part of the state.</summary>
internal sealed class LeafFormula(int id, int width, object source) : Formula(id, width)
{
    public object Source { get; } = source;

    public override double[] Evaluate(IReadOnlyList<double[]> values) =>
        throw new InvalidOperationException("The value of a leaf comes from outside.");
}

/// <summary>Known numbers.</summary>
internal sealed class ConstantFormula(int id, double[] values) : Formula(id, values.Length)
{
    public double[] Values { get; } = values;

    public override double[] Evaluate(IReadOnlyList<double[]> values) => Values;
}

/// <summary>Values of another one, each from a place of it.</summary>
internal sealed class PickFormula(int id, Formula source, int[] places) : Formula(id, places.Length, source)
{
    public int[] Places { get; } = places;

    public override double[] Evaluate(IReadOnlyList<double[]> values) => Array.ConvertAll(Places, p => values[0][p]);
}

/// <summary>Others, one behind the other.</summary>
internal sealed class JoinFormula(int id, Formula[] parts) : Formula(id, parts.Sum(p => p.Width), parts)
{
    public override double[] Evaluate(IReadOnlyList<double[]> values) => [.. values.SelectMany(v => v)];
}

/// <summary>A matrix times another one.</summary>
/// <param name="id">Its number.</param>
/// <param name="source">The vector.</param>
/// <param name="matrix">The matrix, a row for each value of the result.</param>
internal sealed class ProductFormula(int id, Formula source, float[] matrix) : Formula(id, matrix.Length / source.Width, source)
{
    public float[] Matrix { get; } = matrix;

    public override double[] Evaluate(IReadOnlyList<double[]> values)
    {
        var (x, result) = (values[0], new double[Width]);
        for (var row = 0; row < result.Length; row++)
        {
            for (var column = 0; column < x.Length; column++)
            {
                result[row] += Matrix[(row * x.Length) + column] * x[column];
            }
        }

        return result;
    }
}

/// <summary>A function of each value.</summary>
internal sealed class MapFormula(int id, ScalarFunction function, Formula argument) : Formula(id, argument.Width, argument)
{
    public ScalarFunction Function { get; } = function;

    public override double[] Evaluate(IReadOnlyList<double[]> values) => Array.ConvertAll(values[0], v => Function.Of(v));
}

/// <summary>Two others, value by value.</summary>
internal sealed class PairFormula(int id, PairOp op, Formula a, Formula b) : Formula(id, a.Width, a, b)
{
    public PairOp Op { get; } = op;

    public static double Of(PairOp op, double x, double y) => op switch
    {
        PairOp.Add => x + y,
        PairOp.Subtract => x - y,
        PairOp.Multiply => x * y,
        PairOp.Divide => x / y,
        PairOp.Power => Math.Pow(x, y),
        PairOp.Smaller => Math.Min(x, y),
        _ => Math.Max(x, y),
    };

    public override double[] Evaluate(IReadOnlyList<double[]> values) =>
        [.. values[0].Zip(values[1], (x, y) => Of(Op, x, y))];
}

/// <summary>What combines two numbers.</summary>
internal enum PairOp
{
    Add,
    Subtract,
    Multiply,
    Divide,
    Power,
    Smaller,
    Larger,
}
