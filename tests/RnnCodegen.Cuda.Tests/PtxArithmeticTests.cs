using RnnCodegen.PtxMachine;
using Xunit;

namespace RnnCodegen.Cuda.Tests;

/// <summary>Single instructions of the PTX machine, by what their definition says of edge cases.</summary>
public sealed class PtxArithmeticTests
{
    [Theory]
    [InlineData("add.s32 %r3, %r1, %r2;", 0x7fffffff, 1, 0x80000000)]
    [InlineData("mul.hi.u32 %r3, %r1, %r2;", 0xffffffff, 0xffffffff, 0xfffffffe)]
    [InlineData("mul.hi.s32 %r3, %r1, %r2;", 0xffffffff, 2, 0xffffffff)]
    [InlineData("mul.lo.s32 %r3, %r1, %r2;", 0x10001, 0x10001, 0x20001)]
    [InlineData("mad.lo.s32 %r3, %r1, %r2, 5;", 3, 4, 17)]
    [InlineData("shr.s32 %r3, %r1, %r2;", 0x80000000, 31, 0xffffffff)]
    [InlineData("shr.s32 %r3, %r1, %r2;", 0x80000000, 40, 0xffffffff)]
    [InlineData("shr.u32 %r3, %r1, %r2;", 0x80000000, 31, 1)]
    [InlineData("shl.b32 %r3, %r1, %r2;", 1, 32, 0)]
    [InlineData("bfe.u32 %r3, %r1, 4, 8;", 0xabcd, 0, 0xbc)]
    [InlineData("bfe.s32 %r3, %r1, 4, 8;", 0xabcd, 0, 0xffffffbc)]
    [InlineData("bfi.b32 %r3, %r1, %r2, 2, 30;", 5, 3, 23)]
    [InlineData("prmt.b32 %r3, %r1, %r2, 0x5410;", 0x0000aabb, 0x0000ccdd, 0xccddaabb)]
    [InlineData("lop3.b32 %r3, %r1, %r2, %r1, 0x6a;", 0xff00ff00, 0x0ff00ff0, 0xf00ff00f & 0xff00ff00 | 0x0)]
    [InlineData("shf.l.wrap.b32 %r3, %r1, %r2, 8;", 0x12345678, 0x9abcdef0, 0xbcdef012)]
    [InlineData("popc.b32 %r3, %r1;", 0xf0f0, 0, 8)]
    [InlineData("clz.b32 %r3, %r1;", 0xf0f0, 0, 16)]
    [InlineData("rem.s32 %r3, %r1, %r2;", 0xfffffff9, 4, 0xfffffffd)]
    [InlineData("selp.b32 %r3, %r1, %r2, %p1;", 1, 2, 2)]
    [InlineData("setp.lt.s32 %p1, %r1, %r2; selp.b32 %r3, 1, 0, %p1;", 0xffffffff, 0, 1)]
    [InlineData("setp.lt.u32 %p1, %r1, %r2; selp.b32 %r3, 1, 0, %p1;", 0xffffffff, 0, 0)]
    [InlineData("cvt.s32.s8 %r3, %r1;", 0x80, 0, 0xffffff80)]
    [InlineData("cvt.u32.u8 %r3, %r1;", 0x1ff, 0, 0xff)]
    [InlineData("cvt.rn.f32.s32 %r3, %r1;", 0xffffffff, 0, 0xbf800000)]
    [InlineData("cvt.rni.s32.f32 %r3, %r1;", 0x40200000, 0, 2)]
    [InlineData("cvt.rzi.s32.f32 %r3, %r1;", 0xc0333333, 0, 0xfffffffe)]
    [InlineData("fma.rn.f32 %r3, %r1, %r1, %r2;", 0x3f800001, 0xbf800000, 0x34800000 + 0)]
    [InlineData("fma.rm.f32 %r3, %r1, %r1, %r2;", 0x3f800001, 0x3f800000, 0x40000001)]
    [InlineData("fma.rp.f32 %r3, %r1, %r1, %r2;", 0x3f800001, 0x3f800000, 0x40000002)]
    [InlineData("add.rz.f32 %r3, %r1, %r2;", 0xbf800000, 0xb3000000, 0xbf800000)]
    [InlineData("add.rm.f32 %r3, %r1, %r2;", 0xbf800000, 0xb3000000, 0xbf800001)]
    [InlineData("mul.f32 %r3, %r1, %r2;", 0x00800000, 0x3f000000, 0x00400000)]
    [InlineData("mul.ftz.f32 %r3, %r1, %r2;", 0x00800000, 0x3f000000, 0)]
    [InlineData("max.f32 %r3, %r1, %r2;", 0x7fc00000, 0x3f800000, 0x3f800000)]
    [InlineData("setp.ltu.f32 %p1, %r1, %r2; selp.b32 %r3, 1, 0, %p1;", 0x7fc00000, 0, 1)]
    [InlineData("setp.lt.f32 %p1, %r1, %r2; selp.b32 %r3, 1, 0, %p1;", 0x7fc00000, 0, 0)]
    [InlineData("neg.f32 %r3, %r1;", 0, 0, 0x80000000)]
    [InlineData("mov.b64 %rd3, {%r1, %r2}; shr.u64 %rd3, %rd3, 16; cvt.u32.u64 %r3, %rd3;", 0x11112222, 0x33334444, 0x44441111)]
    [InlineData("cvt.rna.tf32.f32 %r3, %r1;", 0x3f801000, 0, 0x3f802000)]
    [InlineData("cvt.rna.tf32.f32 %r3, %r1;", 0xbf800fff, 0, 0xbf800000)]
    [InlineData("cvt.rna.tf32.f32 %r3, %r1;", 0x7f800000, 0, 0x7f800000)]
    [InlineData("cvt.rn.bf16x2.f32 %r3, %r1, %r2;", 0x3f808000, 0x3f818000, 0x3f803f82)]
    [InlineData("cvt.rn.bf16x2.f32 %r3, %r1, %r2;", 0x3f808001, 0xff800000, 0x3f81ff80)]
    [InlineData("shfl.sync.idx.b32 %r3, %r1, 0, 31, 1;", 7, 0, 7)]
    [InlineData("vote.sync.ballot.b32 %r3, %p1, 1;", 0, 0, 0)]
    public void Instruction_gives(string body, long first, long second, long expected)
    {
        var memory = new DeviceMemory();
        var module = PtxModule.Load(
            $$"""
            .visible .entry kernel(.param .u64 out, .param .u32 first, .param .u32 second)
            {
            .reg .pred %p<2>;
            .reg .b32 %r<4>;
            .reg .b64 %rd<4>;
            ld.param.u64 %rd1, [out];
            ld.param.u32 %r1, [first];
            ld.param.u32 %r2, [second];
            {{body}}
            st.global.u32 [%rd1], %r3;
            ret;
            }
            """, memory);
        var parameters = new byte[16];
        var result = memory.Allocate(4);
        BitConverter.TryWriteBytes(parameters, result);
        BitConverter.TryWriteBytes(parameters.AsSpan(8), (uint)first);
        BitConverter.TryWriteBytes(parameters.AsSpan(12), (uint)second);
        PtxLaunch.Run(module["kernel"], memory, LaunchShape.Of(1, 1), parameters);
        Span<uint> value = stackalloc uint[1];
        memory.Read(result, value);
        Assert.Equal($"{(uint)expected:x8}", $"{value[0]:x8}");
    }
}
