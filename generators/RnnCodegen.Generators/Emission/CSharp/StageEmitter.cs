using RnnCodegen.Generators.Graph;
using RnnCodegen.Generators.Planning;
using RnnCodegen.Generators.Specs;

namespace RnnCodegen.Generators.Emission.CSharp;

/// <summary>Writes a pointwise stage: a method that walks the samples, and in each the units, vector by vector.</summary>
internal sealed class StageEmitter(SourceWriter writer, ActivationAccuracyKind accuracy)
{
    public void Write(StagePlan stage)
    {
        writer.Line();
        writer.Line($"/// <summary>{stage.Summary}</summary>");
        var parameters = stage.Buffers.Select(b => $"float* {b.Name}").Append("nint rows");
        if (stage.ObeysLengths)
        {
            parameters = parameters.Append("int* lengths").Append("int t");
        }

        if (stage.HasSums)
        {
            parameters = parameters.Append("nint low");
        }

        using (writer.Method($"internal static void {stage.Name}({string.Join(", ", parameters)})"))
        using (writer.Block("for (nint b = 0; b < rows; b++)"))
        {
            WriteSkip(stage);
            var blocks = stage.Blocks;
            if (blocks.Full > blocks.Lanes)
            {
                using (writer.Block($"for (nint u = 0; u < {blocks.Full}; u += {blocks.Lanes})"))
                {
                    new Body(writer, accuracy, stage, blocks.Lanes, Index.Of("u")).Write();
                }
            }
            else if (blocks.Full > 0)
            {
                WriteBlock(stage, blocks.Lanes, 0, blocks.Tail > 0);
            }

            if (blocks.Tail > 0)
            {
                writer.Line();
                WriteBlock(stage, blocks.Tail, blocks.Full, blocks.Full > 0);
            }

            writer.Line();
            Advance(stage);
        }
    }

    /// <summary>The equations of one vector of units, at the pointers' first floats, whose sums stand in registers.</summary>
    /// <param name="stage">The equations.</param>
    /// <param name="lanes">Units of the vector.</param>
    /// <param name="register">The local that holds each sum.</param>
    public void WriteEquations(StagePlan stage, int lanes, Func<int, string> register) =>
        new Body(writer, accuracy, stage, lanes, Index.At(0), register).Write();

    private void WriteBlock(StagePlan stage, int lanes, int unit, bool ownScope)
    {
        if (ownScope)
        {
            using (writer.Block($"// units {unit} to {unit + lanes - 1}"))
            {
                new Body(writer, accuracy, stage, lanes, Index.At(unit)).Write();
            }
        }
        else
        {
            new Body(writer, accuracy, stage, lanes, Index.At(unit)).Write();
        }
    }

    /// <summary>On a row past its sample's length, states stay, and what others will read is zero.</summary>
    private void WriteSkip(StagePlan stage)
    {
        if (!stage.ObeysLengths)
        {
            return;
        }

        using (writer.Block("if (lengths != null && t >= lengths[b])"))
        {
            foreach (var (from, to) in stage.Kept)
            {
                writer.Line($"RowOps.Copy({from.Name}, {from.Stride}, {to.Name}, {to.Stride}, 1, {from.Stride});");
            }

            foreach (var buffer in stage.Cleared)
            {
                writer.Line(
                    $"RowOps.Clear({buffer.Name}, {buffer.Stride}, 1, {(buffer.Name == "output" ? stage.Blocks.Padded : buffer.Stride)});");
            }

            Advance(stage);
            writer.Line("continue;");
        }

        writer.Line();
    }

    private void Advance(StagePlan stage)
    {
        foreach (var buffer in stage.Buffers.Where(b => b.Stride > 0))
        {
            writer.Line($"{buffer.Name} = &{buffer.Name}[{buffer.Stride}];");
        }
    }

