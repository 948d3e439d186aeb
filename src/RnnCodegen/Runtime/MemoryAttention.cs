using System.Numerics.Tensors;

namespace RnnCodegen.Runtime;

/// <summary>
/// Attention of rows to a call's memory: y = sum_s a_s m_s with a = softmax_s(score(q, k_s)) over the memory's valid rows. A key k_s is the
/// row m_s or what <see cref="Project"/> made of it.
/// </summary>
public static unsafe class MemoryAttention
{
    // Floats of tanh that stand on the stack at a time.
    private const int Block = 256;

    // Rows of a memory whose shares stand on the stack at a time.
    private const int MostShares = 1024;

    /// <summary>Attends with each valid row; zeros past a sample's length, and where a sample's memory is empty.</summary>
    /// <param name="call">The call, with its memory.</param>
    /// <param name="score">How a query and a key are scored.</param>
    /// <param name="keyStart">Floats, a row of the memory, of the keys before this layer's; -1 where the rows are the keys.</param>
    /// <param name="keyWidth">Features of a query and of a key.</param>
    /// <param name="scoreWeight">What additive scores are summed with, [keyWidth]; null else.</param>
    /// <param name="width">Features of a row of the memory.</param>
    /// <param name="query">Rows [steps, batch].</param>
    /// <param name="queryStride">Floats from one row of the queries to the next.</param>
    /// <param name="steps">Steps.</param>
    /// <param name="batch">Samples of this call.</param>
    /// <param name="lengths">Valid steps of each sample, counted from the sequence's start; null when all are.</param>
    /// <param name="first">The sequence's step that the queries start with.</param>
    /// <param name="y">Receives the rows [steps, batch].</param>
    /// <param name="yStride">Floats from one row of y to the next.</param>
    /// <param name="statistics">[rows, 2]: largest score and sum of shares relative to it, for Backward; null when not wanted.</param>
    /// <param name="layer">The layer's place among the model's attention layers.</param>
    public static void Forward(
        in ModelCall call, AttentionScore score, int keyStart, int keyWidth, float* scoreWeight, int width, float* query, nint queryStride,
        int steps, int batch, int* lengths, int first, float* y, nint yStride, float* statistics, int layer)
    {
        var (rows, keys) = (Rows.Of(call, width), Rows.Keys(call, keyStart, keyWidth, width));
        Span<float> shares = stackalloc float[Math.Clamp(call.MemorySteps, 1, MostShares)];
        Span<float> few = stackalloc float[Block];
        Span<double> many = stackalloc double[Block];
        for (var t = 0; t < steps; t++)
        {
            for (var b = 0; b < batch; b++, query += queryStride, y += yStride)
            {
                var target = new Span<float>(y, width);
                target.Clear();
                var valid = lengths == null || first + t < lengths[b] ? Valid(call, b) : 0;
                var isLong = valid > shares.Length;
                var top = isLong ? Largest(score, query, keys, b, valid, scoreWeight, keyWidth) : float.NegativeInfinity;
                var sum = 0.0;
                for (var from = 0; from < width && valid > 0; from += Block)
                {
                    // Sums of short sums, as long memories need; their shares do not fit the stack and are made anew for each block.
                    var some = Math.Min(Block, width - from);
                    var ofFew = few[..some];
                    var ofMany = many[..some];
                    ofMany.Clear();
                    sum = isLong ? 0 : sum;
                    for (var s = 0; s < valid; s += shares.Length)
                    {
                        var here = shares[..Math.Min(shares.Length, valid - s)];
                        if (isLong || from == 0)
                        {
                            for (var i = 0; i < here.Length; i++)
                            {
                                here[i] = Score(score, query, keys.At(b, s + i), scoreWeight, keyWidth);
                            }

                            top = isLong ? top : TensorPrimitives.Max<float>(here);
                            sum += MakeShares(here, top);
                        }

                        for (var i = 0; i < here.Length;)
                        {
                            ofFew.Clear();
                            for (var end = Math.Min(here.Length, i + LongSums.FewTerms); i < end; i++)
                            {
                                TensorPrimitives.MultiplyAdd(rows.Row(b, s + i, width).Slice(from, some), here[i], ofFew, ofFew);
                            }

                            LongSums.Add(ofMany, ofFew);
                        }
                    }

                    for (var c = 0; c < some; c++)
                    {
                        target[from + c] = (float)(ofMany[c] / sum);
                    }
                }

                if (call.AttentionWeights != null)
                {
                    var weights = WeightsOf(call, layer, first + t, b);
                    for (var s = 0; s < valid; s++)
                    {
                        weights[s] = (float)(MathF.Exp(Score(score, query, keys.At(b, s), scoreWeight, keyWidth) - top) / sum);
                    }
                }

                if (statistics != null)
                {
                    (statistics[0], statistics[1]) = (valid > 0 ? top : 0, (float)sum);
                    statistics += 2;
                }
            }
        }
    }

