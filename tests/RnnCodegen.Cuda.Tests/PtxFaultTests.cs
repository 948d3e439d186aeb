using RnnCodegen.PtxMachine;
using Xunit;

namespace RnnCodegen.Cuda.Tests;

/// <summary>Every check of the PTX machine meets a kernel that is wrong on purpose, and one that is nearly the same and right.</summary>
public sealed class PtxFaultTests
{
    private readonly DeviceMemory _memory = new();

    [Theory]
    [InlineData("mul.wide.u32 %rd3, %r1, 4;", null)]
    [InlineData("add.u32 %r1, %r1, 1; mul.wide.u32 %rd3, %r1, 4;", FaultKind.OutOfBounds)]
    [InlineData("mul.wide.u32 %rd3, %r1, 4; add.u64 %rd3, %rd3, 2;", FaultKind.Misaligned)]
    [InlineData("mul.wide.u32 %rd3, %r1, 0;", FaultKind.Race)]
    public void Global_writes(string index, FaultKind? expected) => Run(
        $"mov.u32 %r1, %tid.x; {index} add.u64 %rd3, %rd3, %rd1; st.global.u32 [%rd3], %r1;", expected);

    [Fact]
    public void Read_of_global_memory_that_nobody_wrote() =>
        Run("ld.global.u32 %r1, [%rd2];", FaultKind.Uninitialized, threads: 1, source: _memory.Allocate(64));

    [Theory]
    [InlineData("bar.sync 0;", null)]
    [InlineData("bar.warp.sync 0xffffffff;", FaultKind.Race)]
    [InlineData("", FaultKind.Uninitialized)]
    public void Shared_memory_between_warps(string barrier, FaultKind? expected) => Run(
        $"""
        mov.u32 %r1, %tid.x; mov.u32 %r2, buffer; shl.b32 %r3, %r1, 2; add.u32 %r4, %r2, %r3;
        st.shared.u32 [%r4], %r1; {barrier}
        xor.b32 %r5, %r3, 252; add.u32 %r5, %r2, %r5; ld.shared.u32 %r6, [%r5];
        """, expected, threads: 64);

    [Theory]
    [InlineData("bar.warp.sync 0xffffffff;", null)]
    [InlineData("shfl.sync.bfly.b32 %r7, %r1, 1, 31, 0xffffffff;", FaultKind.Race)]
    public void Shared_memory_within_a_warp(string between, FaultKind? expected) => Run(
        $"""
        mov.u32 %r1, %tid.x; mov.u32 %r2, buffer; shl.b32 %r3, %r1, 2; add.u32 %r4, %r2, %r3;
        st.shared.u32 [%r4], %r1; {between}
        xor.b32 %r5, %r3, 4; add.u32 %r5, %r2, %r5; ld.shared.u32 %r6, [%r5];
        """, expected);

    [Theory]
    [InlineData("bar.sync 0;", null)]
    [InlineData("", FaultKind.Race)]
    public void Write_after_others_have_read(string barrier, FaultKind? expected) => Run(
        $"""
        mov.u32 %r1, %tid.x; mov.u32 %r2, buffer; setp.eq.u32 %p1, %r1, 0; @%p1 st.shared.u32 [%r2], %r1; bar.sync 0;
        ld.shared.u32 %r3, [%r2]; {barrier} @%p1 st.shared.u32 [%r2], %r3;
        """, expected);

    [Theory]
    [InlineData("@%p1 bra skip; skip: bar.sync 0;", null)]
    [InlineData("@%p1 bra skip; bar.sync 0; skip:", FaultKind.Barrier)]
    [InlineData("@%p1 bra skip; bar.sync 0; bra end; skip: bar.sync 0; end:", FaultKind.Barrier)]
    public void Barrier_that_not_all_threads_reach(string body, FaultKind? expected) =>
        Run($"mov.u32 %r1, %tid.x; setp.gt.u32 %p1, %r1, 15; {body}", expected);

    [Theory]
    [InlineData("shfl.sync.idx.b32 %r2, %r1, 3, 31, 0xffffffff;", null)]
    [InlineData("@%p1 bra skip; shfl.sync.idx.b32 %r2, %r1, 3, 31, 0xffffffff; skip:", FaultKind.Barrier)]
    [InlineData("@%p1 bra skip; shfl.sync.idx.b32 %r2, %r1, 3, 31, 0x0000ffff; skip:", null)]
    [InlineData("@%p1 bra skip; shfl.sync.idx.b32 %r2, %r1, 20, 31, 0x0000ffff; skip:", FaultKind.Barrier)]
    public void Exchange_of_a_warp(string body, FaultKind? expected) =>
        Run($"mov.u32 %r1, %tid.x; setp.gt.u32 %p1, %r1, 15; {body}", expected);

