using RnnCodegen.Generators.Lowering;
using RnnCodegen.Generators.Planning.Cuda;

namespace RnnCodegen.Generators.Emission.Cuda;

/// <summary>
/// Writes the products of a loop whose weights stay on chip. The lanes of a column have its terms by fours in turn; each sums those of its
/// own, all columns and samples at a time, and what they have together goes to shared memory.
/// </summary>
/// <param name="writer">Receives them.</param>
/// <param name="plan">The plan.</param>
/// <param name="pass">Spells places.</param>
/// <param name="threads">Threads of a block.</param>
internal sealed class ResidentProductEmitter(SourceWriter writer, ResidentPlan plan, CudaPass pass, int threads)
{
    /// <summary>Reads the weights of a thread, before the loop: to registers, and what they have no room for to shared memory.</summary>
    public void WriteWeights(ResidentProduct p)
    {
        var i = p.Index;
        var (inRegisters, inShared) = (p.TermsInRegisters, p.TermsOfLane - p.TermsInRegisters);
        writer.Line($"const int lane{i} = threadIdx.x % {p.Lanes}, column{i} = threadIdx.x / {p.Lanes};");
        if (inRegisters > 0)
        {
            writer.Line($"float w{i}[{p.Columns}][{inRegisters}];");
        }

        var hasBias = p.Instruction is Multiply { Adds: false, Weights.Biases.Count: > 0 };
        if (hasBias)
        {
            writer.Line($"float bias{i}[{p.Columns}];");
        }

        using (writer.Block(""))
        {
            writer.Line($"const float* const weights = call.parameters + {pass.OffsetOf(p.Weights.Tensor)};");
            writer.Line("#pragma unroll");
            using (writer.Block($"for (int m = 0; m < {p.Columns}; m++)"))
            {
                writer.Line($"const int o = m * {threads / p.Lanes} + column{i}, g = o / {p.Own}, unit = rank * {p.Own} + o % {p.Own};");
                writer.Line($"const bool isOne = g < {p.Groups} && unit < {p.Units};");
                if (hasBias)
                {
                    writer.Line($"const int c = g * {p.Units} + unit;");
                    writer.Line($"bias{i}[m] = isOne ? {pass.BiasesOf(p.Weights)} : 0.f;");
                }

                WriteWeightLoop(p, 0, inRegisters, $"w{i}[m][t]");
                WriteWeightLoop(p, inRegisters, inShared, $"shared[{p.WeightStart} + (((t / 4) * {p.Columns} + m) * {threads} "
                    + "+ threadIdx.x) * 4 + t % 4]");
            }
        }
    }

    /// <summary>Makes the sums of a step, for all samples of the group.</summary>
    public void Write(ResidentProduct p)
    {
        var (i, chunks, inRegisters) = (p.Index, p.TermsOfLane / 4, p.TermsInRegisters / 4);
        writer.Line($"// {p.Weights.Tensor}");
        using (writer.Block(""))
        {
            writer.Line($"const float* const x = shared + {p.OperandStart} + now * {plan.Samples * p.PaddedTerms} + lane{i} * 4;");
            writer.Line($"float sums[{plan.Samples}][{p.Columns}] = {{}};");
            WriteTerms(p, 0, inRegisters, j => $"w{i}[m][t * 4 + {j}]");
            if (chunks > inRegisters)
            {
                writer.Line($"const float4* const rest = room + {p.WeightStart / 4} + threadIdx.x;");
                WriteTerms(p, inRegisters, chunks - inRegisters, j => $"rest[(t * {p.Columns} + m) * {threads}].{"xyzw"[j]}");
            }

            writer.Line("#pragma unroll");
            using (writer.Block($"for (int s = 0; s < {plan.Samples}; s++)"))
            {
                writer.Line("#pragma unroll");
                using (writer.Block($"for (int m = 0; m < {p.Columns}; m++)"))
                {
                    for (var apart = p.Lanes / 2; apart > 0; apart /= 2)
                    {
                        writer.Line($"sums[s][m] += __shfl_xor_sync(~0u, sums[s][m], {apart});");
                    }

                    writer.Line($"const int o = m * {threads / p.Lanes} + column{i};");
                    var bias = p.Instruction is Multiply { Adds: false, Weights.Biases.Count: > 0 } ? $" + bias{i}[m]" : "";
                    var guard = p.Lanes == 1 ? "" : $"lane{i} == m % {p.Lanes} && ";
                    var width = p.Groups * p.Own;
                    writer.Line($"if ({guard}o < {width}) shared[{p.SumStart} + s * {width} + o] = sums[s][m]{bias};");
                }
            }
        }
    }

    /// <summary>What a product made for the item at hand, of one of its groups.</summary>
    public string SumOf(ResidentProduct p, int group) =>
        $"shared[{p.SumStart} + s * {p.Groups * p.Own} + {group * p.Own} + e % {p.Own}]";

    private void WriteWeightLoop(ResidentProduct p, int first, int count, string target)
    {
        if (count == 0)
        {
            return;
        }

        writer.Line("#pragma unroll");
        using (writer.Block($"for (int t = 0; t < {count}; t++)"))
        {
            writer.Line($"const int k = (({first} + t) / 4 * {p.Lanes} + lane{p.Index}) * 4 + t % 4;");
            var weight = p.Instruction is Multiply
                ? CudaPass.WeightAt(p.Weights, $"g * {p.Units} + unit", "k")
                : CudaPass.WeightAt(p.Weights, "k", "unit");
            writer.Line($"{target} = isOne && k < {p.Terms} ? {weight} : 0.f;");
        }
    }

    private void WriteTerms(ResidentProduct p, int first, int count, Func<int, string> weight)
    {
        if (count == 0)
        {
            return;
        }

        writer.Line("#pragma unroll");
        using (writer.Block($"for (int t = 0; t < {count}; t++)"))
        {
            writer.Line("#pragma unroll");
            using (writer.Block($"for (int s = 0; s < {plan.Samples}; s++)"))
            {
                writer.Line($"const float4 v = *(const float4*)(x + s * {p.PaddedTerms} + ({first} + t) * {p.Lanes * 4});");
                writer.Line("#pragma unroll");
                writer.Line($"for (int m = 0; m < {p.Columns}; m++)");
                writer.Line($"    sums[s][m] += v.x * {weight(0)} + v.y * {weight(1)} + v.z * {weight(2)} + v.w * {weight(3)};");
            }
        }
    }
}