    /// <summary>
    /// The gradients of <see cref="Forward"/> over a whole sequence: of the queries, the memory's rows, its keys and the score's weights.
    /// </summary>
    /// <param name="call">The call, with its memory and the gradients of that.</param>
    /// <param name="score">How a query and a key are scored.</param>
    /// <param name="keyStart">Floats, a row of the memory, of the keys before this layer's; -1 where the rows are the keys.</param>
    /// <param name="keyWidth">Features of a query and of a key.</param>
    /// <param name="scoreWeight">What additive scores are summed with, [keyWidth]; null else.</param>
    /// <param name="width">Features of a row of the memory.</param>
    /// <param name="query">Rows [steps, batch].</param>
    /// <param name="queryStride">Floats from one row of the queries, and of their gradient, to the next.</param>
    /// <param name="steps">Steps.</param>
    /// <param name="batch">Samples of this call.</param>
    /// <param name="lengths">Valid steps of each sample; null when all are.</param>
    /// <param name="y">Forward's result.</param>
    /// <param name="dy">Gradient of y.</param>
    /// <param name="yStride">Floats from one row of y, and of dy, to the next.</param>
    /// <param name="statistics">The values that Forward kept.</param>
    /// <param name="dQuery">Gradient of the queries; added to.</param>
    /// <param name="dScoreWeight">Gradient of the score's weights, added to; null where there are none.</param>
    /// <param name="sums">Temporary memory for two numbers a feature of a key.</param>
    public static void Backward(
        in ModelCall call, AttentionScore score, int keyStart, int keyWidth, float* scoreWeight, int width, float* query, nint queryStride,
        int steps, int batch,
        int* lengths, float* y, float* dy, nint yStride, float* statistics, float* dQuery, float* dScoreWeight, double* sums)
    {
        var (rows, keys) = (Rows.Of(call, width), Rows.Keys(call, keyStart, keyWidth, width));
        var (dRows, dKeys) = (Rows.Gradients(call, width), Rows.KeyGradients(call, keyStart, keyWidth, width));

        // Where rows are the keys, a query adds to each twice.
        var hasKeys = keyStart >= 0;
        var ofRows = dRows.Sum(call, batch, hasKeys ? steps : 2L * steps);
        var ofKeys = hasKeys ? dKeys.Sum(call, batch, steps) : default;
        var ofWeight = new LongSum(dScoreWeight, sums, dScoreWeight == null ? 0 : keyWidth, (long)steps * batch * call.MemorySteps);
        for (var t = 0; t < steps; t++)
        {
            for (var b = 0; b < batch; b++, query += queryStride, dQuery += queryStride, y += yStride, dy += yStride, statistics += 2)
            {
                var gradient = new ReadOnlySpan<float>(dy, width);
                var centre = TensorPrimitives.Dot(gradient, new ReadOnlySpan<float>(y, width));
                var valid = lengths == null || t < lengths[b] ? Valid(call, b) : 0;
                var ofQuery = new LongSum(dQuery, sums + keyWidth, keyWidth, valid);
                for (var s = 0; s < valid; s++)
                {
                    var share = MathF.Exp(Score(score, query, keys.At(b, s), scoreWeight, keyWidth) - statistics[0]) / statistics[1];
                    var dRow = dRows.Row(b, s, width);
                    TensorPrimitives.MultiplyAdd(gradient, share, dRow, dRow);
                    var dScore = share * (TensorPrimitives.Dot(gradient, rows.Row(b, s, width)) - centre);
                    ScoreBackward(score, dScore, query, keys.At(b, s), scoreWeight, keyWidth, dQuery, dKeys.At(b, s), dScoreWeight);
                    ofQuery.CountTerm();
                    ofWeight.CountTerm();
                }

                ofQuery.Finish();
            }

            ofRows.CountTerm();
            if (hasKeys)
            {
                ofKeys.CountTerm();
            }
            else
            {
                ofRows.CountTerm();
            }
        }

        ofRows.Finish();
        ofKeys.Finish();
        ofWeight.Finish();
    }

