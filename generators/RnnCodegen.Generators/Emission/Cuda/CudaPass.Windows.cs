using RnnCodegen.Generators.Graph;
using RnnCodegen.Generators.Lowering;
using RnnCodegen.Generators.Specs;

namespace RnnCodegen.Generators.Emission.Cuda;

/// <content>Windows over steps, and pools of all steps.</content>
internal sealed partial class CudaPass
{
    // The windows inside a row are steps of their own: each has a row a sample.
    private static string WindowOf(int windows, string window) =>
        $"((r / part.batch * {windows} + {window}) * part.batch + r % part.batch)";

    /// <summary>The row that window r is inside of.</summary>
    private static string RowOfWindow(int windows) => $"(r / part.batch / {windows} * part.batch + r % part.batch)";

    private void WriteGather(GatherInRows g)
    {
        var w = g.Window;
        writer.Line($"const float* const in = {At(g.In)};");
        EachOf(g.Rows.Each(w.Positions), w.Terms, g.Out,
            $"int seen = r / part.batch % {w.Positions} * {w.Stride} + k % {w.Size} * {w.Dilation} - {w.PadLeft}; "
            + (w.Mirrors ? $"seen = seen < 0 ? -seen : seen < {w.Length} ? seen : {2 * (w.Length - 1)} - seen; " : "")
            + $"to = seen < 0 || seen >= {w.Length} ? 0.f : "
            + $"in[(size_t){RowOfWindow(w.Positions)} * {Width(g.In)} + k / {w.Size} * {w.Length} + seen];");
    }

    private void WriteScatter(ScatterInRows s)
    {
        var w = s.Window;
        writer.Line($"const float* const out = {At(s.OutGradient)};");
        writer.Line($"float* const target = {At(s.InGradient)};");
        using (writer.Block($"EACH(i, {Count(s.Rows)} * {w.Channels * w.Length})"))
        {
            writer.Line($"const int r = part.at(i / {w.Channels * w.Length}), k = i % {w.Channels * w.Length}, place = k % {w.Length};");
            writer.Line($"float sum = target[(size_t)r * {Width(s.InGradient)} + k];");
            using (writer.Block($"for (int p = 0; p < {w.Positions}; p++)"))
            {
                writer.Line($"const float* const d = out + (size_t){WindowOf(w.Positions, "p")} * {Width(s.OutGradient)} + "
                    + $"k / {w.Length} * {w.Size};");
                WriteSeen("place");
                if (w.Mirrors)
                {
                    WriteSeen("-place", "place > 0 && ");
                    WriteSeen($"{2 * (w.Length - 1)} - place", $"place < {w.Length - 1} && ");
                }
            }

            writer.Line($"target[(size_t)r * {Width(s.InGradient)} + k] = sum;");
        }

        void WriteSeen(string place, string condition = "")
        {
            var first = $"{place} + {w.PadLeft} - p * {w.Stride}";
            writer.Line($"if ({condition}{first} >= 0 && ({first}) % {w.Dilation} == 0 && ({first}) / {w.Dilation} < {w.Size}) "
                + $"sum += d[({first}) / {w.Dilation}];");
        }
    }

    private void WriteGather(GatherWindows g)
    {
        var (w, width) = (g.Window.Window, g.Window.Input.Width);
        writer.Line($"const float* const in = {At(g.In)};");
        if (g.History is { } history)
        {
            writer.Line($"const float* const history = {At(history)};");
        }

        EachOf(g.OutRows, width * w.Size, g.Out,
            $"const int sample = r % part.batch, feature = k / {w.Size}, "
            + $"seen = r / part.batch * {w.Stride} + k % {w.Size} * {w.Dilation} - {w.PadLeft}; "
            + (g.History is { } h
                ? $"to = seen < 0 ? history[(size_t)sample * {Width(h)} + (seen + {w.PadLeft}) * {width} + feature] : "
                : "to = seen < 0 ? 0.f : ")
            + $"seen < {Valid(g.InRows, "sample")} ? in[((size_t)seen * part.batch + sample) * {Width(g.In)} + feature] : 0.f;");
    }

