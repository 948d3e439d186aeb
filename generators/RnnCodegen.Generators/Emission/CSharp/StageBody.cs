using RnnCodegen.Generators.Graph;
using RnnCodegen.Generators.Lowering;
using RnnCodegen.Generators.Planning;
using RnnCodegen.Generators.Specs;

namespace RnnCodegen.Generators.Emission.CSharp;

/// <summary>A vector of units.</summary>
/// <param name="Lanes">Its floats.</param>
/// <param name="Unit">The first unit.</param>
/// <param name="HasSpareLanes">Whether some of its lanes are no units.</param>
internal readonly record struct StageVector(int Lanes, Index Unit, bool HasSpareLanes);

/// <summary>Spells the numbers of a row, in double precision.</summary>
/// <param name="stage">The stage.</param>
/// <param name="numbers">Those that stand in locals.</param>
/// <param name="row">The variable that counts rows; null where pointers walk along.</param>
internal sealed class RowNumbers(StagePlan stage, IReadOnlyDictionary<Expr, string> numbers, string? row)
{
    public string Spell(Expr e)
    {
        if (numbers.TryGetValue(e, out var local))
        {
            return local;
        }

        if (stage.Loads.TryGetValue(e, out var slots))
        {
            var slot = slots.Single();
            var first = row is null ? "" : $"{row} * {slot.Buffer.Stride}";
            return $"{slot.Buffer.Name}[{VectorText.Add(first.Length == 0 ? "0" : first, $"{slot.Slot}")}]";
        }

        var a = e.Arguments;
        return e.Op == Op.Constant ? VectorText.DoubleLiteral(e.Value)
            : e.Op == Op.Add ? $"{Spell(a[0])} + {Spell(a[1])}"
            : e.Op == Op.Subtract && a[0].IsConstant(0) ? $"-{Factor(a[1])}"
            : e.Op == Op.Subtract ? $"{Spell(a[0])} - {Factor(a[1])}"
            : e.Op == Op.Multiply ? $"{Factor(a[0])} * {Factor(a[1])}"
            : VectorText.OfRow(e, e.Op == Op.Per ? Factor(a[0]) : Spell(a[0]));
    }

    /// <summary>The same in single precision.</summary>
    public string Single(Expr e) => stage.Loads.ContainsKey(e) ? Spell(e) : $"(float){Factor(e)}";

    private string Factor(Expr e) =>
        numbers.ContainsKey(e) || stage.Loads.ContainsKey(e) || e.Op == Op.Constant ? Spell(e) : $"({Spell(e)})";
}

