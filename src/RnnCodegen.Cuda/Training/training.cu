// What a training does between Forward and Backward, and after it: losses, sums, clipping and the steps of optimizers.
// One text for all models. Rules are those of the host, where each is explained; every sum has a fixed order.

constexpr int THREADS = 256;
constexpr unsigned ALL = 0xffffffffu;
constexpr float LARGEST_FLOAT = 3.402823466e38f;

// Arithmetic that is rounded after each operation, as it is on the host: the compiler fuses nothing of it.
struct Exact
{
    float v;
    __device__ Exact(float value) : v(value) { }
    __device__ bool operator>(Exact x) const { return v > x.v; }
    __device__ bool operator<(Exact x) const { return v < x.v; }
};

__device__ Exact operator+(Exact x, Exact y) { return Exact(__fadd_rn(x.v, y.v)); }
__device__ Exact operator-(Exact x, Exact y) { return Exact(__fadd_rn(x.v, -y.v)); }
__device__ Exact operator-(Exact x) { return Exact(-x.v); }
__device__ Exact operator*(Exact x, Exact y) { return Exact(__fmul_rn(x.v, y.v)); }
__device__ Exact operator/(Exact x, Exact y) { return Exact(__fdiv_rn(x.v, y.v)); }
__device__ Exact root(Exact x) { return Exact(__fsqrt_rn(x.v)); }

__device__ bool is_finite(float x) { return fabsf(x) <= LARGEST_FLOAT; }

// The sum of a block's terms, for its first thread.
__device__ double block_sum(double term, double* sums)
{
    sums[threadIdx.x] = term;
    __syncthreads();
    for (int half = THREADS / 2; half > 0; half /= 2)
    {
        if (threadIdx.x < half)
            sums[threadIdx.x] += sums[threadIdx.x + half];
        __syncthreads();
    }
    return sums[0];
}

// ---------------------------------------------------------------------------------------------------------------- sums

extern "C" __global__ void squares(const float* values, double* parts, int count)
{
    __shared__ double sums[THREADS];
    double sum = 0;
    #pragma unroll 1
    for (long long i = (long long)blockIdx.x * THREADS + threadIdx.x; i < count; i += (long long)gridDim.x * THREADS)
        sum += (double)values[i] * (double)values[i];
    sum = block_sum(sum, sums);
    if (threadIdx.x == 0)
        parts[blockIdx.x] = sum;
}

// One block.
extern "C" __global__ void sum_parts(const double* parts, double* sum, int count)
{
    __shared__ double sums[THREADS];
    double own = 0;
    #pragma unroll 1
    for (int i = threadIdx.x; i < count; i += THREADS)
        own += parts[i];
    own = block_sum(own, sums);
    if (threadIdx.x == 0)
        *sum = own;
}

extern "C" __global__ void add_gradients(const float* gradients, double* sums, int count)
{
    #pragma unroll 1
    for (long long i = (long long)blockIdx.x * THREADS + threadIdx.x; i < count; i += (long long)gridDim.x * THREADS)
        sums[i] += (double)gradients[i];
}

// What every sample begins with: a vector that is learned.
extern "C" __global__ void start_rows(const float* values, float* rows, int width, int batch)
{
    #pragma unroll 1
    for (long long i = (long long)blockIdx.x * THREADS + threadIdx.x; i < (long long)width * batch; i += (long long)gridDim.x * THREADS)
        rows[i] = values[i % width];
}

// Its gradient: the sum over the samples.
extern "C" __global__ void add_rows(const float* rows, float* sums, int width, int batch)
{
    int column = blockIdx.x * THREADS + threadIdx.x;
    if (column >= width)
        return;
    double sum = sums[column];
    #pragma unroll 1
    for (int sample = 0; sample < batch; sample++)
        sum += (double)rows[(long long)sample * width + column];
    sums[column] = (float)sum;
}

// -------------------------------------------------------------------------------------------------------------- losses

// A batch's outputs [T, B, F] and what they are compared with; the last rows count, as far as their weights do.
struct LossCall
{
    const float* output;
    float* gradient;
    const void* targets;
    const int* lengths;
    const float* sampleWeights;
    const float* stepWeights;
    const float* coefficients;
    double scale;          // of the gradient; 0 where nothing counts
    double smooth, spread; // cross-entropy: of each class, of all
    int rows, before;      // in all, before those that count
    int steps, batch, features;
    int first, limit, atEnd;
    int coefficientCount, outputsPerTarget, ignoresUnknown;
    int hasIgnored, ignored;
    float smoothing;
};

