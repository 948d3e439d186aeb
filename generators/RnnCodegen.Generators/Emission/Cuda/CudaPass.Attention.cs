using RnnCodegen.Generators.Graph;
using RnnCodegen.Generators.Lowering;
using RnnCodegen.Generators.Specs;

namespace RnnCodegen.Generators.Emission.Cuda;

/// <content>Attention to the rows of a memory [S, B, M].</content>
internal sealed partial class CudaPass
{
    /// <summary>Makes the keys of this block's samples.</summary>
    public void WriteKeys()
    {
        foreach (var node in plan.Attentions.Where(node => node.KeyWeight is not null))
        {
            var (width, memory) = (node.KeyWidth, node.Spec.Memory);
            using (writer.Block(""))
            {
                writer.Line($"const float* const weight = call.parameters + {offsetOf($"{node.Name}.{node.KeyWeight}")};");
                using (writer.Block($"EACH(i, call.memorySteps * part.count * {width})"))
                {
                    writer.Line($"const size_t row = part.at(i / {width}), u = i % {width};");
                    writer.Line("float sum = 0.f;");
                    writer.Line($"for (int k = 0; k < {memory}; k++) sum += weight[u * {memory} + k] * call.memory[row * {memory} + k];");
                    writer.Line($"{Keys(node)}[row * {width} + u] = sum;");
                }
            }

            writer.Line("__syncthreads();");
        }
    }

    private string Keys(AttentionNode node) =>
        node.KeyWeight is null ? "call.memory" : $"call.keys[{IndexOf(node)}]";

    private string KeyGradients(AttentionNode node) =>
        node.KeyWeight is null ? "call.memoryGradient" : $"call.keyGradients[{IndexOf(node)}]";

    private int IndexOf(AttentionNode node) => plan.Attentions.ToList().IndexOf(node);

    /// <summary>Declares the score of a row of the memory.</summary>
    private void DeclareScore(AttentionNode node, Place query, Place? scoreWeight, Rows rows)
    {
        var width = node.KeyWidth;
        writer.Line($"const float* const queries = {At(query)};");
        if (scoreWeight is { } place)
        {
            writer.Line($"const float* const scoreWeight = {At(place)};");
        }

        using (writer.Block("auto score = [&](size_t r, int s)", "};"))
        {
            writer.Line($"const float* const query = queries + r * {Width(query)};");
            writer.Line($"const float* const key = {Keys(node)} + ((size_t)s * part.batch + r % part.batch) * {width};");
            writer.Line("float sum = 0.f;");
            writer.Line($"for (int u = 0; u < {width}; u++) sum += "
                + (scoreWeight is null ? "query[u] * key[u];" : "scoreWeight[u] * tanhf(query[u] + key[u]);"));
            writer.Line(node.Spec.Score == AttentionScoreKind.ScaledDot ? $"return sum / sqrtf({width}.f);" : "return sum;");
        }

        using (writer.Block("auto rowsSeenBy = [&](size_t r)", "};"))
        {
            writer.Line("const int sample = r % part.batch;");
            writer.Line($"if ((int)(r / part.batch) >= {Valid(rows, "sample")}) return 0;");
            writer.Line("return call.memoryLengths ? call.memoryLengths[sample] : call.memorySteps;");
        }
    }