/// <summary>The equations of one vector of units.</summary>
/// <param name="writer">Receives them.</param>
/// <param name="accuracy">Which functions they use.</param>
/// <param name="stage">The stage.</param>
/// <param name="vector">The vector.</param>
/// <param name="numbers">The locals that hold numbers of the row.</param>
/// <param name="row">The variable that counts rows; null where pointers walk along.</param>
/// <param name="register">The local that holds each sum of a product, where these are not in memory.</param>
internal sealed class StageBody(
    SourceWriter writer, ActivationAccuracyKind accuracy, StagePlan stage, StageVector vector, IReadOnlyDictionary<Expr, string> numbers,
    string? row, Func<int, string>? register = null)
{
    /// <summary>The local that has all bits set in the lanes of a row's last vector that are units.</summary>
    public const string Inside = "inside";

    /// <summary>The pointer to the numbers of a row that Forward keeps.</summary>
    public const string Statistics = "statistics";

    private readonly int _lanes = vector.Lanes;
    private readonly Dictionary<Expr, string> _locals = [];
    private readonly Dictionary<Expr, int> _uses = [];
    private int _temporaries;

    /// <summary>Computes results and stores them.</summary>
    /// <param name="stores">The results.</param>
    /// <param name="sum">The local that sums over rows are first added to; null where they are added to in memory.</param>
    public void Store(IReadOnlyList<StageStore> stores, Func<StageStore, string>? sum = null)
    {
        foreach (var store in stores)
        {
            CountUses(store.Value);
        }

        foreach (var e in Stated(stores))
        {
            Define(e, false);
        }

        // All values first, then all stores: a result may stand where an operand stood.
        foreach (var store in stores)
        {
            Define(store.Value, !store.IsSum);
        }

        foreach (var store in stores.Where(s => s.IsSum))
        {
            writer.Line(sum is null
                ? $"VectorMath.AddTo({Spell(store.Value)}, {Address(store)}, low);"
                : AddTo(sum(store), store.Value));
        }

        foreach (var store in stores.Where(s => !s.IsSum))
        {
            Store(store);
        }
    }

    /// <summary>Adds to sums along the row, or looks for the largest.</summary>
    /// <param name="reductions">Each reduction, and the local of its vector.</param>
    /// <param name="held">What is left for later walks; null for nothing.</param>
    public void Reduce(IReadOnlyList<(Expr Reduction, string Local)> reductions, HeldValue? held)
    {
        foreach (var (reduction, _) in reductions)
        {
            CountUses(reduction.Arguments[0]);
        }

        if (held is not null)
        {
            CountUses(held.Value);
        }

        foreach (var (reduction, _) in reductions)
        {
            Define(reduction.Arguments[0], false);
        }

        foreach (var (reduction, local) in reductions)
        {
            var argument = reduction.Arguments[0];
            var value = vector.HasSpareLanes
                ? VectorText.Select(_lanes, Inside, Factor(argument), reduction.Op == Op.Sum ? VectorText.Zero(_lanes)
                    : VectorText.Broadcast(_lanes, "float.NegativeInfinity"))
                : Spell(argument);
            writer.Line(reduction.Op == Op.Largest ? $"{local} = {VectorText.Largest(_lanes, local, value)};"
                : vector.HasSpareLanes ? $"{local} += {value};"
                : AddTo(local, argument));
        }

        if (held is not null)
        {
            Store(new StageStore(held.Slot, held.Value));
        }
    }

    /// <summary>Where a store goes.</summary>
    public string Address(StageStore store)
    {
        var (pointer, offset) = Place(store.Target);
        return VectorText.Address(pointer, offset);
    }

    /// <summary>
    /// What a cell's equations name, but for what is only stored, in the order in which the cell states it; adjoints have none.
    /// </summary>
    private IEnumerable<Expr> Stated(IReadOnlyList<StageStore> stores)
    {
        var seen = new HashSet<Expr>();
        foreach (var store in stores)
        {
            Visit(store.Value);
        }

        return seen.Any(e => e.IsSignal(SignalKind.Adjoint)) ? []
            : seen.Where(e => stage.Names.ContainsKey(e) && e.Op != Op.Flush).OrderBy(e => e.Id);

        void Visit(Expr e)
        {
            if (seen.Add(e) && !IsLoad(e) && !e.IsOfRow)
            {
                foreach (var argument in e.Arguments)
                {
                    Visit(argument);
                }
            }
        }
    }

    private void Store(StageStore store)
    {
        var (pointer, offset) = Place(store.Target);
        var value = Spell(store.Value);
        var isCleared = vector.HasSpareLanes && stage.ClearsSpareLanes;
        if (isCleared)
        {
            value = VectorText.Select(_lanes, Inside, Factor(store.Value), VectorText.Zero(_lanes));
        }

        if (store.Accumulates)
        {
            value = $"{VectorText.Load(_lanes, pointer, offset)} + {(isCleared ? $"({value})" : value)}";
        }

        writer.Line(VectorText.Store(_lanes, value, pointer, offset));
    }

    /// <summary>Adds a value to a local, in one step where it is a product.</summary>
    private string AddTo(string local, Expr value) => IsInlineProduct(value)
        ? $"{local} = {VectorText.MultiplyAdd(_lanes, Spell(value.Arguments[0]), Spell(value.Arguments[1]), local)};"
        : $"{local} += {Spell(value)};";

    private bool IsLoad(Expr e) => stage.Loads.ContainsKey(e);

    private void CountUses(Expr e)
    {
        _uses[e] = _uses.TryGetValue(e, out var n) ? n + 1 : 1;
        if (_uses[e] == 1 && !IsLoad(e) && !e.IsOfRow)
        {
            foreach (var argument in e.Arguments)
            {
                CountUses(argument);
            }
        }
    }

    /// <summary>Gives a local to what is named or used twice, arguments first; the rest is written where it is used.</summary>
    private void Define(Expr e, bool isResult)
    {
        if (_locals.ContainsKey(e) || e.Op == Op.Constant || e.IsOfRow)
        {
            return;
        }

        if (!IsLoad(e))
        {
            foreach (var argument in e.Arguments)
            {
                Define(argument, false);
            }
        }

        var isNamed = stage.Names.TryGetValue(e, out var name);
        if (_uses[e] < 2 && (isResult ? IsOfLocals(e) : !isNamed || name!.IsOptional))
        {
            return;
        }

        if (isNamed && !IsLoad(e))
        {
            writer.Line($"// {stage.Text.Of(name!.Name, e, KnownName)}");
        }

        var local = isNamed ? name!.Name : LocalOf(e);
        writer.Line($"{VectorText.Type(_lanes)} {local} = {Spell(e)};");
        _locals.Add(e, local);
    }

    /// <summary>What an equation calls a node that stands in a local or in memory; others it spells out.</summary>
    private string? KnownName(Expr e) =>
        stage.Names.TryGetValue(e, out var name) && (IsLoad(e) || _locals.ContainsKey(e) || numbers.ContainsKey(e)) ? name.Name : null;

    /// <summary>
    /// Whether a result can wait for its store: it reads no memory, and a local of its own would hold a register until then.
    /// </summary>
    private bool IsOfLocals(Expr e) => e.Op == Op.Flush && !IsLoad(e) && _locals.ContainsKey(e.Arguments[0]);

    // A flushed adjoint is all that there is of it, and has its name.
    private string LocalOf(Expr e) => e.Op == Op.Flush && e.Arguments[0].IsSignal(SignalKind.Adjoint) && _uses[e.Arguments[0]] < 2
        ? LocalOf(e.Arguments[0])
        : e.Op != Op.Signal ? $"t{_temporaries++}" : e.Kind switch
    {
        SignalKind.InputProduct when e.Name[0] == 'x' => e.Name,
        SignalKind.InputProduct => $"x{e.Name.ToUpperInvariant()}",
        SignalKind.StepProduct => $"u{e.Name.ToUpperInvariant()}",
        SignalKind.Previous => $"{e.Name}0",
        SignalKind.Parameter => CamelName.Of(e.Name),
        SignalKind.Mask => e.Name,
        _ => AdjointOf(e),
    };

    /// <summary>
    /// What comes back from after the stage; the adjoint of a value of the same name within the stage has the shorter name.
    /// </summary>
    private string AdjointOf(Expr e)
    {
        var name = $"d{e.Name.ToUpperInvariant()}";
        return stage.Names.Values.Any(n => n.Name == name) ? $"{name}Next" : name;
    }

    private string Spell(Expr e)
    {
        if (_locals.TryGetValue(e, out var local))
        {
            return local;
        }

        if (e.IsOfRow)
        {
            return VectorText.Broadcast(_lanes, new RowNumbers(stage, numbers, row).Single(e));
        }

        if (stage.Loads.TryGetValue(e, out var slots))
        {
            return string.Join(" + ", slots.Select(Load));
        }

        var a = e.Arguments;
        if (e.Op == Op.Constant)
        {
            return VectorText.Constant(_lanes, e.Value);
        }

        if (e.Op == Op.Add)
        {
            return IsInlineProduct(a[0])
                ? VectorText.MultiplyAdd(_lanes, Spell(a[0].Arguments[0]), Spell(a[0].Arguments[1]), Spell(a[1]))
                : IsInlineProduct(a[1]) ? VectorText.MultiplyAdd(_lanes, Spell(a[1].Arguments[0]), Spell(a[1].Arguments[1]), Spell(a[0]))
                : $"{Spell(a[0])} + {Spell(a[1])}";
        }

        if (e.Op == Op.Subtract)
        {
            return a[0].IsConstant(0) ? $"-{Factor(a[1])}" : $"{Spell(a[0])} - {Factor(a[1])}";
        }

        return e.Op == Op.Multiply ? $"{Factor(a[0])} * {Factor(a[1])}" : VectorText.Function(e, accuracy, a.Select(Spell));
    }

    private string Load(StageSlot slot)
    {
        if (slot.Buffer == StageBuffer.Registers)
        {
            return register!(slot.Slot);
        }

        var (pointer, offset) = Place(slot);
        return VectorText.Load(_lanes, pointer, offset);
    }

    private bool IsInlineProduct(Expr e) => e.Op == Op.Multiply && !_locals.ContainsKey(e) && !IsLoad(e);

    /// <summary>An operand of a product: parenthesised where it is a sum or a difference.</summary>
    private string Factor(Expr e)
    {
        var text = Spell(e);
        var isSum = stage.Loads.TryGetValue(e, out var slots)
            ? slots.Count > 1
            : e.Op == Op.Subtract || (e.Op == Op.Add && !e.Arguments.Any(IsInlineProduct));
        return !_locals.ContainsKey(e) && isSum ? $"({text})" : text;
    }

    /// <summary>Block by block, a buffer's slots alternate: slot s of the block at unit u stands at slots * u + s * lanes.</summary>
    private (string Pointer, string Offset) Place(StageSlot slot)
    {
        var buffer = slot.Buffer;
        var first = vector.Unit.Times(buffer.Slots, slot.Slot * _lanes);
        if (row is not null && buffer.Stride > 0)
        {
            first = VectorText.Add($"{row} * {buffer.Stride}", first);
        }

        return (buffer.Name, first == "0" ? "" : first);
    }
}
