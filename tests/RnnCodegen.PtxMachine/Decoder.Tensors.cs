namespace RnnCodegen.PtxMachine;

/// <content>What tensor cores do: products of small matrices whose elements a warp's threads hold, and the types of those.</content>
internal static partial class Decoder
{
    // 13 bits of a float's fraction that TF32 does not have.
    private const uint BelowTf32 = 0x1fff;

    /// <summary>float32 to TF32, to the nearest with ties away from zero, and two float32 to a pair of bfloat16, ties to even.</summary>
    private static Instruction? ConvertToReduced(KernelReader reader, string[] name, string[] operands)
    {
        var target = reader.Target(operands[0]);
        var first = reader.Source(operands[1]);
        switch (name)
        {
            case ["cvt", "rna", "tf32", "f32"]:
                return Next(thread => thread.Set(target, ToTf32(thread.Get<uint>(first))));
            case ["cvt", "rn", "bf16x2", "f32"]:
                var second = reader.Source(operands[2]);
                return Next(thread => thread.Set(
                    target, (ToBFloat16(thread.Get<uint>(first)) << 16) | ToBFloat16(thread.Get<uint>(second))));
            default:
                return null;
        }
    }

    /// <summary>
    /// d[16, 8] = a[16, k] b[k, 8] + c[16, 8] of a warp, with k = 8 elements of TF32 or 16 of bfloat16, two a register. Products and sums
    /// are exact, and rounded once an element; tensor cores keep fewer bits of sums than that, and round towards zero.
    /// </summary>
    /// <remarks>
    /// Thread 4 g + t of the warp holds registers of a at rows g and g + 8, places t and t + 4 along k, of b at places t and t + 4, column
    /// g, and of c and d at rows g and g + 8, columns 2 t and 2 t + 1 (PTX ISA, "Matrix Fragments for mma.m16n8k8" and "mma.m16n8k16").
    /// </remarks>
    private static Instruction? MultiplyOfWarp(KernelReader reader, string[] name, string[] operands)
    {
        Func<uint, uint, double>? product = name switch
        {
            ["mma", "sync", "aligned", "m16n8k8", "row", "col", "f32", "tf32", "tf32", "f32"] => (a, b) => (double)Real(a) * Real(b),
            ["mma", "sync", "aligned", "m16n8k16", "row", "col", "f32", "bf16", "bf16", "f32"] => (a, b) =>
                ((double)Real(a << 16) * Real(b << 16)) + ((double)Real(a & 0xffff0000) * Real(b & 0xffff0000)),
            _ => null,
        };
        if (product is null)
        {
            return null;
        }

        var isTf32 = name.Contains("tf32");
        var targets = Vector(operands[0]).Select(reader.Target).ToArray();
        var (left, right) = (Vector(operands[1]).Select(reader.Source).ToArray(), Vector(operands[2]).Select(reader.Source).ToArray());
        var sums = Vector(operands[3]).Select(reader.Source).ToArray();
        return thread =>
        {
            if (thread.Block.Threads.Length < 32 * (thread.Warp + 1))
            {
                throw thread.Fault(FaultKind.Barrier, "is in a warp of fewer than 32 threads, all of which this takes");
            }

            // Copies: the result may take the registers of an operand.
            thread.Fragment = [.. left.Concat(right).Select(thread.Get<uint>)];
            if (isTf32 && thread.Fragment.Any(bits => (bits & BelowTf32) != 0))
            {
                throw thread.Fault(FaultKind.Unsupported, "multiplies what was not rounded to TF32");
            }

            Exchange(thread, uint.MaxValue, 0, (to, _) =>
            {
                var warp = to.Block.Threads.AsSpan(32 * to.Warp, 32);
                for (var i = 0; i < 4; i++)
                {
                    var (row, column) = ((to.Lane / 4) + (i < 2 ? 0 : 8), (2 * (to.Lane % 4)) + (i % 2));
                    double sum = to.Get<float>(sums[i]);
                    for (var k = 0; k < 8; k++)
                    {
                        var a = warp[(4 * (row % 8)) + (k % 4)].Fragment[(row / 8) + (2 * (k / 4))];
                        var b = warp[(4 * column) + (k % 4)].Fragment[4 + (k / 4)];
                        sum += product(a, b);
                    }

                    to.Set(targets[i], (float)sum);
                }
            });
        };
    }

    private static float Real(uint bits) => BitConverter.UInt32BitsToSingle(bits);

    private static uint ToTf32(uint bits) => float.IsNaN(Real(bits)) ? 0x7fffffff & ~BelowTf32
        : float.IsInfinity(Real(bits)) ? bits
        : (bits + ((BelowTf32 + 1) / 2)) & ~BelowTf32;

    private static uint ToBFloat16(uint bits) => float.IsNaN(Real(bits)) ? 0x7fff : (bits + 0x7fff + ((bits >> 16) & 1)) >> 16;
}
