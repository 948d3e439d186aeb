namespace RnnCodegen.Interchange.TensorFlow.Graphs;

/// <summary>A vector that is no sum of others: what a loop reads or carries, a function of a sum, or a product of two.</summary>
internal abstract record Atom(int Width);

/// <summary>A row of what the loop reads.</summary>
internal sealed record InputAtom(int Width) : Atom(Width);

/// <summary>A state before the step.</summary>
internal sealed record StateAtom(int State, int Width) : Atom(Width);

/// <summary>A state after the step.</summary>
internal sealed record NextAtom(int State, Linear Definition) : Atom(Definition.Width);

/// <summary>A function of each value.</summary>
internal sealed record FunctionAtom(string Function, Linear Argument) : Atom(Argument.Width);

/// <summary>The values of two vectors times each other.</summary>
internal sealed record ProductAtom(Linear First, Linear Second) : Atom(First.Width);

/// <summary>A summand: an atom times a matrix [atom's width, width], row after row; or times a number where there is no matrix.</summary>
internal sealed record Term(Atom Atom, double[]? Matrix, double Scale);

/// <summary>A sum of atoms times matrices, and a bias: what products with constants and additions of them come to.</summary>
/// <param name="Terms">The summands.</param>
/// <param name="Bias">The bias.</param>
internal sealed record Linear(IReadOnlyList<Term> Terms, double[] Bias)
{
    public int Width => Bias.Length;

    /// <summary>The atom that this is; null where it is more.</summary>
    public Atom? Only => Terms is [{ Matrix: null, Scale: 1, Atom: var atom }] && Array.TrueForAll(Bias, b => b == 0) ? atom : null;

    public static Linear Of(Atom atom) => new([new Term(atom, null, 1)], new double[atom.Width]);

    public Linear Plus(double[] bias) => this with { Bias = [.. Bias.Zip(bias, (a, b) => a + b)] };

    public Linear Times(double factor) => new(
        [.. Terms.Select(t => t.Matrix is null
            ? t with { Scale = t.Scale * factor }
            : t with { Matrix = Array.ConvertAll(t.Matrix, v => v * factor) })],
        Array.ConvertAll(Bias, b => b * factor));

    public Linear Plus(Linear other)
    {
        var terms = Terms.ToList();
        foreach (var term in other.Terms)
        {
            var at = terms.FindIndex(t => ReferenceEquals(t.Atom, term.Atom) && t.Matrix is null == term.Matrix is null);
            if (at < 0)
            {
                terms.Add(term);
            }
            else
            {
                terms[at] = term.Matrix is null
                    ? term with { Scale = term.Scale + terms[at].Scale }
                    : term with { Matrix = [.. term.Matrix.Zip(terms[at].Matrix!, (a, b) => a + b)] };
            }
        }

        return new Linear(terms, [.. Bias.Zip(other.Bias, (a, b) => a + b)]);
    }

    /// <summary>The row times a matrix [width, columns].</summary>
    public Linear Times(double[] matrix, int columns) => new(
        [.. Terms.Select(t => new Term(
            t.Atom, t.Matrix is null ? Array.ConvertAll(matrix, v => v * t.Scale) : Product(t.Matrix, matrix, Width, columns), 1))],
        Product(Bias, matrix, Width, columns));

    /// <summary>Some of the values.</summary>
    public Linear Part(int start, int length) => new(
        [.. Terms.Select(t => t.Matrix is null
            ? Part(t, start, length)
            : t with { Matrix = [.. t.Matrix.Chunk(Width).SelectMany(row => row[start..(start + length)])] })],
        Bias[start..(start + length)]);

    private static Term Part(Term term, int start, int length)
    {
        if (start == 0 && length == term.Atom.Width)
        {
            return term;
        }

        switch (term.Atom)
        {
            case FunctionAtom f:
                return term with { Atom = new FunctionAtom(f.Function, f.Argument.Part(start, length)) };
            case ProductAtom p:
                return term with { Atom = new ProductAtom(p.First.Part(start, length), p.Second.Part(start, length)) };
            default:
                var matrix = new double[term.Atom.Width * length];
                for (var k = 0; k < length; k++)
                {
                    matrix[((start + k) * length) + k] = term.Scale;
                }

                return new Term(term.Atom, matrix, 1);
        }
    }

    private static double[] Product(double[] a, double[] b, int inner, int columns)
    {
        var result = new double[a.Length / inner * columns];
        for (var row = 0; row < a.Length / inner; row++)
        {
            for (var k = 0; k < inner; k++)
            {
                for (var column = 0; column < columns; column++)
                {
                    result[(row * columns) + column] += a[(row * inner) + k] * b[(k * columns) + column];
                }
            }
        }

        return result;
    }
}