// A sample's steps that count: from start until before end, if there are any.
__device__ void steps_of(const LossCall& call, int sample, int& start, int& end)
{
    int length = call.lengths ? call.lengths[sample] : call.steps;
    start = call.atEnd ? max(call.first, length - call.limit) : call.first;
    end = call.atEnd || call.limit == 0 ? length : (int)min((long long)length, (long long)call.first + call.limit);
    start = min(start, end);
}

// The weight of one of the rows that can count: its sample's times its step's, 0 where it does not.
__device__ float weight_of(const LossCall& call, int row)
{
    int step = row / call.batch, sample = row % call.batch, start, end;
    steps_of(call, sample, start, end);
    if (step < start || step >= end)
        return 0;
    float weight = call.sampleWeights ? call.sampleWeights[sample] : 1;
    return call.stepWeights ? weight * call.stepWeights[row] : weight;
}

__device__ float weight_of_output(const LossCall& call, int row)
{
    return row < call.before || call.scale == 0 ? 0 : weight_of(call, row - call.before);
}

struct SquaredError
{
    static __device__ float loss(float y, float t, float, float& slope)
    {
        float d = y - t;
        slope = d + d;
        return d * d;
    }
};

struct AbsoluteError
{
    static __device__ float loss(float y, float t, float, float& slope)
    {
        // What is neither positive nor negative stays: 0, and what is not a number.
        float d = y - t;
        slope = d > 0 ? 1 : d < 0 ? -1 : d;
        return fabsf(d);
    }
};

struct Huber
{
    static __device__ float loss(float y, float t, float delta, float& slope)
    {
        float d = y - t;
        slope = d > delta ? delta : d < -delta ? -delta : d;
        return slope * (d - slope * 0.5f);
    }
};

struct Quantile
{
    static __device__ float loss(float y, float t, float q, float& slope)
    {
        float d = t - y;
        slope = d > 0 ? -q : d < 0 ? 1 - q : d;
        return -slope * d;
    }
};

struct BinaryCrossEntropy
{
    static __device__ float loss(float y, float t, float positive, float& slope)
    {
        float e = expf(-fabsf(y)), log = log1pf(e);
        float large = 1 / (1 + e), small = e / (1 + e);
        float yes = positive * t, no = 1 - t;
        slope = no * (y > 0 ? large : small) - yes * (y > 0 ? small : large);
        return yes * ((y > 0 ? 0 : -y) + log) + no * ((y > 0 ? y : 0) + log);
    }
};

template <typename Rule>
__device__ void add_elements(const LossCall* where, double* parts, double* sums)
{
    LossCall call = *where;
    const float* targets = (const float*)call.targets;
    long long count = (long long)call.rows * call.features;
    double sum = 0;
    #pragma unroll 1
    for (long long i = (long long)blockIdx.x * THREADS + threadIdx.x; i < count; i += (long long)gridDim.x * THREADS)
    {
        int row = (int)i / call.features, column = (int)i % call.features;
        float weight = weight_of_output(call, row), gradient = 0;
        if (weight > 0)
        {
            int width = call.features / call.outputsPerTarget;
            float target = targets[(long long)(row - call.before) * width + column / call.outputsPerTarget];
            if (!call.ignoresUnknown || target == target)
            {
                float slope, loss = Rule::loss(call.output[i], target, call.coefficients[column % call.coefficientCount], slope);
                sum += (double)weight * (double)loss;
                gradient = slope * (float)((double)weight * call.scale);
            }
        }
        call.gradient[i] = gradient;
    }
    sum = block_sum(sum, sums);
    if (threadIdx.x == 0)
        parts[blockIdx.x] = sum;
}

extern "C" __global__ void loss_squared(const LossCall* where, double* parts)
{
    __shared__ double sums[THREADS];
    add_elements<SquaredError>(where, parts, sums);
}

extern "C" __global__ void loss_absolute(const LossCall* where, double* parts)
{
    __shared__ double sums[THREADS];
    add_elements<AbsoluteError>(where, parts, sums);
}

extern "C" __global__ void loss_huber(const LossCall* where, double* parts)
{
    __shared__ double sums[THREADS];
    add_elements<Huber>(where, parts, sums);
}

extern "C" __global__ void loss_quantile(const LossCall* where, double* parts)
{
    __shared__ double sums[THREADS];
    add_elements<Quantile>(where, parts, sums);
}

