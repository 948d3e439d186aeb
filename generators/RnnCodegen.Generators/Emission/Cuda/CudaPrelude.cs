namespace RnnCodegen.Generators.Emission.Cuda;

/// <summary>
/// What every model's device code starts with: a call's arguments, the rows of a block, and the functions of expressions, each under its
/// op's name. Without headers, so that it compiles where the compiler is the only thing there is.
/// </summary>
internal static class CudaPrelude
{
    public const string Text =
        """
        // The arguments of a pass.
        struct Call
        {
            float* const* buffers;              // matrices, by number
            const float* parameters;
            float* gradients;                   // of the parameters, one set a part of the batch
            const int* tokens;                  // [T, B]
            const int* lengths;                 // valid steps of each sample; null where all are
            const float* memory;                // rows to attend to [S, B, M], and of each attention the keys and the gradients
            const int* memoryLengths;
            float* const* keys;
            float* const* keyGradients;
            float* memoryGradient;
            float* attention;                   // receives what attentions give the memory's rows [layer, T, B, S]; null where unwanted
            unsigned long long seed;            // of dropout
            int steps, batch, memorySteps;
            int samplesBefore, samplesElsewhere, isTraining;
        };

        // What differs between the launches of a pass: the chunk of steps, the step, and how many samples a block takes.
        struct Turn
        {
            int chunk, chunkSteps, step, samples;
        };

        // The samples of this block, and where its rows are among those of the batch: steps apart from each other.
        struct Part
        {
            int start, count, batch;
            __device__ int at(int row) const { return row / count * batch + start + row % count; }
        };

        #define INFINITY __int_as_float(0x7f800000)
        #define EACH(i, count) for (int i = threadIdx.x; i < (count); i += blockDim.x)

        __device__ inline float Constant(float c) { return c; }
        __device__ inline float StepMask(float x) { return x > 0.f ? 1.f : 0.f; }
        __device__ inline float InsideUnit(float x) { return x > 0.f && x < 1.f ? 1.f : 0.f; }
        __device__ inline float InsideBound(float x, float c) { return fabsf(x) < c ? 1.f : 0.f; }
        __device__ inline float LeakyReluSlope(float x, float c) { return x > 0.f ? 1.f : c; }
        __device__ inline float EluSlope(float x, float c) { return x > 0.f ? 1.f : x + c; }
        __device__ inline float PRelu(float x, float slope) { return x > 0.f ? x : slope * x; }
        __device__ inline float PReluSlope(float x, float slope) { return x > 0.f ? 1.f : slope; }
        __device__ inline float NegativePart(float x) { return x < 0.f ? x : 0.f; }
        __device__ inline float ExpOfNegative(float x) { return expf(x); }
        __device__ inline float Flush(float x) { return fabsf(x) < 0x1p-100f ? 0.f : x; }
        __device__ inline float Clip(float x, float c) { return fminf(fmaxf(x, -c), c); }

        __device__ inline float Sigmoid(float x) { return 1.f / (1.f + expf(-x)); }
        __device__ inline float Tanh(float x) { return tanhf(x); }
        __device__ inline float Relu(float x) { return fmaxf(x, 0.f); }
        __device__ inline float HardSigmoid(float x) { return __saturatef(x / 6.f + 0.5f); }
        __device__ inline float HardSigmoidKeras2(float x) { return __saturatef(0.2f * x + 0.5f); }
        __device__ inline float LeakyRelu(float x, float c) { return x > 0.f ? x : c * x; }
        __device__ inline float Elu(float x, float c) { return x > 0.f ? x : c * expm1f(x); }
        __device__ inline float Silu(float x) { return x * Sigmoid(x); }
        __device__ inline float SiluSlope(float x) { float s = Sigmoid(x); return s + x * s * (1.f - s); }
        __device__ inline float Gelu(float x) { return 0.5f * x * erfcf(-0.70710678f * x); }
        __device__ inline float GeluSlope(float x) { return 0.5f * erfcf(-0.70710678f * x) + 0.39894228f * x * expf(-0.5f * x * x); }
        __device__ inline float GeluTanh(float x) { return x * Sigmoid(1.5957691f * (x + 0.044715f * x * x * x)); }
        __device__ inline float GeluTanhSlope(float x)
        {
            float s = Sigmoid(1.5957691f * (x + 0.044715f * x * x * x));
            return s + x * s * (1.f - s) * 1.5957691f * (1.f + 0.134145f * x * x);
        }
        __device__ inline float Softplus(float x) { return fmaxf(x, 0.f) + log1pf(expf(-fabsf(x))); }
        __device__ inline float SoftplusSlope(float x) { return Sigmoid(x); }
        __device__ inline float Mish(float x) { return x * tanhf(Softplus(x)); }
        __device__ inline float MishSlope(float x) { float t = tanhf(Softplus(x)); return t + x * (1.f - t * t) * Sigmoid(x); }
        __device__ inline float HardSwish(float x) { return x * HardSigmoid(x); }
        __device__ inline float HardSwishSlope(float x) { return x <= -3.f ? 0.f : x >= 3.f ? 1.f : x / 3.f + 0.5f; }
        __device__ inline float Sqrt(float x) { return x > 0.f ? sqrtf(x) : 0.f; }
        __device__ inline float SqrtSlope(float x) { return x > 0.f ? 0.5f / sqrtf(x) : 0.f; }

        // An element of a dropout mask, by its place in the whole mask: SplitMix64 over a counter, 32 bits an element.
        __device__ inline unsigned long long mix(unsigned long long z)
        {
            z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ull;
            z = (z ^ (z >> 27)) * 0x94D049BB133111EBull;
            return z ^ (z >> 31);
        }

        __device__ inline float kept(const Call& call, unsigned stream, float probability, unsigned long long index)
        {
            const unsigned long long gamma = 0x9E3779B97F4A7C15ull;
            unsigned long long bits = mix(mix(mix(call.seed + gamma) + stream * gamma) + (index >> 1) * gamma);
            unsigned half = (unsigned)(index & 1 ? bits >> 32 : bits);
            return half >= (unsigned)(probability * 4294967296.0) ? 1.f / (1.f - probability) : 0.f;
        }

        // A cluster of blocks: this block's number in it, a barrier of all its threads, and a store to the same place in each block.
        __device__ inline int cluster_rank()
        {
            unsigned rank;
            asm volatile("mov.u32 %0, %%cluster_ctarank;" : "=r"(rank));
            return rank;
        }

        template <int blocks> __device__ inline void meet()
        {
            if (blocks == 1) __syncthreads();
            else asm volatile("barrier.cluster.arrive.release.aligned; barrier.cluster.wait.acquire.aligned;" ::: "memory");
        }

        template <int blocks> __device__ inline void put(float* place, float value)
        {
            if (blocks == 1)
            {
                *place = value;
                return;
            }
            const unsigned own = (unsigned)__cvta_generic_to_shared(place);
            #pragma unroll
            for (int block = 0; block < blocks; block++)
            {
                unsigned there;
                asm volatile("mapa.shared::cluster.u32 %0, %1, %2;" : "=r"(there) : "r"(own), "r"(block));
                asm volatile("st.shared::cluster.f32 [%0], %1;" :: "r"(there), "f"(value) : "memory");
            }
        }

        // A product of at most 8 rows: a warp makes a column.
        template <int terms, class A, class B, class Store>
        __device__ inline void few_rows(int rows, int columns, A a, B b, Store store)
        {
            const int column = (blockIdx.x * blockDim.x + threadIdx.x) / 32, lane = threadIdx.x % 32;
            if (column >= columns) return;
            float sums[8] = {};
            for (int term = lane; term < terms; term += 32)
            {
                const float weight = b(column, term);
                #pragma unroll
                for (int r = 0; r < 8; r++) if (r < rows) sums[r] += a(r, term) * weight;
            }
            #pragma unroll
            for (int r = 0; r < 8; r++)
            {
                #pragma unroll
                for (int apart = 16; apart > 0; apart /= 2) sums[r] += __shfl_xor_sync(~0u, sums[r], apart);
            }
            if (lane == 0)
            {
                #pragma unroll
                for (int r = 0; r < 8; r++) if (r < rows) store(r, column, sums[r]);
            }
        }
        """;
}
