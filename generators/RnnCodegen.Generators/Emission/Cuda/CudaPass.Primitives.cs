using RnnCodegen.Generators.Graph;
using RnnCodegen.Generators.Lowering;
using RnnCodegen.Generators.Specs;

namespace RnnCodegen.Generators.Emission.Cuda;

/// <content>What no cell states as equations.</content>
internal sealed partial class CudaPass
{
    private void WritePrimitive(Instruction instruction)
    {
        switch (instruction)
        {
            case Lookup l:
                writer.Line($"const float* const table = {At(l.Table)};");
                EachOf(l.Rows, l.Width, l.Out, $"to = table[call.tokens[r] * {l.Width} + k];");
                break;
            case LookupColumn l:
                writer.Line($"const float* const table = {At(l.Table)}, * const ids = {At(l.Ids)};");
                EachOf(l.Rows, l.Width, l.Out, $"to = table[(int)ids[(size_t)r * {Width(l.Ids)}] * {l.Width} + k];");
                break;
            case AddLookupGradient a:
                writer.Line($"const float* const d = {At(a.Out)};");
                if (a.Ids is { } column)
                {
                    writer.Line($"const float* const ids = {At(column)};");
                }

                using (writer.Block($"EACH(k, {a.Width})"))
                {
                    using (writer.Block("for (int q = 0; q < call.steps * part.count; q++)"))
                    {
                        writer.Line("const int r = part.at(q);");
                        var id = a.Ids is { } place ? $"(int)ids[(size_t)r * {Width(place)}]" : "call.tokens[r]";
                        writer.Line(
                            $"gradients[{offsetOf(a.Table)} + {id} * {a.Width} + k] += d[(size_t)r * {Width(a.Out)} + k];");
                    }
                }

                break;
            case FillMask f:
                EachOf(f.Rows, f.Width, f.Mask,
                    "const unsigned long long whole = part.batch + call.samplesElsewhere, row = r / part.batch * whole + r % part.batch + "
                    + $"call.samplesBefore; to = call.isTraining ? kept(call, {f.Stream}, {CudaEquations.Literal(f.Probability)}, "
                    + $"row * {Planning.Machine.Stride(f.Width)} + k) : 1.f;");
                break;
            case ReverseSteps r:
                writer.Line($"const float* const source = {At(r.From)};");
                EachOf(r.Rows, r.Width, r.To,
                    $"const int sample = r % part.batch, other = {Valid(r.Rows, "sample")} - 1 - r / part.batch; "
                    + $"const float from = other < 0 ? 0.f : source[(size_t)(other * part.batch + sample) * {Width(r.From)} + k]; "
                    + (r.Adds ? "to += from;" : "to = from;"));
                break;
            case GatherWindows g:
                WriteGather(g);
                break;
            case ScatterWindows s:
                WriteScatter(s);
                break;
            case CarryWindows c:
                WriteCarry(c.Window, c.In, c.InRows, c.History, isBack: false);
                break;
            case CarryWindowsBack c:
                WriteCarry(c.Window, c.InGradient, c.InRows, c.HistoryGradient, isBack: true);
                break;
            case GatherInRows g:
                WriteGather(g);
                break;
            case ScatterInRows s:
                WriteScatter(s);
                break;
            case JoinWindows j:
                writer.Line($"const float* const in = {At(j.In)};");
                EachOf(j.Rows, j.Filters * j.Windows, j.Out,
                    $"to = in[(size_t){WindowOf(j.Windows, $"k % {j.Windows}")} * {Width(j.In)} + k / {j.Windows}];");
                break;
            case SplitWindows s:
                writer.Line($"const float* const d = {At(s.OutGradient)};");
                EachOf(s.Rows.Each(s.Windows), s.Filters, s.InGradient,
                    $"to = d[(size_t){RowOfWindow(s.Windows)} * {Width(s.OutGradient)} + k * {s.Windows} + r / part.batch % {s.Windows}];");
                break;
            case PoolWindows p:
                writer.Line($"const float* const in = {At(p.In)};");
                EachOf(p.Rows, p.Width, p.Out,
                    $"const float* const seen = in + (size_t)r * {Width(p.In)} + k * {p.Size}; float value = seen[0]; "
                    + $"for (int j = 1; j < {p.Size}; j++) value = "
                    + (p.Pooling == PoolingKind.Max ? "fmaxf(value, seen[j]);" : "value + seen[j];")
                    + (p.Pooling == PoolingKind.Max ? " to = value;" : $" to = value / {p.Size};"));
                break;
            case PoolWindowsBack p:
                writer.Line($"const float* const in = {At(p.In)}; float* const dIn = {At(p.InGradient)};");
                EachOf(p.Rows, p.Width, p.OutGradient,
                    $"const float* const seen = in + (size_t)r * {Width(p.In)} + k * {p.Size}; "
                    + $"float* const d = dIn + (size_t)r * {Width(p.InGradient)} + k * {p.Size}; int most = 0; "
                    + $"for (int j = 1; j < {p.Size}; j++) most = seen[j] > seen[most] ? j : most; "
                    + $"for (int j = 0; j < {p.Size}; j++) d[j] = "
                    + (p.Pooling == PoolingKind.Max ? "j == most ? to : 0.f;" : $"to / {p.Size};"));
                break;
            case PoolSteps p:
                WritePool(p);
                break;
            case FinishPool p:
                writer.Line($"const float* const state = {At(p.State)};");
                EachOf(p.Rows, p.Width, p.Out,
                    $"const float* const s = state + (size_t)r * {Width(p.State)}; to = s[{p.Width}] == 0.f ? 0.f : "
                    + (p.Pooling == SequencePoolingKind.Max ? "s[k];" : $"s[k] / s[{p.Width}];"));
                break;
            case PoolStepsBack p:
                WritePoolBack(p);
                break;
            case Attend a:
                WriteAttend(a);
                break;
            case AttendBack a:
                WriteAttendBack(a);
                break;
            case AttendKeysBack a:
                WriteKeysBack(a);
                break;
            default:
                throw new InvalidOperationException($"{instruction.GetType().Name} has no device code.");
        }
    }
}