extern "C" __global__ void loss_binary(const LossCall* where, double* parts)
{
    __shared__ double sums[THREADS];
    add_elements<BinaryCrossEntropy>(where, parts, sums);
}

__device__ double warp_sum(double term)
{
    for (int lanes = 16; lanes > 0; lanes /= 2)
        term += __shfl_xor_sync(ALL, term, lanes);
    return term;
}

__device__ float warp_largest(float value)
{
    for (int lanes = 16; lanes > 0; lanes /= 2)
        value = fmaxf(value, __shfl_xor_sync(ALL, value, lanes));
    return value;
}

// What softmax of a row is made of, by a warp: the exponentials of distances to the largest output, and their sum.
__device__ double exponentials(const float* y, float* e, int features, int lane, float& largest)
{
    largest = -__int_as_float(0x7f800000);
    #pragma unroll 1
    for (int k = lane; k < features; k += 32)
        largest = fmaxf(largest, y[k]);
    largest = warp_largest(largest);
    double total = 0;
    #pragma unroll 1
    for (int k = lane; k < features; k += 32)
    {
        e[k] = expf(y[k] - largest);
        total += (double)e[k];
    }
    return warp_sum(total);
}

__device__ void clear_row(float* row, int features, int lane)
{
    #pragma unroll 1
    for (int k = lane; k < features; k += 32)
        row[k] = 0;
}

// A warp a row.
extern "C" __global__ void loss_classes(const LossCall* where, double* parts)
{
    __shared__ double sums[THREADS];
    LossCall call = *where;
    const int* ids = (const int*)call.targets;
    const float* weights = call.coefficientCount > 0 ? call.coefficients : 0;
    int lane = threadIdx.x % 32, warps = gridDim.x * (THREADS / 32);
    double sum = 0;
    #pragma unroll 1
    for (long long r = (long long)blockIdx.x * (THREADS / 32) + threadIdx.x / 32; r < call.rows; r += warps)
    {
        int row = (int)r;
        const float* y = call.output + (long long)row * call.features;
        float* g = call.gradient + (long long)row * call.features;
        float weight = weight_of_output(call, row);
        int id = weight > 0 ? ids[row - call.before] : 0;
        if (!(weight > 0) || (call.hasIgnored && id == call.ignored))
        {
            clear_row(g, call.features, lane);
            continue;
        }

        float largest;
        double total = exponentials(y, g, call.features, lane, largest), distances = 0;
        #pragma unroll 1
        for (int k = lane; k < call.features; k += 32)
            distances += (double)((largest - y[k]) * (weights ? weights[k] : 1));
        distances = warp_sum(distances);
        double hit = (1.0 - (double)call.smoothing) * (double)(weights ? weights[id] : 1.0f), log_total = log(total);
        if (lane == 0)
        {
            double loss = hit * (log_total - ((double)y[id] - (double)largest));
            if (call.smooth > 0)
                loss += call.spread * log_total + call.smooth * distances;
            sum += (double)weight * loss;
        }

        double scale = (double)(float)((double)weight * call.scale);
        float of_each = (float)((hit + call.spread) * scale / total);
        float of_smooth = (float)(call.smooth * scale), of_hit = (float)(hit * scale);
        #pragma unroll 1
        for (int k = lane; k < call.features; k += 32)
        {
            float value = g[k] * of_each - (weights ? weights[k] : 1) * of_smooth;
            g[k] = k == id ? value - of_hit : value;
        }
    }
    sum = block_sum(sum, sums);
    if (threadIdx.x == 0)
        parts[blockIdx.x] = sum;
}

// ---------------------------------------------------------------------------------------------------------- alignments

// Where else a sample's labels have the one at hand.
struct Repeat
{
    int isFirst, next; // the count of labels where none follows
};

// What connectionist temporal classification has besides. Of each sample with L labels there are S = 2 L + 1 positions: blank, label 0,
// blank, label 1, ..., blank.
struct AlignmentCall
{
    const int* starts; // of each sample's labels, and the end of the last one's
    double* shifts;    // [T, B], what an output less gives the log of its softmax
    double* ways;      // of each sample [T, S]: log of all ways that lead to a position; then the part of all ways that go through it
    double* rests;     // of each sample [2, S]: log of all ways from a position to the end, of a step and the one after
    Repeat* repeats;   // of each sample [L]
    int blank, mostLabels, isMean, zeroInfinity;
};

