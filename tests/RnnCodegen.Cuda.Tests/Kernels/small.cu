struct Turn { int chunk, steps, step, samples; };
struct Call { const float* a; const float* b; float* c; int count; };

// c = a + samples b.
extern "C" __global__ void add(const Call* where, Turn turn)
{
    int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i < where->count) where->c[i] = where->a[i] + where->b[i] * turn.samples;
}

// Each block of a cluster gives its values of a to the next one.
extern "C" __global__ void rotate(const Call* where, Turn turn)
{
    extern __shared__ float values[];
    unsigned rank, blocks, remote, own = (unsigned)__cvta_generic_to_shared(&values[threadIdx.x]);
    asm volatile("mov.u32 %0, %%cluster_ctarank;" : "=r"(rank));
    asm volatile("mov.u32 %0, %%cluster_nctarank;" : "=r"(blocks));
    int at = (blockIdx.z * gridDim.x + blockIdx.x) * blockDim.x + threadIdx.x;
    asm volatile("mapa.shared::cluster.u32 %0, %1, %2;" : "=r"(remote) : "r"(own), "r"((rank + 1) % blocks));
    asm volatile("barrier.cluster.arrive.release.aligned; barrier.cluster.wait.acquire.aligned;" ::: "memory");
    asm volatile("st.shared::cluster.f32 [%0], %1;" :: "r"(remote), "f"(where->a[at]) : "memory");
    asm volatile("barrier.cluster.arrive.release.aligned; barrier.cluster.wait.acquire.aligned;" ::: "memory");
    where->c[at] = values[threadIdx.x];
}