    [Theory]
    [InlineData("cvt.rna.tf32.f32 %r1, 0f3F801234;", 32, null)]
    [InlineData("mov.u32 %r1, 0x3F801234;", 32, FaultKind.Unsupported)]
    [InlineData("mov.u32 %r1, 0;", 16, FaultKind.Barrier)]
    [InlineData("mov.u32 %r1, %tid.x; setp.gt.u32 %p1, %r1, 15; mov.u32 %r1, 0; @%p1 bra end;", 32, FaultKind.Barrier)]
    public void Product_of_a_warp(string before, int threads, FaultKind? expected) => Run(
        $$"""
        {{before}}
        mov.u32 %r2, 0;
        mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32
            {%r2, %r3, %r4, %r5}, {%r1, %r1, %r1, %r1}, {%r1, %r1}, {%r2, %r2, %r2, %r2};
        end:
        """, expected, threads);

    [Theory]
    [InlineData("barrier.cluster.arrive.release.aligned; barrier.cluster.wait.acquire.aligned;", 1, null)]
    [InlineData("", 1, FaultKind.Race)]
    [InlineData("bar.sync 0;", 1, FaultKind.Race)]
    [InlineData("barrier.cluster.arrive.release.aligned; barrier.cluster.wait.acquire.aligned;", 2, FaultKind.OutOfBounds)]
    [InlineData("barrier.cluster.wait.acquire.aligned;", 1, FaultKind.Barrier)]
    public void Shared_memory_of_another_block(string barrier, int other, FaultKind? expected) => Run(
        $"""
        mov.u32 %r1, %tid.x; mov.u32 %r2, buffer; mov.u32 %r3, %cluster_ctarank; st.shared.u32 [%r2], %r3;
        barrier.cluster.arrive.release.aligned; barrier.cluster.wait.acquire.aligned;
        xor.b32 %r4, %r3, {other}; mapa.shared::cluster.u32 %r5, %r2, %r4; ld.shared::cluster.u32 %r6, [%r5];
        {barrier}
        st.shared.u32 [%r2], %r1;
        barrier.cluster.arrive.release.aligned; barrier.cluster.wait.acquire.aligned;
        """, expected, threads: 1, blocks: 2, cluster: 2);

    [Fact]
    public void Shared_memory_of_a_block_that_has_ended() => Run(
        """
        mov.u32 %r2, buffer; mov.u32 %r3, %cluster_ctarank; setp.eq.u32 %p1, %r3, 0; @%p1 bra end;
        mapa.shared::cluster.u32 %r5, %r2, 0; st.shared::cluster.u32 [%r5], %r3;
        end:
        """, FaultKind.OutOfBounds, threads: 1, blocks: 2, cluster: 2);

    [Theory]
    [InlineData(16, null)]
    [InlineData(15, FaultKind.OutOfBounds)]
    [InlineData(0, FaultKind.OutOfBounds)]
    public void Shared_memory_that_the_launch_asks_for(int bytes, FaultKind? expected) => Run(
        """
        mov.u32 %r2, dynamic; mov.u32 %r3, buffer; sub.u32 %r4, %r2, %r3; setp.ne.u32 %p1, %r4, 256; @%p1 bra end;
        mov.u32 %r1, %tid.x; shl.b32 %r5, %r1, 2; add.u32 %r5, %r2, %r5; st.shared.u32 [%r5], %r1; ld.shared.u32 %r6, [%r5];
        end:
        """, expected, threads: 4, dynamicShared: bytes);

    [Fact]
    public void Grid_of_three_dimensions_in_clusters()
    {
        var kernel = Load(
            """
            mov.u32 %r1, %ctaid.x; mov.u32 %r2, %ctaid.y; mov.u32 %r3, %ctaid.z; mov.u32 %r4, %cluster_ctarank;
            mov.u32 %r5, %nctaid.x; mov.u32 %r6, %nctaid.y; mad.lo.u32 %r7, %r3, %r6, %r2; mad.lo.u32 %r7, %r7, %r5, %r1;
            mul.wide.u32 %rd3, %r7, 4; add.u64 %rd3, %rd3, %rd1; mad.lo.u32 %r8, %r4, 1000, %r7; st.global.u32 [%rd3], %r8;
            """)["kernel"];
        var parameters = new byte[16];
        var target = _memory.Allocate(4 * 24);
        BitConverter.TryWriteBytes(parameters, target);
        PtxLaunch.Run(kernel, _memory, new((4, 2, 3), (1, 1, 1), (2, 1, 1), 0), parameters);
        var ranks = new int[24];
        _memory.Read<int>(target, ranks);
        Assert.Equal(Enumerable.Range(0, 24).Select(block => (block % 2 * 1000) + block), ranks);
    }

