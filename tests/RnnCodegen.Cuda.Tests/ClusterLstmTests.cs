using RnnCodegen.PtxMachine;
using Xunit;

namespace RnnCodegen.Cuda.Tests;

/// <summary>
/// What NVIDIA's compiler makes of a recurrent layer runs on the PTX machine: weights in registers, the state exchanged through the shared
/// memory of a cluster's blocks, one barrier a step.
/// </summary>
public sealed class ClusterLstmTests
{
    private const int Units = 64, Steps = 6;

    private const string Source =
        """
        extern "C" __global__ void __cluster_dims__(2, 1, 1) lstm(const float* __restrict__ gx, const float* __restrict__ u, float* h, int steps)
        {
            __shared__ float hs[2][64];
            unsigned rank;
            asm volatile("mov.u32 %0, %%cluster_ctarank;" : "=r"(rank));
            int t = threadIdx.x, unit = rank * 32 + (t >> 2), gate = t & 3;
            float w[64], c = 0.f;
            #pragma unroll
            for (int k = 0; k < 64; k++) w[k] = u[k * 256 + unit * 4 + gate];
            if (t < 64) hs[0][t] = 0.f;
            BARRIER
            for (int s = 0; s < steps; s++)
            {
                float a = gx[(s * 64 + unit) * 4 + gate];
                #pragma unroll
                for (int k = 0; k < 64; k++) a += w[k] * hs[s & 1][k];
                float v = gate == 2 ? tanhf(a) : 1.f / (1.f + expf(-a));
                float i = __shfl_sync(~0u, v, t & 28), f = __shfl_sync(~0u, v, (t & 28) | 1);
                float g = __shfl_sync(~0u, v, (t & 28) | 2), o = __shfl_sync(~0u, v, (t & 28) | 3);
                c = f * c + i * g;
                float next = o * tanhf(c);
                if (gate < 2)
                {
                    unsigned own = (unsigned)__cvta_generic_to_shared(&hs[(s + 1) & 1][unit]), remote;
                    asm volatile("mapa.shared::cluster.u32 %0, %1, %2;" : "=r"(remote) : "r"(own), "r"(gate));
                    asm volatile("st.shared::cluster.f32 [%0], %1;" :: "r"(remote), "f"(next) : "memory");
                }
                if (gate == 3) h[s * 64 + unit] = next;
                BARRIER_OF_THE_LOOP
            }
        }
        """;

    private const string Barrier =
        """asm volatile("barrier.cluster.arrive.release.aligned; barrier.cluster.wait.acquire.aligned;" ::: "memory");""";

    [NvrtcFact]
    public void Cluster_computes_what_the_equations_say()
    {
        var random = new Random(1);
        var gates = Enumerable.Range(0, Steps * Units * 4).Select(_ => random.NextSingle() - 0.5f).ToArray();
        var weights = Enumerable.Range(0, Units * Units * 4).Select(_ => (random.NextSingle() - 0.5f) / 4).ToArray();
        var actual = Run(Barrier, gates, weights);
        var expected = Reference(gates, weights);
        Assert.All(expected.Zip(actual), pair => Assert.Equal(pair.First, pair.Second, 2e-6));
    }

    [NvrtcFact]
    public void Without_its_barrier_it_is_found_to_race()
    {
        var fault = Assert.Throws<PtxFault>(() => Run("", new float[Steps * Units * 4], new float[Units * Units * 4]));
        Assert.True(fault.Kind is FaultKind.Race or FaultKind.Uninitialized, fault.Message);
    }

    private static float[] Run(string barrierOfTheLoop, float[] gates, float[] weights)
    {
        var source = Source.Replace("BARRIER_OF_THE_LOOP", barrierOfTheLoop, StringComparison.Ordinal)
            .Replace("BARRIER", Barrier, StringComparison.Ordinal);
        var memory = new DeviceMemory();
        var kernel = PtxModule.Load(Nvrtc.Compile(source), memory)["lstm"];
        var (gx, u) = (memory.Allocate(4 * gates.Length), memory.Allocate(4 * weights.Length));
        var h = memory.Allocate(4 * Steps * Units);
        memory.Write<float>(gx, gates);
        memory.Write<float>(u, weights);
        var parameters = new byte[28];
        BitConverter.TryWriteBytes(parameters, gx);
        BitConverter.TryWriteBytes(parameters.AsSpan(8), u);
        BitConverter.TryWriteBytes(parameters.AsSpan(16), h);
        BitConverter.TryWriteBytes(parameters.AsSpan(24), Steps);
        PtxLaunch.Run(kernel, memory, LaunchShape.Of(2, 128, cluster: 2), parameters);
        var result = new float[Steps * Units];
        memory.Read<float>(h, result);
        return result;
    }

    // i, f, g, o of a unit stand next to each other.
    private static double[] Reference(float[] gates, float[] weights)
    {
        var (h, c, all) = (new double[Units], new double[Units], new List<double>());
        for (var s = 0; s < Steps; s++)
        {
            var before = (double[])h.Clone();
            for (var unit = 0; unit < Units; unit++)
            {
                var a = Enumerable.Range(0, 4).Select(gate => gates[(((s * Units) + unit) * 4) + gate]
                    + Enumerable.Range(0, Units).Sum(k => (double)weights[(((k * Units) + unit) * 4) + gate] * before[k])).ToArray();
                c[unit] = (Sigmoid(a[1]) * c[unit]) + (Sigmoid(a[0]) * Math.Tanh(a[2]));
                h[unit] = Sigmoid(a[3]) * Math.Tanh(c[unit]);
            }

            all.AddRange(h);
        }

        return [.. all];

        static double Sigmoid(double x) => 1 / (1 + Math.Exp(-x));
    }
}
