using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using System.Text.RegularExpressions;
using Xunit;

namespace RnnCodegen.Numerics.Tests.Disassembly;

/// <summary>
/// A register tile with one vector too many runs at half the speed, and its results are the same: only the machine code shows it.
/// </summary>
public class SpillTests
{
    [X64Fact(512)]
    public void Product_loops_of_512_bits_keep_their_vectors_in_registers() => RequireNoSpills("Vector512Kernels", avx512: true);

    [X64Fact(256)]
    public void Product_loops_of_256_bits_keep_their_vectors_in_the_sixteen_registers_of_AVX2() => RequireNoSpills("Vector256Kernels",
        avx512: false);

    [Fact]
    public void A_vector_kept_on_the_stack_inside_a_product_loop_is_found()
    {
        var method = Assert.Single(AssemblyMethod.Parse(
            """
            ; Assembly listing for method Some+Vector512Kernels:Tile2x32(ptr,nint) (FullOpts)
            ; rbp based frame
            G_M000_IG01:                ;; offset=0x0000
                   vmovups  zmmword ptr [rbp-0x50], zmm1

            G_M000_IG02:                ;; offset=0x0010
                   vbroadcastss zmm2, dword ptr [rdi+4*rcx]
                   vfmadd231ps zmm0, zmm2, zmmword ptr [rsi]
                   vmovups  zmm3, zmmword ptr [rbp-0x50]
                   vfmadd231ps zmm3, zmm2, zmmword ptr [rsi+0x40]
                   vmovups  zmmword ptr [rbp-0x50], zmm3
                   inc      rcx
                   jne      SHORT G_M000_IG02

            G_M000_IG03:                ;; offset=0x0040
                   vfmadd231ps zmm0, zmm1, dword ptr [reloc @RWD00] {1to16}
                   jl       G_M000_IG03
            ; Total bytes of code 80
            """.Split('\n')));

        var loop = Assert.Single(method.ProductLoops);

        Assert.Equal(2, method.Spills(loop).Count());
    }

    private static void RequireNoSpills(string body, bool avx512)
    {
        // Stages that normalise rows broadcast a row's numbers in loops that are no products, and may have more sums than registers.
        var methods = KernelListing.Compile(body, avx512)
            .Where(m => !Regex.IsMatch(m.Name, @"(Cell\d*|LayerNorm\w*)(Saving|Backward)?\d*(_[0-9a-f]{8})?$")).ToList();
        var loops = methods.SelectMany(m => m.ProductLoops.Select(loop => (m.Name, Spills: m.Spills(loop).ToList()))).ToList();

        Assert.True(loops.Count > 100,
            $"Only {loops.Count} loops were found in {methods.Count} methods: the test looks in the wrong place.");
        string[] spills = [.. loops.Where(l => l.Spills.Count > 0).Select(l => $"{l.Name}: {string.Join("; ", l.Spills)}")];
        Assert.True(spills.Length == 0, string.Join('\n', spills));
    }
}

/// <summary>A test of the machine code of x64; xunit decides to skip before it runs a test.</summary>
public sealed class X64FactAttribute : FactAttribute
{
    /// <summary>A test that needs vectors of some width.</summary>
    /// <param name="bits">The width.</param>
    public X64FactAttribute(int bits)
    {
        if (RuntimeInformation.ProcessArchitecture != Architecture.X64)
        {
            Skip = $"The listings of {RuntimeInformation.ProcessArchitecture} are not read.";
        }
        else if (bits == 512 ? !Vector512.IsHardwareAccelerated : !Avx2.IsSupported)
        {
            Skip = $"This machine has no vectors of {bits} bits: its listing is of other code.";
        }
    }
}
