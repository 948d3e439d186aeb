using System.Globalization;
using RnnCodegen.Generators.Graph;
using RnnCodegen.Generators.Lowering;

namespace RnnCodegen.Generators.Emission.Cuda;

/// <summary>Writes a kernel's equations as locals, each expression once; those of units are declared where a unit's loop runs.</summary>
internal sealed class CudaEquations
{
    private readonly SourceWriter _writer;
    private readonly PointwiseKernel _kernel;
    private readonly Func<OperandSlot, string> _load;
    private readonly CudaEquations? _outer;
    private readonly Dictionary<Expr, string> _locals = [];

    /// <param name="writer">Receives the locals.</param>
    /// <param name="kernel">The kernel.</param>
    /// <param name="load">How an operand's vector is read.</param>
    public CudaEquations(SourceWriter writer, PointwiseKernel kernel, Func<OperandSlot, string> load) =>
        (_writer, _kernel, _load) = (writer, kernel, load);

    /// <param name="outer">What is known of the whole row.</param>
    public CudaEquations(CudaEquations outer)
        : this(outer._writer, outer._kernel, outer._load) => _outer = outer;

    /// <summary>Makes the sums along the row that some values need, in the order in which they wait for each other.</summary>
    public void Walks(IEnumerable<Expr> values)
    {
        var needed = new HashSet<Expr>();
        foreach (var value in values)
        {
            Need(value);
        }

        foreach (var walk in _kernel.Walks.Reductions)
        {
            foreach (var reduction in walk.Where(needed.Contains))
            {
                var local = $"v{reduction.Id}";
                var isSum = reduction.Op == Op.Sum;
                _writer.Line(isSum ? $"double {local} = 0.0;" : $"float {local} = -INFINITY;");
                using (_writer.Block($"for (int u = 0; u < {_kernel.Stage.Size}; u++)"))
                {
                    var value = new CudaEquations(this).Value(reduction.Arguments[0]);
                    _writer.Line(isSum ? $"{local} += {value};" : $"{local} = fmaxf({local}, {value});");
                }

                _locals.Add(reduction, local);
            }
        }

        void Need(Expr e)
        {
            if (needed.Add(e) && !_kernel.Loads.ContainsKey(e))
            {
                foreach (var argument in e.Arguments)
                {
                    Need(argument);
                }
            }
        }
    }

    /// <summary>The local of a value, declared with all that it needs.</summary>
    public string Value(Expr e)
    {
        if (Find(e) is { } known)
        {
            return known;
        }

        if (e.Op == Op.Constant)
        {
            return Literal(e.Value);
        }

        string text;
        if (_kernel.Loads.TryGetValue(e, out var slots))
        {
            text = string.Join(" + ", slots.Select(_load));
        }
        else
        {
            var a = e.Arguments.Select(Value).ToArray();
            text = e.Op == Op.Add ? $"{a[0]} + {a[1]}"
                : e.Op == Op.Subtract ? $"{a[0]} - {a[1]}"
                : e.Op == Op.Multiply ? $"{a[0]} * {a[1]}"
                : e.Op == Op.Per ? $"{a[0]} / {Literal(e.Value)}"
                : e.Op == Op.InverseRoot ? $"1.0 / sqrt((double){a[0]})"
                : e.Op == Op.Inverse ? $"1.0 / {a[0]}"
                : e.Op == Op.Log ? $"log((double){a[0]})"
                : $"{e.Op.Name}({string.Join(", ", a)}{(e.Op.HasConstant ? $", {Literal(e.Value)}" : "")})";
        }

        var local = $"v{e.Id}";
        var name = _kernel.Names.TryGetValue(e, out var named) ? $"    // {named.Name}" : "";
        _writer.Line($"const {(e.IsOfRow ? "double" : "float")} {local} = {text};{name}");
        _locals.Add(e, local);
        return local;
    }

    /// <summary>A constant in single precision.</summary>
    public static string Literal(float value)
    {
        var text = value.ToString("R", CultureInfo.InvariantCulture);
        return text.IndexOfAny(['.', 'E']) < 0 ? $"{text}.f" : $"{text}f";
    }

    private string? Find(Expr e) => _locals.TryGetValue(e, out var local) ? local : _outer?.Find(e);
}