    private void WriteAttend(Attend a)
    {
        var memory = a.Node.Spec.Memory;
        DeclareScore(a.Node, a.Query, a.ScoreWeight, a.Rows);
        writer.Line($"float* const out = {At(a.Out)};");
        using (writer.Block($"EACH(q, {Count(a.Rows)})"))
        {
            writer.Line("const size_t r = part.at(q);");
            writer.Line("const int seen = rowsSeenBy(r);");
            writer.Line("float most = -INFINITY, sum = 0.f;");
            writer.Line("for (int s = 0; s < seen; s++) most = fmaxf(most, score(r, s));");
            writer.Line("for (int s = 0; s < seen; s++) sum += expf(score(r, s) - most);");
            writer.Line($"float* const y = out + r * {Width(a.Out)};");
            writer.Line($"for (int k = 0; k < {memory}; k++) y[k] = 0.f;");
            using (writer.Block("for (int s = 0; s < seen; s++)"))
            {
                writer.Line("const float share = expf(score(r, s) - most) / sum;");
                writer.Line($"const float* const m = call.memory + ((size_t)s * part.batch + r % part.batch) * {memory};");
                writer.Line($"for (int k = 0; k < {memory}; k++) y[k] += share * m[k];");
            }

            if (a.Statistics is { } statistics)
            {
                writer.Line($"float* const kept = {At(statistics)} + r * {Width(statistics)};");
                writer.Line("kept[0] = most; kept[1] = sum;");
            }

            // Run tells of no weights.
            if (IsStep || a.Statistics is not null)
            {
                using (writer.Block("if (call.attention)"))
                {
                    var first = $"(size_t){IndexOf(a.Node)} * call.steps * part.batch";
                    writer.Line($"float* const shares = call.attention + ({first} + r) * call.memorySteps;");
                    writer.Line("for (int s = 0; s < call.memorySteps; s++)");
                    writer.Line("    shares[s] = s < seen ? expf(score(r, s) - most) / sum : 0.f;");
                }
            }
        }
    }

    private void WriteAttendBack(AttendBack a)
    {
        var (memory, width) = (a.Node.Spec.Memory, a.Node.KeyWidth);
        var scale = a.Node.Spec.Score == AttentionScoreKind.ScaledDot ? $" / sqrtf({width}.f)" : "";
        DeclareScore(a.Node, a.Query, a.ScoreWeight, a.Rows);
        writer.Line($"const float* const outs = {At(a.Out)}, * const dOuts = {At(a.OutGradient)};");
        writer.Line($"const float* const statistics = {At(a.Statistics)};");
        using (writer.Block("auto shareOf = [&](size_t r, int s)", "};"))
        {
            writer.Line($"return expf(score(r, s) - statistics[r * {Width(a.Statistics)}]) / statistics[r * {Width(a.Statistics)} + 1];");
        }

        using (writer.Block("auto gradientOfScore = [&](size_t r, int s, float share)", "};"))
        {
            writer.Line($"const float* const m = call.memory + ((size_t)s * part.batch + r % part.batch) * {memory};");
            writer.Line("float sum = 0.f;");
            writer.Line($"const float* const dy = dOuts + r * {Width(a.OutGradient)}, * const y = outs + r * {Width(a.Out)};");
            writer.Line($"for (int k = 0; k < {memory}; k++) sum += dy[k] * (m[k] - y[k]);");
            writer.Line("return share * sum;");
        }

        if (a.ScoreWeight is not null)
        {
            using (writer.Block("auto slope = [&](size_t r, int u, float key)", "};"))
            {
                writer.Line($"const float t = tanhf(queries[r * {Width(a.Query)} + u] + key);");
                writer.Line("return 1.f - t * t;");
            }
        }

        // Queries: a thread takes a row of these.
        writer.Line($"float* const dQueries = {At(a.QueryGradient)};");
        using (writer.Block($"EACH(q, {Count(a.Rows)})"))
        {
            writer.Line("const size_t r = part.at(q);");
            writer.Line("const int seen = rowsSeenBy(r);");
            using (writer.Block("for (int s = 0; s < seen; s++)"))
            {
                writer.Line("const float dScore = gradientOfScore(r, s, shareOf(r, s));");
                writer.Line($"const float* const key = {Keys(a.Node)} + ((size_t)s * part.batch + r % part.batch) * {width};");
                using (writer.Block($"for (int u = 0; u < {width}; u++)"))
                {
                    writer.Line($"dQueries[r * {Width(a.QueryGradient)} + u] += {OfKey(a, "key[u]", scale)};");
                }
            }
        }

        writer.Line("__syncthreads();");

        // The memory: a thread takes a row of it, and all rows that look at it.
        using (writer.Block("EACH(q, call.memorySteps * part.count)"))
        {
            writer.Line("const size_t row = part.at(q), sample = row % part.batch;");
            writer.Line("const int s = row / part.batch;");
            writer.Line($"const float* const key = {Keys(a.Node)} + row * {width};");
            writer.Line($"float* const dKey = {KeyGradients(a.Node)} + row * {width};");
            if (a.Node.KeyWeight is not null)
            {
                writer.Line($"for (int u = 0; u < {width}; u++) dKey[u] = 0.f;");
            }

            using (writer.Block($"for (int t = 0; t < {Count(a.Rows)} / part.count; t++)"))
            {
                writer.Line("const size_t r = (size_t)t * part.batch + sample;");
                writer.Line("if (s >= rowsSeenBy(r)) continue;");
                writer.Line("const float share = shareOf(r, s), dScore = gradientOfScore(r, s, share);");
                writer.Line($"for (int k = 0; k < {memory}; k++)");
                writer.Line($"    call.memoryGradient[row * {memory} + k] += share * dOuts[r * {Width(a.OutGradient)} + k];");
                using (writer.Block($"for (int u = 0; u < {width}; u++)"))
                {
                    writer.Line($"dKey[u] += {OfKey(a, $"queries[r * {Width(a.Query)} + u]", scale)};");
                }
            }
        }

        if (a.ScoreWeightGradient is { } gradient)
        {
            using (writer.Block($"EACH(u, {width})"))
            {
                writer.Line("float sum = 0.f;");
                using (writer.Block($"for (int q = 0; q < {Count(a.Rows)}; q++)"))
                {
                    writer.Line("const size_t r = part.at(q);");
                    writer.Line("const int seen = rowsSeenBy(r);");
                    using (writer.Block("for (int s = 0; s < seen; s++)"))
                    {
                        writer.Line($"const float key = {Keys(a.Node)}[((size_t)s * part.batch + r % part.batch) * {width} + u];");
                        writer.Line("const float dScore = gradientOfScore(r, s, shareOf(r, s));");
                        writer.Line($"sum += dScore * tanhf(queries[r * {Width(a.Query)} + u] + key);");
                    }
                }

                writer.Line($"{At(gradient)}[u] += sum;");
            }
        }
    }