__device__ double weight_of_sample(const LossCall& call, const AlignmentCall& of, int sample)
{
    if (call.scale == 0)
        return 0;
    double weight = call.sampleWeights ? call.sampleWeights[sample] : 1;
    return of.isMean ? weight / max(1, of.starts[sample + 1] - of.starts[sample]) : weight;
}

// log(exp(a) + exp(b) + exp(c)), not a number where one of them is none.
__device__ double add_logs(double a, double b, double c)
{
    double nothing = -__longlong_as_double(0x7ff0000000000000LL);
    if (a == nothing && b == nothing && c == nothing)
        return nothing;
    double largest = fmax(a, fmax(b, c));
    return largest + log(exp(a - largest) + exp(b - largest) + exp(c - largest));
}

// The softmax of each row that counts, times its scale, and the row's shift; a warp a row.
extern "C" __global__ void alignment_rows(const LossCall* where, const AlignmentCall* alignments)
{
    LossCall call = *where;
    AlignmentCall of = *alignments;
    int lane = threadIdx.x % 32, warps = gridDim.x * (THREADS / 32);
    #pragma unroll 1
    for (long long r = (long long)blockIdx.x * (THREADS / 32) + threadIdx.x / 32; r < call.rows; r += warps)
    {
        int row = (int)r;
        float* g = call.gradient + (long long)row * call.features;
        if (!(weight_of_output(call, row) > 0))
        {
            clear_row(g, call.features, lane);
            continue;
        }

        float largest;
        double total = exponentials(call.output + (long long)row * call.features, g, call.features, lane, largest);
        float scale = (float)(weight_of_sample(call, of, (row - call.before) % call.batch) * call.scale / total);
        #pragma unroll 1
        for (int k = lane; k < call.features; k += 32)
            g[k] *= scale;
        if (lane == 0)
            of.shifts[row - call.before] = (double)largest + log(total);
    }
}

// All ways to say one sample's labels, by a block.
struct Alignments
{
    const LossCall& call;
    const AlignmentCall& of;
    const int* labels;
    int count, positions, first, steps, sample;
    double *ways, *rests;
    Repeat* repeats;

    __device__ Alignments(const LossCall& call, const AlignmentCall& of, int sample) : call(call), of(of), sample(sample)
    {
        long long most = 2LL * of.mostLabels + 1;
        int end;
        labels = (const int*)call.targets + of.starts[sample];
        count = of.starts[sample + 1] - of.starts[sample];
        positions = 2 * count + 1;
        steps_of(call, sample, first, end);
        steps = end - first;
        ways = of.ways + sample * call.steps * most;
        rests = of.rests + sample * 2 * most;
        repeats = of.repeats + (long long)sample * of.mostLabels;
    }

    __device__ int row(int t) const { return (first + t) * call.batch + sample; }

    __device__ float* gradient(int t) const { return call.gradient + (long long)(call.before + row(t)) * call.features; }

    __device__ double log_of(int t, int s) const
    {
        int k = s % 2 == 0 ? of.blank : labels[s / 2];
        return (double)call.output[(long long)(call.before + row(t)) * call.features + k] - of.shifts[row(t)];
    }

    // Whether the blank in front of a position can be skipped.
    __device__ bool skips(int s) const { return s % 2 == 1 && s > 1 && labels[s / 2] != labels[s / 2 - 1]; }

    __device__ void find_repeats() const
    {
        #pragma unroll 1
        for (int i = threadIdx.x; i < count; i += THREADS)
        {
            int before = i - 1, next = i + 1;
            #pragma unroll 1
            while (before >= 0 && labels[before] != labels[i])
                before--;
            #pragma unroll 1
            while (next < count && labels[next] != labels[i])
                next++;
            repeats[i].isFirst = before < 0;
            repeats[i].next = next;
        }
    }

    // -log of the probability of all ways; infinite where there is none.
    __device__ double forward() const
    {
        double infinity = __longlong_as_double(0x7ff0000000000000LL);
        #pragma unroll 1
        for (int t = 0; t < steps; t++)
        {
            double *now = ways + (long long)t * positions, *last = now - positions;
            #pragma unroll 1
            for (int s = threadIdx.x; s < positions; s += THREADS)
            {
                double before = s < 2 ? 0 : -infinity;
                if (t > 0)
                    before = add_logs(last[s], s > 0 ? last[s - 1] : -infinity, skips(s) ? last[s - 2] : -infinity);
                now[s] = before + log_of(t, s);
            }
            __syncthreads();
        }
        if (steps == 0)
            return count == 0 ? 0 : infinity;
        const double* end = ways + (long long)steps * positions;
        return -add_logs(end[-1], positions > 1 ? end[-2] : -infinity, -infinity);
    }

