namespace RnnCodegen.Generators.Emission.Cuda;

/// <summary>
/// The device code of products over many rows, tile by tile: what is the same in every precision, and for each of them what a word in
/// shared memory is and how slabs of words are multiplied.
/// </summary>
internal static class CudaTiles
{
    /// <summary>The text for the precisions that a plan has.</summary>
    public static string TextOf(IEnumerable<CudaPrecisionKind> precisions)
    {
        var wanted = precisions.ToList();
        var parts = new List<string> { Tile };
        if (wanted.Contains(CudaPrecisionKind.Float32))
        {
            parts.Add(Float32);
        }

        if (wanted.Any(precision => precision != CudaPrecisionKind.Float32))
        {
            parts.Add(Tensors);
        }

        if (wanted.Contains(CudaPrecisionKind.TensorFloat32))
        {
            parts.Add(TensorFloat32);
        }

        if (wanted.Contains(CudaPrecisionKind.BFloat16))
        {
            parts.Add(BFloat16);
        }

        return string.Join("\n\n", parts);
    }

    private const string Tile =
        """
        // A thread's terms of a slab, which is 16 words along the terms and 64 along rows or columns. What is next to each other in memory is
        // what consecutive threads read: terms, or rows and columns where these are "along".
        template <class P, bool along, class F>
        __device__ inline void fetch(float (&terms)[4 * P::terms], int first, int count, int term, int end, F f)
        {
            #pragma unroll
            for (int n = 0; n < 4; n++)
            {
                const int i = threadIdx.x + n * 256, r = first + (along ? i % 64 : i / 16);
                #pragma unroll
                for (int t = 0; t < P::terms; t++)
                {
                    const int k = term + (along ? i / 64 : i % 16) * P::terms + t;
                    terms[n * P::terms + t] = r < count && k < end ? f(r, k) : 0.f;
                }
            }
        }

        template <class P, bool along>
        __device__ inline void put_words(typename P::Word (&slab)[16][P::stride], const float (&terms)[4 * P::terms])
        {
            #pragma unroll
            for (int n = 0; n < 4; n++)
            {
                const int i = threadIdx.x + n * 256;
                slab[along ? i / 64 : i % 16][along ? i % 64 : i / 16] = P::word_of(terms + n * P::terms);
            }
        }

        struct None { __device__ void operator()(int, float) const { } };
        template <class T> const bool is_none = false;
        template <> const bool is_none<None> = true;

        // A tile of a product: of 64 rows and 64 columns each the sum over terms [first, end) of a(row, term) b(column, term), by 256
        // threads of 16 sums each. While a slab is multiplied, the next one comes from memory. The first tile of a row of tiles also gives
        // the sums of a over the terms, as float32 in every precision.
        template <class P, bool aAlong, bool bAlong, class A, class B, class Store, class StoreSum = None>
        __device__ inline void tile(int rows, int columns, int first, int end, A a, B b, Store store, StoreSum storeSum = {})
        {
            static_assert(aAlong || is_none<StoreSum>, "a thread adds up what it fetches, which is of one row only where rows are along");
            __shared__ __align__(16) typename P::Word as[16][P::stride], bs[16][P::stride];
            const int row0 = blockIdx.y * 64, column0 = blockIdx.x * 64;
            float sums[16] = {}, sumOfRow = 0.f, x[4 * P::terms], y[4 * P::terms];
            fetch<P, aAlong>(x, row0, rows, first, end, a);
            fetch<P, bAlong>(y, column0, columns, first, end, b);
            for (int term = first; term < end; term += 16 * P::terms)
            {
                put_words<P, aAlong>(as, x);
                put_words<P, bAlong>(bs, y);
                if (!is_none<StoreSum>)
                {
                    #pragma unroll
                    for (int i = 0; i < 4 * P::terms; i++) sumOfRow += x[i];
                }
                __syncthreads();
                fetch<P, aAlong>(x, row0, rows, term + 16 * P::terms, end, a);
                fetch<P, bAlong>(y, column0, columns, term + 16 * P::terms, end, b);
                P::multiply(as, bs, sums);
                __syncthreads();
            }
            #pragma unroll
            for (int i = 0; i < 16; i++)
            {
                const int r = row0 + P::row_of(i), c = column0 + P::column_of(i);
                if (r < rows && c < columns) store(r, c, sums[i]);
            }
            if (!is_none<StoreSum> && column0 == 0)
            {
                __shared__ float parts[256];
                parts[threadIdx.x] = sumOfRow;
                __syncthreads();
                const int r = row0 + threadIdx.x;
                if (threadIdx.x < 64 && r < rows)
                    storeSum(r, parts[threadIdx.x] + parts[threadIdx.x + 64] + parts[threadIdx.x + 128] + parts[threadIdx.x + 192]);
            }
        }
        """;