    // What a key, or a query, gets of its score's gradient: the other one, or what comes back through tanh.
    private static string OfKey(AttendBack a, string other, string scale) => a.ScoreWeight is null
        ? $"dScore * {other}{scale}"
        : "dScore * scoreWeight[u] * slope(r, u, key[u])";

    private void WriteKeysBack(AttendKeysBack a)
    {
        var (width, memory) = (a.Node.KeyWidth, a.Node.Spec.Memory);
        writer.Line($"const float* const weight = {At(a.KeyWeight)}, * const dKeys = {KeyGradients(a.Node)};");
        writer.Line($"float* const dWeight = {At(a.KeyWeightGradient)};");
        using (writer.Block($"EACH(i, {width} * {memory})"))
        {
            writer.Line($"const int u = i / {memory}, k = i % {memory};");
            writer.Line("float sum = 0.f;");
            using (writer.Block("for (int q = 0; q < call.memorySteps * part.count; q++)"))
            {
                writer.Line("const size_t row = part.at(q);");
                writer.Line($"sum += dKeys[row * {width} + u] * call.memory[row * {memory} + k];");
            }

            writer.Line("dWeight[i] += sum;");
        }

        using (writer.Block($"EACH(i, call.memorySteps * part.count * {memory})"))
        {
            writer.Line($"const size_t row = part.at(i / {memory}), k = i % {memory};");
            writer.Line("float sum = 0.f;");
            writer.Line($"for (int u = 0; u < {width}; u++) sum += dKeys[row * {width} + u] * weight[u * {memory} + k];");
            writer.Line($"call.memoryGradient[row * {memory} + k] += sum;");
        }
    }
}
