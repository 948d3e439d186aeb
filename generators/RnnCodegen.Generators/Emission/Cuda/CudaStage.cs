using System.Globalization;
using RnnCodegen.Generators.Graph;
using RnnCodegen.Generators.Lowering;

namespace RnnCodegen.Generators.Emission.Cuda;

/// <summary>Writes a stage of a cell: a thread takes a unit of a row, or, where sums along rows are needed, a row.</summary>
/// <param name="writer">Receives it.</param>
/// <param name="stage">The stage.</param>
/// <param name="pointers">Where each operand is, with the floats of its rows.</param>
/// <param name="rows">The number of rows.</param>
/// <param name="past">Whether sample r is past its length at this step; null where lengths are not obeyed.</param>
internal sealed class CudaStage(
    SourceWriter writer, Stage stage, IReadOnlyDictionary<Operand, (string Pointer, int Width)> pointers, string rows, string? past)
{
    private readonly PointwiseKernel _kernel = stage.Kernel;
    private readonly int _size = stage.Kernel.Stage.Size;

    public void Write()
    {
        var sums = _kernel.Stores.Where(store => store.IsSum).ToList();
        if (sums.Count > 0)
        {
            // A thread adds up a unit over all rows, before anything of them is overwritten.
            using (writer.Block($"EACH(u, {_size})"))
            {
                writer.Line(string.Join(" ", sums.Select((_, i) => $"float total{i} = 0.f;")));
                using (writer.Block($"for (int q = 0; q < {rows}; q++)"))
                {
                    writer.Line("const int r = part.at(q);");
                    if (past is not null)
                    {
                        writer.Line($"if ({past}) continue;");
                    }

                    var body = new Body(this);
                    body.Walks(sums.Select(store => store.Value));
                    var values = sums.Select(store => body.Value(store.Value)).ToList();
                    for (var i = 0; i < sums.Count; i++)
                    {
                        writer.Line($"total{i} += {values[i]};");
                    }
                }

                for (var i = 0; i < sums.Count; i++)
                {
                    writer.Line($"{At(sums[i].Target)} += total{i};");
                }
            }

            writer.Line("__syncthreads();");
        }

        var stores = _kernel.Stores.Where(store => !store.IsSum).ToList();
        if (stores.Count == 0)
        {
            return;
        }

        if (_kernel.Walks.Reductions.Count == 0 && !stores.Any(store => store.Value.IsOfRow || IsOfRow(store.Target)))
        {
            using (writer.Block($"EACH(i, {rows} * {_size})"))
            {
                writer.Line($"const int r = part.at(i / {_size}), u = i % {_size};");
                WritePast(u => writer.Line(u));
                Store(new Body(this), stores);
            }

            return;
        }

        using (writer.Block($"EACH(q, {rows})"))
        {
            writer.Line("const int r = part.at(q);");
            WritePast(u =>
            {
                writer.Line($"for (int u = 0; u < {_size}; u++)");
                writer.Line(u);
            });
            var body = new Body(this);
            body.Walks(stores.Select(store => store.Value));
            var ofRow = stores.Where(store => IsOfRow(store.Target)).ToList();
            var ofUnits = stores.Except(ofRow).ToList();
            if (ofUnits.Count > 0)
            {
                using (writer.Block($"for (int u = 0; u < {_size}; u++)"))
                {
                    Store(new Body(body), ofUnits);
                }
            }

            Store(body, ofRow);
        }
    }

    private void WritePast(Action<string> write)
    {
        if (past is null || _kernel.Kept.Count + _kernel.Cleared.Count == 0)
        {
            if (past is not null)
            {
                writer.Line($"if ({past}) continue;");
            }

            return;
        }

        using (writer.Block($"if ({past})"))
        {
            foreach (var (from, to) in _kernel.Kept)
            {
                write($"{At(new(to, 0))} = {At(new(from, 0))};");
            }

            foreach (var operand in _kernel.Cleared)
            {
                for (var slot = 0; slot < operand.Row.Parts; slot++)
                {
                    write($"{At(new(operand, slot))} = 0.f;");
                }
            }

            writer.Line("continue;");
        }
    }

    // All values first, then all stores: a result may stand where an operand stood.
    private void Store(Body body, IReadOnlyList<KernelStore> stores)
    {
        var values = stores.Select(store => body.Value(store.Value)).ToList();
        for (var i = 0; i < stores.Count; i++)
        {
            writer.Line($"{At(stores[i].Target)} {(stores[i].Accumulates ? "+=" : "=")} {values[i]};");
        }
    }

    private string At(OperandSlot slot)
    {
        var (pointer, width) = pointers[slot.Operand];
        var column = IsOfRow(slot) ? $"{slot.Slot}" : slot.Slot == 0 ? "u" : $"{slot.Slot * slot.Operand.Row.Size} + u";
        return slot.Operand.IsShared ? $"{pointer}[{column}]" : $"{pointer}[(size_t)r * {width} + {column}]";
    }

    private static bool IsOfRow(OperandSlot slot) => slot.Operand.Role == OperandRole.Statistics;

    /// <summary>Locals, each expression once; those of units are declared where a unit's loop runs.</summary>
    private sealed class Body
    {
        private readonly CudaStage _owner;
        private readonly Body? _outer;
        private readonly Dictionary<Expr, string> _locals = [];

        public Body(CudaStage owner) => _owner = owner;

        public Body(Body outer) => (_owner, _outer) = (outer._owner, outer);

        private SourceWriter Writer => _owner.WriterOf();

        /// <summary>Makes the sums along the row that some values need, in the order in which they wait for each other.</summary>
        public void Walks(IEnumerable<Expr> values)
        {
            var needed = new HashSet<Expr>();
            foreach (var value in values)
            {
                Need(value);
            }

            foreach (var walk in _owner._kernel.Walks.Reductions)
            {
                foreach (var reduction in walk.Where(needed.Contains))
                {
                    var local = $"v{reduction.Id}";
                    var isSum = reduction.Op == Op.Sum;
                    Writer.Line(isSum ? $"double {local} = 0.0;" : $"float {local} = -INFINITY;");
                    using (Writer.Block($"for (int u = 0; u < {_owner._size}; u++)"))
                    {
                        var value = new Body(this).Value(reduction.Arguments[0]);
                        Writer.Line(isSum ? $"{local} += {value};" : $"{local} = fmaxf({local}, {value});");
                    }

                    _locals.Add(reduction, local);
                }
            }

            void Need(Expr e)
            {
                if (needed.Add(e) && !_owner._kernel.Loads.ContainsKey(e))
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
            if (_owner._kernel.Loads.TryGetValue(e, out var slots))
            {
                text = string.Join(" + ", slots.Select(_owner.At));
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
            var name = _owner._kernel.Names.TryGetValue(e, out var named) ? $"    // {named.Name}" : "";
            Writer.Line($"const {(e.IsOfRow ? "double" : "float")} {local} = {text};{name}");
            _locals.Add(e, local);
            return local;
        }

        private string? Find(Expr e) => _locals.TryGetValue(e, out var local) ? local : _outer?.Find(e);

    }

    /// <summary>A constant in single precision.</summary>
    public static string Literal(float value)
    {
        var text = value.ToString("R", CultureInfo.InvariantCulture);
        return text.IndexOfAny(['.', 'E']) < 0 ? $"{text}.f" : $"{text}f";
    }

    private SourceWriter WriterOf() => writer;
}
