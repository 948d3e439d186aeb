using RnnCodegen.PtxMachine;
using Xunit;

namespace RnnCodegen.Cuda.Tests;

/// <summary>
/// Products of matrices that a warp holds: each thread loads the elements that the PTX ISA gives it, stores those of the result, and the
/// whole is compared with a plain product.
/// </summary>
public sealed class PtxTensorTests
{
    private readonly DeviceMemory _memory = new();

    [Fact]
    public void Product_of_tf32_is_that_of_the_matrices() => Check(
        "m16n8k8.row.col.f32.tf32.tf32.f32", terms: 8, elements: 1,
        i => (i is 0 or 2 ? 0 : 8, i is 0 or 1 ? 0 : 4), i => i == 0 ? 0 : 4, perThread: 1);

    [Fact]
    public void Product_of_bfloat16_is_that_of_the_matrices() => Check(
        "m16n8k16.row.col.f32.bf16.bf16.f32", terms: 16, elements: 2,
        i => (i is 0 or 1 or 4 or 5 ? 0 : 8, (i & 1) + (i >= 4 ? 8 : 0)), i => (i & 1) + (i >= 2 ? 8 : 0), perThread: 2);

    // ofLeft and ofRight: what the i-th element of a thread adds to its group's row, and to its place in the group times perThread.
    private void Check(
        string shape, int terms, int elements, Func<int, (int Row, int Term)> ofLeft, Func<int, int> ofRight, int perThread)
    {
        // Small whole numbers, so that every type holds them and sums are exact.
        float Left(int row, int term) => ((row * 7) + (term * 3)) % 11 - 5;
        float Right(int term, int column) => ((term * 5) + (column * 2)) % 7 - 3;
        float Start(int row, int column) => row - column;
        var (leftWords, rightWords) = (4, 2);
        var words = new uint[32 * (leftWords + rightWords + 4)];
        for (var lane = 0; lane < 32; lane++)
        {
            var (group, place, at) = (lane / 4, lane % 4 * perThread, lane * 10);
            for (var i = 0; i < leftWords * elements; i++)
            {
                var (row, term) = ofLeft(i);
                Put(ref words[at + (i / elements)], i % elements, Left(group + row, place + term));
            }

            for (var i = 0; i < rightWords * elements; i++)
            {
                Put(ref words[at + leftWords + (i / elements)], i % elements, Right(place + ofRight(i), group));
            }

            for (var i = 0; i < 4; i++)
            {
                words[at + 6 + i] = BitConverter.SingleToUInt32Bits(Start(RowOf(lane, i), ColumnOf(lane, i)));
            }
        }

        var results = Run(shape, words);
        for (var lane = 0; lane < 32; lane++)
        {
            for (var i = 0; i < 4; i++)
            {
                var (row, column) = (RowOf(lane, i), ColumnOf(lane, i));
                Assert.Equal(
                    Start(row, column) + Enumerable.Range(0, terms).Sum(k => Left(row, k) * Right(k, column)), results[(4 * lane) + i]);
            }
        }

        void Put(ref uint word, int element, float value)
        {
            var bits = BitConverter.SingleToUInt32Bits(value);
            word |= elements == 1 ? bits : bits >> 16 << (16 * element);
        }

        static int RowOf(int lane, int i) => i < 2 ? lane >> 2 : (lane >> 2) + 8;
        static int ColumnOf(int lane, int i) => ((lane % 4) * 2) + (i & 1);
    }

    private float[] Run(string shape, uint[] words)
    {
        var module = PtxModule.Load(
            $$"""
            .visible .entry kernel(.param .u64 in, .param .u64 out)
            {
            .reg .f32 %f<5>;
            .reg .b32 %r<12>;
            .reg .b64 %rd<5>;
            ld.param.u64 %rd1, [in];
            ld.param.u64 %rd2, [out];
            mov.u32 %r1, %tid.x;
            mul.wide.u32 %rd3, %r1, 40;
            add.u64 %rd3, %rd3, %rd1;
            ld.global.u32 %r2, [%rd3];
            ld.global.u32 %r3, [%rd3+4];
            ld.global.u32 %r4, [%rd3+8];
            ld.global.u32 %r5, [%rd3+12];
            ld.global.u32 %r6, [%rd3+16];
            ld.global.u32 %r7, [%rd3+20];
            ld.global.f32 %f1, [%rd3+24];
            ld.global.f32 %f2, [%rd3+28];
            ld.global.f32 %f3, [%rd3+32];
            ld.global.f32 %f4, [%rd3+36];
            mma.sync.aligned.{{shape}} {%f1, %f2, %f3, %f4}, {%r2, %r3, %r4, %r5}, {%r6, %r7}, {%f1, %f2, %f3, %f4};
            mul.wide.u32 %rd4, %r1, 16;
            add.u64 %rd4, %rd4, %rd2;
            st.global.f32 [%rd4], %f1;
            st.global.f32 [%rd4+4], %f2;
            st.global.f32 [%rd4+8], %f3;
            st.global.f32 [%rd4+12], %f4;
            ret;
            }
            """, _memory);
        var (source, target) = (_memory.Allocate(4 * words.Length), _memory.Allocate(4 * 128));
        _memory.Write<uint>(source, words);
        var parameters = new byte[16];
        BitConverter.TryWriteBytes(parameters, source);
        BitConverter.TryWriteBytes(parameters.AsSpan(8), target);
        PtxLaunch.Run(module["kernel"], _memory, LaunchShape.Of(1, 32), parameters);
        var results = new float[128];
        _memory.Read<float>(target, results);
        return results;
    }
}