    /// <summary>Passes the gradient of a layer's keys on, to the memory's rows and to the weights that made keys of them.</summary>
    /// <param name="call">The call, with its memory and the gradients of that.</param>
    /// <param name="keyStart">Floats, a row of the memory, of the keys before this layer's.</param>
    /// <param name="keyWidth">Features of a key.</param>
    /// <param name="width">Features of a row of the memory.</param>
    /// <param name="weight">The weights [keyWidth, width].</param>
    /// <param name="dWeight">Their gradient; added to.</param>
    /// <param name="sums">Temporary memory for a number a weight.</param>
    public static void KeysBackward(in ModelCall call, int keyStart, int keyWidth, int width, float* weight, float* dWeight, double* sums)
    {
        var (rows, dRows, dKeys) = (Rows.Of(call, width), Rows.Gradients(call, width), Rows.KeyGradients(call, keyStart, keyWidth, width));
        var ofWeight = new LongSum(dWeight, sums, (nint)keyWidth * width, (long)call.Batch * call.MemorySteps);
        for (var b = 0; b < call.Batch; b++)
        {
            for (var s = 0; s < Valid(call, b); s++)
            {
                var row = rows.Row(b, s, width);
                var dRow = dRows.Row(b, s, width);
                var dKey = dKeys.Row(b, s, keyWidth);
                for (var u = 0; u < keyWidth; u++)
                {
                    var sum = new Span<float>(dWeight + ((nint)u * width), width);
                    TensorPrimitives.MultiplyAdd(row, dKey[u], sum, sum);
                    TensorPrimitives.MultiplyAdd(new ReadOnlySpan<float>(weight + ((nint)u * width), width), dKey[u], dRow, dRow);
                }

                ofWeight.CountTerm();
            }
        }

        ofWeight.Finish();
    }

    /// <summary>Room for the weights of one row of a layer, all 0.</summary>
    private static Span<float> WeightsOf(in ModelCall call, int layer, int step, int sample)
    {
        var row = ((((nint)layer * call.Steps) + step) * call.WholeBatch) + call.FirstSample + sample;
        var weights = new Span<float>(call.AttentionWeights + (row * call.MemorySteps), call.MemorySteps);
        weights.Clear();
        call.AttentionSteps[layer] = Math.Max(call.AttentionSteps[layer], step + 1);
        return weights;
    }

    /// <summary>Makes keys of rows: k = W m.</summary>
    /// <param name="rows">Rows, one every <paramref name="stride"/> floats.</param>
    /// <param name="stride">Floats from one row to the next.</param>
    /// <param name="count">Rows.</param>
    /// <param name="width">Features of a row.</param>
    /// <param name="weight">W [keyWidth, width].</param>
    /// <param name="keys">Receives the keys.</param>
    /// <param name="keyWidth">Features of a key.</param>
    /// <param name="keyStride">Floats from one key to the next.</param>
    internal static void Project(float* rows, nint stride, nint count, int width, float* weight, float* keys, int keyWidth, nint keyStride)
    {
        for (; count > 0; count--, rows += stride, keys += keyStride)
        {
            for (var u = 0; u < keyWidth; u++)
            {
                keys[u] = TensorPrimitives.Dot(new ReadOnlySpan<float>(weight + ((nint)u * width), width),
                    new ReadOnlySpan<float>(rows, width));
            }
        }
    }

    /// <summary>The largest of a row's scores, relative to which shares are, so that none overflows.</summary>
    private static float Largest(AttentionScore score, float* query, in Rows keys, int sample, int valid, float* scoreWeight, int keyWidth)
    {
        var top = float.NegativeInfinity;
        for (var s = 0; s < valid; s++)
        {
            top = MathF.Max(top, Score(score, query, keys.At(sample, s), scoreWeight, keyWidth));
        }

        return top;
    }