    /// <summary>The equations of one vector of units.</summary>
    private sealed class Body(
        SourceWriter writer, ActivationAccuracyKind accuracy, StagePlan stage, int lanes, Index unit, Func<int, string>? register = null)
    {
        private readonly Dictionary<Expr, string> _locals = [];
        private readonly Dictionary<Expr, int> _uses = [];
        private int _temporaries;

        public void Write()
        {
            foreach (var store in stage.Stores)
            {
                CountUses(store.Value);
            }

            // All values first, then all stores: a result may stand where an operand stood.
            foreach (var store in stage.Stores)
            {
                Define(store.Value, true);
            }

            foreach (var store in stage.Stores)
            {
                var (pointer, offset) = Place(store.Target);
                var value = Spell(store.Value);
                if (store.IsSum)
                {
                    writer.Line($"VectorMath.AddTo({value}, {VectorText.Address(pointer, offset)}, low);");
                    continue;
                }

                if (store.Accumulates)
                {
                    value = $"{VectorText.Load(lanes, pointer, offset)} + {value}";
                }

                writer.Line(VectorText.Store(lanes, value, pointer, offset));
            }
        }

        private bool IsLoad(Expr e) => stage.Loads.ContainsKey(e);

        private void CountUses(Expr e)
        {
            _uses[e] = _uses.TryGetValue(e, out var n) ? n + 1 : 1;
            if (_uses[e] == 1 && !IsLoad(e))
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
            if (_locals.ContainsKey(e) || e.Op == Op.Constant)
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
            writer.Line($"{VectorText.Type(lanes)} {local} = {Spell(e)};");
            _locals.Add(e, local);
        }

        /// <summary>What an equation calls a node that stands in a local or in memory; others it spells out.</summary>
        private string? KnownName(Expr e) => stage.Names.TryGetValue(e, out var name) && (IsLoad(e) || _locals.ContainsKey(e))
            ? name.Name
            : null;

        /// <summary>
        /// Whether a result can wait for its store: it reads no memory, and a local of its own would hold a register until then.
        /// </summary>
        private bool IsOfLocals(Expr e) => e.Op == Op.Flush && !IsLoad(e) && _locals.ContainsKey(e.Arguments[0]);

        // A flushed adjoint is all that there is of it, and has its name.
        private string LocalOf(Expr e) => e.Op == Op.Flush && e.Arguments[0].IsSignal(SignalKind.Adjoint) && _uses[e.Arguments[0]] < 2
            ? LocalOf(e.Arguments[0])
            : e.Op != Op.Signal ? $"t{_temporaries++}" : e.Kind switch
        {
            SignalKind.InputProduct => $"x{e.Name.ToUpperInvariant()}",
            SignalKind.StepProduct => $"u{e.Name.ToUpperInvariant()}",
            SignalKind.Previous => $"{e.Name}0",
            SignalKind.Parameter => $"w{e.Name.ToUpperInvariant()}",
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

            if (stage.Loads.TryGetValue(e, out var slots))
            {
                return string.Join(" + ", slots.Select(Load));
            }

            var a = e.Arguments;
            if (e.Op == Op.Constant)
            {
                return VectorText.Constant(lanes, e.Value);
            }

            if (e.Op == Op.Add)
            {
                return IsInlineProduct(a[0])
                    ? VectorText.MultiplyAdd(lanes, Spell(a[0].Arguments[0]), Spell(a[0].Arguments[1]), Spell(a[1]))
                    : IsInlineProduct(a[1]) ? VectorText.MultiplyAdd(lanes, Spell(a[1].Arguments[0]), Spell(a[1].Arguments[1]), Spell(a[0]))
                    : $"{Spell(a[0])} + {Spell(a[1])}";
            }

            if (e.Op == Op.Subtract)
            {
                return a[0].IsConstant(0) ? $"-{Factor(a[1])}" : $"{Spell(a[0])} - {Factor(a[1])}";
            }

            return e.Op == Op.Multiply ? $"{Factor(a[0])} * {Factor(a[1])}" : VectorText.Function(e, accuracy, Spell(a[0]));
        }

        private string Load(StageSlot slot)
        {
            if (slot.Buffer == StageBuffer.Registers)
            {
                return register!(slot.Slot);
            }

            var (pointer, offset) = Place(slot);
            return VectorText.Load(lanes, pointer, offset);
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
            var first = unit.Times(buffer.Slots, slot.Slot * lanes);
            return (buffer.Name, first == "0" ? "" : first);
        }
    }
}