    // Makes the ways to each position the part of all ways that go through it.
    __device__ void backward(double loss) const
    {
        double nothing = -__longlong_as_double(0x7ff0000000000000LL);
        // Nobody changes the last step's ways before all have read the loss.
        __syncthreads();
        #pragma unroll 1
        for (int t = steps - 1; t >= 0; t--)
        {
            double *now = ways + (long long)t * positions, *rest = rests + t % 2 * positions, *after = rests + (t + 1) % 2 * positions;
            #pragma unroll 1
            for (int s = threadIdx.x; s < positions; s += THREADS)
            {
                double ahead = s >= positions - 2 ? 0 : nothing;
                if (t < steps - 1)
                    ahead = add_logs(
                        after[s], s + 1 < positions ? after[s + 1] : nothing,
                        s + 2 < positions && skips(s + 2) ? after[s + 2] : nothing);
                rest[s] = ahead + log_of(t, s);
                now[s] = exp(now[s] + ahead + loss);
            }
            __syncthreads();
        }
    }

    // The derivative by an output is softmax minus the part of all ways that say its class at this step; a warp a step.
    __device__ void subtract_shares(double scale) const
    {
        int lane = threadIdx.x % 32;
        #pragma unroll 1
        for (int t = threadIdx.x / 32; t < steps; t += THREADS / 32)
        {
            const double* shares = ways + (long long)t * positions;
            float* g = gradient(t);
            double blanks = 0;
            #pragma unroll 1
            for (int i = lane; i <= count; i += 32)
                blanks += shares[2 * i];
            blanks = warp_sum(blanks);
            if (lane == 0)
                g[of.blank] -= (float)(blanks * scale);
            #pragma unroll 1
            for (int i = lane; i < count; i += 32)
            {
                if (!repeats[i].isFirst)
                    continue;
                double share = 0;
                #pragma unroll 1
                for (int k = i; k < count; k = repeats[k].next)
                    share += shares[2 * k + 1];
                g[labels[i]] -= (float)(share * scale);
            }
        }
    }

    __device__ void fill(float value) const
    {
        #pragma unroll 1
        for (int t = 0; t < steps; t++)
        {
            float* g = gradient(t);
            #pragma unroll 1
            for (int k = threadIdx.x; k < call.features; k += THREADS)
                g[k] = value;
        }
    }
};

// A block a sample.
extern "C" __global__ void loss_alignments(const LossCall* where, const AlignmentCall* alignments, double* parts)
{
    LossCall call = *where;
    AlignmentCall of = *alignments;
    double sum = 0;
    #pragma unroll 1
    for (int sample = blockIdx.x; sample < call.batch; sample += gridDim.x)
    {
        double weight = weight_of_sample(call, of, sample);
        if (!(weight > 0))
            continue;
        Alignments all(call, of, sample);
        all.find_repeats();
        double loss = all.forward();
        if (loss == __longlong_as_double(0x7ff0000000000000LL))
        {
            all.fill(of.zeroInfinity ? 0 : __int_as_float(0x7fc00000));
            loss = of.zeroInfinity ? 0 : loss;
        }
        else
        {
            all.backward(loss);
            all.subtract_shares(weight * call.scale);
        }
        sum += weight * loss;
    }
    if (threadIdx.x == 0)
        parts[blockIdx.x] = sum;
}

// --------------------------------------------------------------------------------------------------------------- steps

struct Sgd
{
    float rate, decay, momentum, entering, nesterov;
    __device__ void apply(Exact& p, Exact g, Exact& m, Exact&, Exact&) const
    {
        Exact step = g + p * decay;
        if (momentum > 0)
        {
            m = m * momentum + step * entering;
            step = nesterov > 0 ? step + m * momentum : m;
        }
        p = p - step * rate;
    }
};

struct Moments
{
    float decay, shrink, newMean, oldSquare, newSquare, rate, unbias, epsilon;
    __device__ void apply(Exact& p, Exact g, Exact& m, Exact& v, Exact&) const
    {
        g = g + p * decay;
        m = m + (g - m) * newMean;
        v = v * oldSquare + g * g * newSquare;
        p = p - (p * shrink + m * rate / (root(v) * unbias + epsilon));
    }
};