    /// <summary>Makes shares of scores, and returns their sum.</summary>
    private static double MakeShares(Span<float> scores, float top)
    {
        var sum = 0.0;
        foreach (ref var score in scores)
        {
            score = MathF.Exp(score - top);
            sum += score;
        }

        return sum;
    }

    private static int Valid(in ModelCall call, int sample) => call.MemoryLengths == null
        ? call.MemorySteps
        : call.MemoryLengths[call.FirstSample + sample];

    private static float Scale(AttentionScore score, int width) => score == AttentionScore.ScaledDot ? 1 / MathF.Sqrt(width) : 1;

    private static float Score(AttentionScore score, float* query, float* key, float* weight, int width)
    {
        if (score != AttentionScore.Additive)
        {
            return Scale(score, width) * TensorPrimitives.Dot(new ReadOnlySpan<float>(query, width), new ReadOnlySpan<float>(key, width));
        }

        var sum = 0f;
        Span<float> values = stackalloc float[Block];
        for (var from = 0; from < width; from += Block)
        {
            var count = Math.Min(Block, width - from);
            sum += TensorPrimitives.Dot(new ReadOnlySpan<float>(weight + from, count), Tanh(query + from, key + from, values[..count]));
        }

        return sum;
    }

    private static void ScoreBackward(
        AttentionScore score, float dScore, float* query, float* key, float* weight, int width, float* dQuery, float* dKey, float* dWeight)
    {
        if (score != AttentionScore.Additive)
        {
            var scaled = dScore * Scale(score, width);
            var sumOfQuery = new Span<float>(dQuery, width);
            var sumOfKey = new Span<float>(dKey, width);
            TensorPrimitives.MultiplyAdd(new ReadOnlySpan<float>(key, width), scaled, sumOfQuery, sumOfQuery);
            TensorPrimitives.MultiplyAdd(new ReadOnlySpan<float>(query, width), scaled, sumOfKey, sumOfKey);
            return;
        }

        Span<float> values = stackalloc float[Block];
        for (var from = 0; from < width; from += Block)
        {
            var tanh = Tanh(query + from, key + from, values[..Math.Min(Block, width - from)]);
            for (var k = 0; k < tanh.Length; k++)
            {
                var u = from + k;
                dWeight[u] += dScore * tanh[k];
                var inner = dScore * weight[u] * (1 - (tanh[k] * tanh[k]));
                dQuery[u] += inner;
                dKey[u] += inner;
            }
        }
    }

    private static Span<float> Tanh(float* query, float* key, Span<float> values)
    {
        TensorPrimitives.Add(new ReadOnlySpan<float>(query, values.Length), new ReadOnlySpan<float>(key, values.Length), values);
        TensorPrimitives.Tanh(values, values);
        return values;
    }

    /// <summary>Rows or keys of a call's samples.</summary>
    private readonly struct Rows(float* first, nint stride, int steps)
    {
        public static Rows Of(in ModelCall call, int width) => At(call, call.MemoryRows, 0, width);

        public static Rows Gradients(in ModelCall call, int width) => At(call, call.MemoryRowsGradient, 0, width);

        public static Rows Keys(in ModelCall call, int keyStart, int keyWidth, int width) =>
            keyStart < 0 ? Of(call, width) : At(call, call.MemoryKeys, keyStart, keyWidth);

        public static Rows KeyGradients(in ModelCall call, int keyStart, int keyWidth, int width) =>
            keyStart < 0 ? Gradients(call, width) : At(call, call.MemoryKeysGradient, keyStart, keyWidth);

        public float* At(int sample, int step) => first + ((((nint)sample * steps) + step) * stride);

        /// <summary>What is added to these, which are gradients, as sums of up to so many terms each.</summary>
        public LongSum Sum(in ModelCall call, int samples, long terms) =>
            new(first, call.MemoryGradientSums + (first - call.MemoryRowsGradient), (nint)samples * steps * stride, terms);

        public Span<float> Row(int sample, int step, int width) => new(At(sample, step), width);

        private static Rows At(in ModelCall call, float* all, int start, int width)
        {
            nint stride = AlignedBuffer.Stride(width);
            var layer = all + ((nint)call.WholeBatch * call.MemorySteps * start);
            return new Rows(layer + (call.FirstSample * call.MemorySteps * stride), stride, call.MemorySteps);
        }
    }
}