    private void WriteScatter(ScatterWindows s)
    {
        var (w, width) = (s.Window.Window, s.Window.Input.Width);
        writer.Line($"const float* const out = {At(s.OutGradient)};");
        DeclareSeenBy(s);
        EachOf(s.InRows, width, s.InGradient,
            $"const int sample = r % part.batch, seen = r / part.batch; "
            + $"if (seen < {Valid(s.InRows, "sample")}) to += seenBy(seen, sample, k);");
        if (s.HistoryGradient is { } history)
        {
            using (writer.Block(""))
            {
                EachOf(new Rows(RowsKind.Samples), w.PadLeft * width, history,
                    $"const int sample = r; to += seenBy(k / {width} - {w.PadLeft}, sample, k % {width});");
            }
        }
    }

    /// <summary>Declares what a step's value gets back from all windows that see it.</summary>
    private void DeclareSeenBy(ScatterWindows s)
    {
        var w = s.Window.Window;
        using (writer.Block("auto seenBy = [&](int seen, int sample, int feature)", "};"))
        {
            writer.Line("float sum = 0.f;");
            using (writer.Block($"for (int j = 0; j < {w.Size}; j++)"))
            {
                writer.Line($"const int first = seen + {w.PadLeft} - j * {w.Dilation}, t = first / {w.Stride};");
                writer.Line($"if (first >= 0 && first % {w.Stride} == 0 && t < {Valid(s.OutRows, "sample")})");
                writer.Line($"    sum += out[((size_t)t * part.batch + sample) * {Width(s.OutGradient)} + feature * {w.Size} + j];");
            }

            writer.Line("return sum;");
        }
    }

    // A thread moves one feature of a sample, so that no row is overwritten before it was read.
    private void WriteCarry(WindowNode node, Place x, Rows rows, Place history, bool isBack)
    {
        var (left, width) = (node.Window.PadLeft, node.Input.Width);
        writer.Line($"float* const x = {At(x)}, * const history = {At(history)};");
        using (writer.Block($"EACH(i, part.count * {width})"))
        {
            writer.Line($"const int sample = part.start + i / {width}, k = i % {width}, valid = {Valid(rows, "sample")};");
            writer.Line("if (valid == 0) continue;");
            using (writer.Block($"for (int n = 0; n < {left}; n++)"))
            {
                writer.Line($"const int row = {(isBack ? $"{left - 1} - n" : "n")}, step = valid - {left} + row;");
                writer.Line($"float& kept = history[(size_t)sample * {Width(history)} + row * {width} + k];");
                writer.Line($"float& seen = step < 0 ? history[(size_t)sample * {Width(history)} + (row + valid) * {width} + k]");
                writer.Line($"    : x[((size_t)step * part.batch + sample) * {Width(x)} + k];");
                writer.Line(isBack ? "const float d = kept; kept = 0.f; seen += d;" : "kept = seen;");
            }
        }
    }

    private void WritePool(PoolSteps p)
    {
        var (w, isMax) = (p.Width, p.Pooling == SequencePoolingKind.Max);
        writer.Line($"const float* const in = {At(p.In)}; float* const states = {At(p.State)};");
        using (writer.Block("EACH(q, part.count)"))
        {
            writer.Line("const int sample = part.start + q;");
            writer.Line($"float* const state = states + (size_t)sample * {Width(p.State)};");
            using (writer.Block($"for (int t = 0; t < {Valid(p.Rows, "sample")}; t++)"))
            {
                writer.Line($"const float* const x = in + ((size_t)t * part.batch + sample) * {Width(p.In)};");
                writer.Line($"const bool isFirst = state[{w}] == 0.f;");
                if (isMax)
                {
                    writer.Line($"for (int k = 0; k < {w}; k++) state[k] = isFirst ? x[k] : fmaxf(state[k], x[k]);");
                    writer.Line($"state[{w}] = 1.f;");
                }
                else
                {
                    WriteScore(p.Weights, w);
                    writer.Line($"const float top = isFirst ? score : fmaxf(score, state[{w + 1}]);");
                    writer.Line($"const float old = isFirst ? 0.f : expf(state[{w + 1}] - top), share = expf(score - top);");
                    writer.Line($"for (int k = 0; k < {w}; k++) state[k] = (isFirst ? 0.f : state[k] * old) + share * x[k];");
                    writer.Line($"state[{w}] = (isFirst ? 0.f : state[{w}] * old) + share;");
                    writer.Line($"state[{w + 1}] = top;");
                }
            }
        }
    }