struct RmsProp
{
    float rate, decay, old, fresh, epsilon, momentum, centered;
    __device__ void apply(Exact& p, Exact g, Exact& v, Exact& second, Exact& third) const
    {
        g = g + p * decay;
        v = v * old + g * g * fresh;
        Exact variance = v;
        if (centered > 0)
        {
            Exact mean = momentum > 0 ? third : second;
            mean = mean + (g - mean) * fresh;
            if (momentum > 0)
                third = mean;
            else
                second = mean;
            Exact rest = v - mean * mean;
            variance = rest < 0 ? Exact(0) : rest;
        }
        Exact step = g / (root(variance) + epsilon);
        if (momentum > 0)
        {
            second = second * momentum + step;
            step = second;
        }
        p = p - step * rate;
    }
};

struct Adagrad
{
    float rate, decay, epsilon;
    __device__ void apply(Exact& p, Exact g, Exact& s, Exact& rest, Exact&) const
    {
        g = g + p * decay;
        Exact term = g * g + rest;
        Exact sum = s + term;
        Exact added = sum - s;
        Exact lost = (s - (sum - added)) + (term - added);
        rest = sum.v > LARGEST_FLOAT ? Exact(0) : lost;
        s = sum;
        p = p - g * rate / (root(s) + epsilon);
    }
};

struct Lion
{
    float rate, shrink, old, fresh, newMean;
    __device__ void apply(Exact& p, Exact g, Exact& m, Exact&, Exact&) const
    {
        Exact direction = m * old + g * fresh;
        direction = direction > 0 ? Exact(1) : direction < 0 ? Exact(-1) : direction;
        p = p - (direction * rate + p * shrink);
        m = m + (g - m) * newMean;
    }
};

// Neighbouring parameters that one rule holds for.
struct Range
{
    int offset, length;
    float rule[8];
};

// The step of an update.
struct StepCall
{
    float* parameters;
    float* before;       // receives what the parameters were
    float* gradients;
    double* sums;        // of the gradients of an update's batches, or 0
    float* slots;        // the optimizer's state, one slot after the other
    const double* norm;  // the sum of the gradients' squares
    double divisor;      // of the sums
    double clipNorm;
    float clipValue;
    int count, slotCount;
};

extern "C" __global__ void take_sums(const StepCall* where)
{
    StepCall call = *where;
    #pragma unroll 1
    for (long long i = (long long)blockIdx.x * THREADS + threadIdx.x; i < call.count; i += (long long)gridDim.x * THREADS)
        call.gradients[i] = (float)(call.sums[i] / call.divisor);
}

// A row of blocks a range. Nothing changes where the norm is not finite.
template <typename Rule>
__device__ void step(const StepCall* where, const Range* ranges)
{
    StepCall call = *where;
    double norm = sqrt(*call.norm), scale = call.clipNorm / (norm + 1e-6);
    if (!is_finite((float)norm))
        return;
    const Range& range = ranges[blockIdx.y];
    Rule rule = *(const Rule*)range.rule;
    int length = range.length, offset = range.offset;
    #pragma unroll 1
    for (long long i = (long long)blockIdx.x * THREADS + threadIdx.x; i < length; i += (long long)gridDim.x * THREADS)
    {
        long long at = offset + i;
        Exact g = call.gradients[at], p = call.parameters[at], a = 0, b = 0, c = 0;
        if (scale < 1)
            g = g * Exact((float)scale);
        g = g > call.clipValue ? Exact(call.clipValue) : g < -call.clipValue ? Exact(-call.clipValue) : g;
        float *first = call.slots + at, *second = first + call.count, *third = second + call.count;
        if (call.slotCount > 0)
            a = *first;
        if (call.slotCount > 1)
            b = *second;
        if (call.slotCount > 2)
            c = *third;
        call.before[at] = p.v;
        rule.apply(p, g, a, b, c);
        call.parameters[at] = p.v;
        if (call.slotCount > 0)
            *first = a.v;
        if (call.slotCount > 1)
            *second = b.v;
        if (call.slotCount > 2)
            *third = c.v;
    }
}

extern "C" __global__ void step_sgd(const StepCall* where, const Range* ranges) { step<Sgd>(where, ranges); }
extern "C" __global__ void step_moments(const StepCall* where, const Range* ranges) { step<Moments>(where, ranges); }
extern "C" __global__ void step_rmsprop(const StepCall* where, const Range* ranges) { step<RmsProp>(where, ranges); }
extern "C" __global__ void step_adagrad(const StepCall* where, const Range* ranges) { step<Adagrad>(where, ranges); }
extern "C" __global__ void step_lion(const StepCall* where, const Range* ranges) { step<Lion>(where, ranges); }