    private const string Float32 =
        """
        // Words are float32. A thread's sums are 4 x 4 neighbours.
        struct Float32
        {
            typedef float Word;
            static const int terms = 1, stride = 68;

            static __device__ Word word_of(const float* terms) { return *terms; }
            static __device__ int row_of(int i) { return threadIdx.x / 16 * 4 + i / 4; }
            static __device__ int column_of(int i) { return threadIdx.x % 16 * 4 + i % 4; }

            static __device__ void multiply(const Word (&a)[16][stride], const Word (&b)[16][stride], float (&sums)[16])
            {
                #pragma unroll
                for (int k = 0; k < 16; k++)
                {
                    const float4 x = *(const float4*)&a[k][row_of(0)], y = *(const float4*)&b[k][column_of(0)];
                    const float xs[4] = { x.x, x.y, x.z, x.w }, ys[4] = { y.x, y.y, y.z, y.w };
                    #pragma unroll
                    for (int i = 0; i < 16; i++) sums[i] += xs[i / 4] * ys[i % 4];
                }
            }
        };
        """;

    private const string Tensors =
        """
        // Tensor cores multiply words of fewer bits; products are exact, and sums float32. A warp makes 32 rows and 16 columns, 16 x 8 at a
        // time. Thread 4 g + t of it has words of a at rows g and g + 8, places t and t + 4, of b at the same places of column g, and sums
        // at rows g and g + 8, columns 2 t and 2 t + 1.
        template <class P> struct Tensors
        {
            typedef unsigned Word;
            static const int stride = 72;

            static __device__ int row_of(int i) { return threadIdx.x / 32 % 2 * 32 + i / 8 * 16 + i / 2 % 2 * 8 + threadIdx.x % 32 / 4; }
            static __device__ int column_of(int i) { return threadIdx.x / 64 * 16 + i / 4 % 2 * 8 + i % 2 + threadIdx.x % 4 * 2; }

            static __device__ void multiply(const Word (&a)[16][stride], const Word (&b)[16][stride], float (&sums)[16])
            {
                const int t = threadIdx.x % 4, g = threadIdx.x % 32 / 4;
                const int row = threadIdx.x / 32 % 2 * 32 + g, column = threadIdx.x / 64 * 16 + g;
                #pragma unroll
                for (int k = 0; k < 16; k += 8)
                {
                    unsigned x[2][4], y[2][2];
                    #pragma unroll
                    for (int i = 0; i < 8; i++) x[i / 4][i % 4] = a[k + t + i / 2 % 2 * 4][row + i / 4 * 16 + i % 2 * 8];
                    #pragma unroll
                    for (int i = 0; i < 4; i++) y[i / 2][i % 2] = b[k + t + i % 2 * 4][column + i / 2 * 8];
                    #pragma unroll
                    for (int i = 0; i < 4; i++) P::multiply_add(sums + 4 * i, x[i / 2], y[i % 2]);
                }
            }
        };
        """;

    private static readonly string TensorFloat32 = OnTensors(
        "TensorFloat32", "Words are TF32: float32 rounded to 10 bits of fraction, ties away from zero.", 1,
        "cvt.rna.tf32.f32 %0, %1;", "\"f\"(*terms)", "m16n8k8.row.col.f32.tf32.tf32.f32");

    private static readonly string BFloat16 = OnTensors(
        "BFloat16", "Words are pairs of bfloat16: float32 rounded to 7 bits of fraction, ties to even.", 2,
        "cvt.rn.bf16x2.f32 %0, %1, %2;", "\"f\"(terms[1]), \"f\"(terms[0])", "m16n8k16.row.col.f32.bf16.bf16.f32");

    private static string OnTensors(string name, string comment, int terms, string rounding, string operands, string product) =>
        $$"""
        // {{comment}}
        struct {{name}} : Tensors<{{name}}>
        {
            static const int terms = {{terms}};

            static __device__ unsigned word_of(const float* terms)
            {
                unsigned word;
                asm("{{rounding}}" : "=r"(word) : {{operands}});
                return word;
            }

            static __device__ void multiply_add(float* d, const unsigned (&a)[4], const unsigned (&b)[2])
            {
                asm volatile("mma.sync.aligned.{{product}} "
                    "{%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, %3};"
                    : "+f"(d[0]), "+f"(d[1]), "+f"(d[2]), "+f"(d[3])
                    : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));
            }
        };
        """;
}
