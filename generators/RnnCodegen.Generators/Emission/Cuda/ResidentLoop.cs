using RnnCodegen.Generators.Lowering;
using RnnCodegen.Generators.Planning.Cuda;
using Buffer = RnnCodegen.Generators.Lowering.Buffer;

namespace RnnCodegen.Generators.Emission.Cuda;

/// <summary>
/// Writes a time loop whose weights stay on chip. A thread holds its part of the weights in registers, and the newest values of its units;
/// sums of products stand in shared memory; what products read is handed to all blocks of the cluster, with one barrier.
/// </summary>
/// <param name="writer">Receives it.</param>
/// <param name="plan">The plan.</param>
/// <param name="pass">Spells places.</param>
/// <param name="threads">Threads of a block.</param>
internal sealed class ResidentLoop(SourceWriter writer, ResidentPlan plan, CudaPass pass, int threads)
{
    // Vectors that come from memory and are read at the start of a step, while products are made.
    private readonly Dictionary<(Stage Stage, OperandSlot Slot), string> _loaded = [];
    private readonly ResidentProductEmitter _products = new(writer, plan, pass, threads);
    private bool _sumsAreRead;

    private int Samples => plan.Samples;

    public void Write()
    {
        writer.Line("extern __shared__ float4 room[];");
        writer.Line("float* const shared = (float*)room;");
        writer.Line(plan.Cluster == 1 ? "const int rank = 0;" : "const int rank = cluster_rank();");
        writer.Line($"EACH(i, {plan.Cleared}) shared[i] = 0.f;");
        foreach (var product in plan.Products)
        {
            _products.WriteWeights(product);
        }

        writer.Line($"meet<{plan.Cluster}>();");
        using (writer.Block($"for (int first = part.start; first < part.start + part.count; first += {Samples})"))
        {
            writer.Line($"const int live = min({Samples}, part.start + part.count - first);");
            WriteStart();
            foreach (var (stage, slot, index) in Sums())
            {
                writer.Line($"float total{index}[{plan.Items(stage.Kernel.Stage.Size)}] = {{}};");
            }

            writer.Line($"meet<{plan.Cluster}>();");
            using (writer.Block("for (int n = 0; n < chunkSteps; n++)"))
            {
                pass.WriteStepNumbers();
                writer.Line("const int now = n & 1;");
                WriteLoads();
                _sumsAreRead = false;
                foreach (var instruction in plan.Loop.Body)
                {
                    if (instruction is Stage stage)
                    {
                        WriteStage(stage);
                    }
                    else
                    {
                        WriteProduct(plan.Products.Single(p => p.Instruction == instruction));
                    }
                }

                if (_sumsAreRead)
                {
                    writer.Line("__syncthreads();");
                }
            }

            WriteEnd();
        }
    }

    /// <summary>A loop over the items of a thread: e-th of the block's, sample s of the group, row r, unit u.</summary>
    private SourceWriter.Scope Items(int size)
    {
        var own = plan.Own(size);
        writer.Line("#pragma unroll");
        var scope = writer.Block($"for (int i = 0; i < {plan.Items(size)}; i++)");
        writer.Line($"const int e = threadIdx.x + i * {threads}, s = e / {own}, u = rank * {own} + e % {own}, r = first + s;");
        writer.Line($"if (s >= live || u >= {size}) continue;");
        return scope;
    }

    private IEnumerable<(Stage Stage, OperandSlot Slot, int Index)> Sums() => plan.Loop.Body.OfType<Stage>()
        .SelectMany(stage => stage.Kernel.Stores.Where(s => s.IsSum).Select(s => (stage, s.Target)))
        .Select((s, index) => (s.stage, s.Target, index));

    /// <summary>What a group of samples begins with: carried vectors, and operands of the step before.</summary>
    private void WriteStart()
    {
        foreach (var carried in plan.Carried)
        {
            writer.Line($"float c{carried.Index}[{plan.Items(carried.Size)}] = {{}};");
        }

        using (writer.Block(""))
        {
            writer.Line("const int n = 0;");
            pass.WriteStepNumbers();
            foreach (var carried in plan.Carried.Where(c => c.IsReadFirst))
            {
                using (Items(carried.Size))
                {
                    writer.Line($"c{carried.Index}[i] = {Memory(carried.Place, carried.Slot, carried.Size)};");
                }
            }

            foreach (var p in plan.Products.Where(p => !p.IsMadeInStep))
            {
                using (writer.Block($"EACH(i, {Samples} * {p.Terms})"))
                {
                    writer.Line($"const int s = i / {p.Terms}, k = i % {p.Terms};");
                    writer.Line($"shared[{p.OperandStart} + s * {p.PaddedTerms} + k] = s < live "
                        + $"? {pass.At(p.Operand)}[(size_t)(first + s) * {CudaPass.Width(p.Operand)} + k] : 0.f;");
                }
            }
        }
    }