    [Fact]
    public void Variables_of_a_module_go_with_it()
    {
        var module = PtxModule.Load(".version 8.4\n.target sm_90\n.global .align 4 .b8 table[64];\n", _memory);
        Assert.Equal((1, 64L), (_memory.Count, _memory.Allocated));
        module.Unload();
        module.Unload();
        Assert.Equal(0, _memory.Count);
    }

    [Fact]
    public void Blocks_of_different_clusters_have_no_order() => Run(
        "mov.u32 %r1, %ctaid.x; barrier.cluster.arrive.release.aligned; barrier.cluster.wait.acquire.aligned; st.global.u32 [%rd1], %r1;",
        FaultKind.Race, threads: 1, blocks: 2);

    [Fact]
    public void Block_of_its_own_registers_may_follow_a_label() =>
        Run("again: { .reg .b32 t; mov.u32 t, %tid.x; } { .reg .b32 t; mov.b64 {t, %r1}, %rd1; }", null);

    [Fact]
    public void Loop_without_end_is_stopped() => Run("again: bra again;", FaultKind.Endless, threads: 1);

    [Fact]
    public void Instruction_that_is_not_known_is_refused_before_anything_runs() =>
        Assert.Equal(FaultKind.Unsupported, Assert.Throws<PtxFault>(() => Load("red.global.add.u32 [%rd1], %r1;")).Kind);

    [Fact]
    public void Launch_that_the_kernel_does_not_allow()
    {
        var kernel = Load("", ".reqnctapercluster 4, 1, 1")["kernel"];
        var fault = Assert.Throws<PtxFault>(() => PtxLaunch.Run(kernel, _memory, LaunchShape.Of(2, 32, cluster: 2), new byte[16]));
        Assert.Equal(FaultKind.Launch, fault.Kind);
    }

    [Fact]
    public void Host_reads_only_what_was_written()
    {
        var address = _memory.Allocate(8);
        _memory.Write<int>(address, [1]);
        _memory.Read(address, new int[1].AsSpan());
        Assert.Equal(FaultKind.Uninitialized, Assert.Throws<PtxFault>(() => _memory.Read(address, new int[2].AsSpan())).Kind);
        Assert.Equal(FaultKind.OutOfBounds, Assert.Throws<PtxFault>(() => _memory.Read(address, new int[3].AsSpan())).Kind);
        _memory.Free(address);
        Assert.Equal(FaultKind.OutOfBounds, Assert.Throws<PtxFault>(() => _memory.Read(address, new int[1].AsSpan())).Kind);
    }

    private void Run(
        string body, FaultKind? expected, int threads = 32, int blocks = 1, int cluster = 1, ulong? source = null, int dynamicShared = 0)
    {
        var kernel = Load(body)["kernel"];
        var parameters = new byte[16];
        BitConverter.TryWriteBytes(parameters, _memory.Allocate(4 * threads));
        BitConverter.TryWriteBytes(parameters.AsSpan(8), source ?? 0);
        var shape = LaunchShape.Of(blocks, threads, cluster, dynamicShared);
        void Launch() => PtxLaunch.Run(kernel, _memory, shape, parameters, limit: 100_000);
        if (expected is { } kind)
        {
            var fault = Assert.Throws<PtxFault>(Launch);
            Assert.True(kind == fault.Kind, fault.Message);
        }
        else
        {
            Launch();
        }
    }

    private PtxModule Load(string body, string attributes = "") => PtxModule.Load(
        $$"""
        .version 8.4
        .target sm_90
        .address_size 64
        .extern .shared .align 16 .b8 dynamic[];
        .visible .entry kernel(.param .u64 out, .param .u64 in)
        {{attributes}}
        {
        .reg .pred %p<4>;
        .reg .b32 %r<16>;
        .reg .b64 %rd<8>;
        .shared .align 4 .b8 buffer[256];
        ld.param.u64 %rd1, [out];
        ld.param.u64 %rd2, [in];
        {{body}}
        ret;
        }
        """, _memory);
}
