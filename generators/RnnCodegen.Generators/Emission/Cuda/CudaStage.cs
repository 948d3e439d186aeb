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

                    var body = Body();
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
                Store(Body(), stores);
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
            var body = Body();
            body.Walks(stores.Select(store => store.Value));
            var ofRow = stores.Where(store => IsOfRow(store.Target)).ToList();
            var ofUnits = stores.Except(ofRow).ToList();
            if (ofUnits.Count > 0)
            {
                using (writer.Block($"for (int u = 0; u < {_size}; u++)"))
                {
                    Store(new CudaEquations(body), ofUnits);
                }
            }

            Store(body, ofRow);
        }
    }

    private CudaEquations Body() => new(writer, _kernel, At);

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
    private void Store(CudaEquations body, IReadOnlyList<KernelStore> stores)
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
}