    private void WriteLoads()
    {
        _loaded.Clear();
        foreach (var stage in plan.Loop.Body.OfType<Stage>())
        {
            var size = stage.Kernel.Stage.Size;
            var slots = stage.Kernel.Loads.Values.SelectMany(s => s).Distinct()
                .Where(s => !s.Operand.IsShared && IsInMemory(stage, s)).ToList();
            if (slots.Count == 0)
            {
                continue;
            }

            var first = _loaded.Count;
            foreach (var slot in slots)
            {
                writer.Line($"float x{_loaded.Count}[{plan.Items(size)}];");
                _loaded.Add((stage, slot), $"x{_loaded.Count}[i]");
            }

            using (Items(size))
            {
                if (pass.Past(stage) is { } past)
                {
                    writer.Line($"if ({past}) continue;");
                }

                for (var i = 0; i < slots.Count; i++)
                {
                    writer.Line($"x{first + i}[i] = {Memory(PlaceOf(stage, slots[i].Operand), slots[i].Slot, slots[i].Operand.Row.Size)};");
                }
            }
        }
    }

    private bool IsInMemory(Stage stage, OperandSlot slot)
    {
        var buffer = PlaceOf(stage, slot.Operand).Buffer;
        return plan.CarriedOf(buffer, slot.Slot) is null
            && plan.ProductsInto(buffer, slot.Slot).All(p => ((Multiply)p.Product.Instruction).Adds);
    }

    private void WriteProduct(ResidentProduct p)
    {
        _products.Write(p);
        writer.Line("__syncthreads();");
        _sumsAreRead = false;
        if (p.Instruction is MultiplyBack back)
        {
            var carried = plan.CarriedOf(back.In.Buffer, 0)!;
            using (Items(p.Units))
            {
                writer.Line($"c{carried.Index}[i] {(back.Adds ? "+=" : "=")} {_products.SumOf(p, 0)};");
            }

            _sumsAreRead = true;
        }
    }

    private void WriteStage(Stage stage)
    {
        var size = stage.Kernel.Stage.Size;
        using (Items(size))
        {
            if (pass.Past(stage) is { } past)
            {
                using (writer.Block($"if ({past})"))
                {
                    foreach (var (from, to) in stage.Kernel.Kept)
                    {
                        Put(stage, new(to, 0), Load(stage, new(from, 0)), adds: false);
                    }

                    foreach (var operand in stage.Kernel.Cleared)
                    {
                        for (var slot = 0; slot < operand.Row.Parts; slot++)
                        {
                            Put(stage, new(operand, slot), "0.f", adds: false);
                        }
                    }

                    writer.Line("continue;");
                }
            }

            var equations = new CudaEquations(writer, stage.Kernel, slot => Load(stage, slot));
            foreach (var (_, slot, index) in Sums().Where(s => s.Stage == stage))
            {
                writer.Line($"total{index}[i] += {equations.Value(stage.Kernel.Stores.Single(s => s.IsSum && s.Target == slot).Value)};");
            }

            var stores = stage.Kernel.Stores.Where(s => !s.IsSum).ToList();
            var values = stores.Select(s => equations.Value(s.Value)).ToList();
            for (var i = 0; i < stores.Count; i++)
            {
                Put(stage, stores[i].Target, values[i], stores[i].Accumulates);
            }
        }

        // The sums of the products before it were read, and what products read next is written.
        _sumsAreRead |= stage.Kernel.Loads.Values.SelectMany(s => s)
            .Any(s => plan.ProductsInto(PlaceOf(stage, s.Operand).Buffer, s.Slot).Any());
        if (stage.Kernel.Stores.Any(s => !s.IsSum && Readers(stage, s.Target).Any()))
        {
            writer.Line($"meet<{plan.Cluster}>();");
            _sumsAreRead = false;
        }
    }