    private void WriteScore(Place? weights, int width)
    {
        writer.Line("float score = 0.f;");
        if (weights is { } place)
        {
            writer.Line($"for (int k = 0; k < {width}; k++) score += {At(place)}[k] * x[k];");
        }
    }

    private void WritePoolBack(PoolStepsBack p)
    {
        var w = p.Width;
        writer.Line($"const float* const in = {At(p.In)}, * const states = {At(p.State)}, * const outs = {At(p.Out)};");
        writer.Line($"const float* const dOuts = {At(p.OutGradient)}; float* const dIn = {At(p.InGradient)};");
        using (writer.Block($"EACH(i, part.count * {w})"))
        {
            writer.Line($"const int sample = part.start + i / {w}, k = i % {w};");
            Start(p, "sample");
            writer.Line("bool isGiven = false;");
            using (writer.Block($"for (int t = 0; t < {Valid(p.Rows, "sample")}; t++)"))
            {
                writer.Line("const size_t r = (size_t)t * part.batch + sample;");
                writer.Line($"const float* const x = in + r * {Width(p.In)};");
                writer.Line($"float& d = dIn[r * {Width(p.InGradient)} + k];");
                if (p.Pooling == SequencePoolingKind.Max)
                {
                    writer.Line("if (!isGiven && x[k] == state[k]) { d += dOut[k]; isGiven = true; }");
                }
                else
                {
                    WriteShare(p);
                    writer.Line("d += share * dOut[k];");
                    if (p.Weights is { } weights)
                    {
                        writer.Line($"d += dScore * {At(weights)}[k];");
                    }
                }
            }
        }

        if (p.WeightsGradient is not { } gradient)
        {
            return;
        }

        writer.Line("__syncthreads();");
        using (writer.Block($"EACH(k, {w})"))
        {
            writer.Line("float sum = 0.f;");
            using (writer.Block("for (int q = 0; q < part.count; q++)"))
            {
                writer.Line("const int sample = part.start + q;");
                Start(p, "sample");
                using (writer.Block($"for (int t = 0; t < {Valid(p.Rows, "sample")}; t++)"))
                {
                    writer.Line($"const float* const x = in + ((size_t)t * part.batch + sample) * {Width(p.In)};");
                    WriteShare(p);
                    writer.Line("sum += dScore * x[k];");
                }
            }

            writer.Line($"{At(gradient)}[k] += sum;");
        }
    }

    private void Start(PoolStepsBack p, string sample)
    {
        writer.Line($"const float* const state = states + (size_t){sample} * {Width(p.State)};");
        writer.Line($"const float* const out = outs + (size_t){sample} * {Width(p.Out)};");
        writer.Line($"const float* const dOut = dOuts + (size_t){sample} * {Width(p.OutGradient)};");
    }

    // A step's share of the mean, and the gradient of its score.
    private void WriteShare(PoolStepsBack p)
    {
        var w = p.Width;
        WriteScore(p.Weights, w);
        writer.Line(p.Weights is null
            ? $"const float share = 1.f / state[{w}];"
            : $"const float share = expf(score - state[{w + 1}]) / state[{w}];");
        if (p.Weights is not null)
        {
            writer.Line("float dScore = 0.f;");
            writer.Line($"for (int j = 0; j < {w}; j++) dScore += dOut[j] * (x[j] - out[j]);");
            writer.Line("dScore *= share;");
        }
    }
}