    private string Load(Stage stage, OperandSlot slot)
    {
        var place = PlaceOf(stage, slot.Operand);
        if (slot.Operand.IsShared)
        {
            return $"{pass.At(place)}[{Column(slot)}]";
        }

        if (plan.CarriedOf(place.Buffer, slot.Slot) is { } carried)
        {
            return $"c{carried.Index}[i]";
        }

        var parts = plan.ProductsInto(place.Buffer, slot.Slot).Select(p => _products.SumOf(p.Product, p.Group)).ToList();
        if (_loaded.TryGetValue((stage, slot), out var loaded))
        {
            parts.Insert(0, loaded);
        }

        return parts.Count == 0 ? Memory(place, slot.Slot, slot.Operand.Row.Size) : string.Join(" + ", parts);
    }

    /// <summary>Writes a vector's value: to the register that carries it, to memory, and to all blocks whose products read it.</summary>
    private void Put(Stage stage, OperandSlot slot, string value, bool adds)
    {
        var place = PlaceOf(stage, slot.Operand);
        var carried = plan.CarriedOf(place.Buffer, slot.Slot);
        if (carried is not null)
        {
            writer.Line($"c{carried.Index}[i] {(adds ? "+=" : "=")} {value};");
            value = $"c{carried.Index}[i]";
        }

        if (carried is null || !IsOfSample(place.Buffer))
        {
            writer.Line($"{Memory(place, slot.Slot, slot.Operand.Row.Size)} {(adds && carried is null ? "+=" : "=")} {value};");
        }

        foreach (var (product, column) in Readers(stage, slot))
        {
            var turn = product.IsMadeInStep ? "now" : "(now ^ 1)";
            writer.Line($"put<{plan.Cluster}>(shared + {product.OperandStart} + ({turn} * {Samples} + s) * {product.PaddedTerms} "
                + $"+ {column} + u, {value});");
        }
    }

    /// <summary>The products that read a vector, and where in their operand it stands.</summary>
    private IEnumerable<(ResidentProduct Product, int Column)> Readers(Stage stage, OperandSlot slot)
    {
        var place = PlaceOf(stage, slot.Operand);
        var column = place.Column + (slot.Slot * slot.Operand.Row.Size);
        return plan.Products.Where(p => p.Operand.Buffer == place.Buffer && column >= p.Operand.Column
            && column < p.Operand.Column + p.Terms).Select(p => (p, column - p.Operand.Column));
    }

    private void WriteEnd()
    {
        foreach (var carried in plan.Carried.Where(c => IsOfSample(c.Buffer)
            && c.Buffer.Role is BufferRole.State or BufferRole.StateGradient))
        {
            using (Items(carried.Size))
            {
                writer.Line($"{Memory(new(carried.Buffer), carried.Slot, carried.Size)} = c{carried.Index}[i];");
            }
        }

        foreach (var (stage, slot, index) in Sums())
        {
            var size = stage.Kernel.Stage.Size;
            var own = plan.Own(size);
            writer.Line("__syncthreads();");
            using (Items(size))
            {
                writer.Line($"shared[{plan.TotalStart} + e] = total{index}[i];");
            }

            writer.Line("__syncthreads();");
            using (writer.Block($"EACH(j, {own})"))
            {
                writer.Line($"const int u = rank * {own} + j;");
                writer.Line($"if (u >= {size}) continue;");
                writer.Line("float sum = 0.f;");
                writer.Line($"for (int s = 0; s < live; s++) sum += shared[{plan.TotalStart} + s * {own} + j];");
                writer.Line($"{pass.At(PlaceOf(stage, slot.Operand))}[{Column(slot)}] += sum;");
            }
        }
    }

    private static bool IsOfSample(Buffer buffer) => buffer.Rows == RowsPer.Sample;

    private string Memory(Place place, int slot, int size) =>
        $"{pass.At(place)}[(size_t)r * {CudaPass.Width(place)} + {(slot == 0 ? "u" : $"{slot * size} + u")}]";

    private static string Column(OperandSlot slot) => slot.Slot == 0 ? "u" : $"{slot.Slot * slot.Operand.Row.Size} + u";

    private static Place PlaceOf(Stage stage, Operand operand) => stage.Places[stage.Kernel.Operands.ToList().IndexOf(operand)];
}
