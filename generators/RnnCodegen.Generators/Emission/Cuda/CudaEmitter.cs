using RnnCodegen.Generators.Lowering;
using RnnCodegen.Generators.Specs;

namespace RnnCodegen.Generators.Emission.Cuda;

/// <summary>
/// Writes a model's device code from its program: a kernel for each pass, in which a block of threads takes some samples of the batch
/// through all instructions, and one that adds up the blocks' gradients in their order.
/// </summary>
internal static class CudaEmitter
{
    /// <param name="program">The program.</param>
    /// <param name="offsetOf">Where a tensor starts among the parameters.</param>
    /// <param name="parameters">Floats of all parameters.</param>
    public static string Emit(ModelProgram program, Func<string, int> offsetOf, int parameters)
    {
        var text = new SourceWriter();
        foreach (var line in CudaPrelude.Text.Split('\n'))
        {
            text.Line(line);
        }

        WriteAxes(text, program);
        if (program.Step is { } step)
        {
            Write("step", [.. step], isStep: true);
        }

        Write("run", [.. program.Run.Steps, .. program.Run.Last]);
        Write("forward", [.. program.Forward.Steps, .. program.Forward.Last]);
        Write("backward", [.. program.Backward, .. program.AfterBackward]);
        text.Line();
        text.Line("// Adds up what the blocks have, in their order.");
        using (text.Block("extern \"C\" __global__ void add_blocks(const float* parts, float* sums, int blocks, int count, int adds)"))
        {
            using (text.Block("for (int i = blockIdx.x * blockDim.x + threadIdx.x; i < count; i += gridDim.x * blockDim.x)"))
            {
                text.Line("float sum = adds ? sums[i] : 0.f;");
                text.Line("for (int b = 0; b < blocks; b++) sum += parts[(size_t)b * count + i];");
                text.Line("sums[i] = sum;");
            }
        }

        return text.Take();

        void Write(string name, IReadOnlyList<Instruction> instructions, bool isStep = false)
        {
            text.Line();
            using (text.Block($"extern \"C\" __global__ void __launch_bounds__({CudaPrelude.Threads}) {name}(const Call call)"))
            {
                text.Line("const int start = blockIdx.x * call.samples;");
                text.Line("const Part part = { start, min(call.samples, call.batch - start), call.batch };");
                text.Line($"float* const gradients = call.gradients + (size_t)blockIdx.x * {parameters};");
                for (var axis = 0; axis < program.Graph.Axes.Count; axis++)
                {
                    text.Line($"const int steps{axis} = stepsOf{axis}(call.steps);");
                }

                var pass = new CudaPass(text, program, offsetOf, isStep);
                pass.WriteKeys();
                pass.Write(instructions);
            }
        }
    }

    // Steps of an axis, from steps of the input.
    private static void WriteAxes(SourceWriter text, ModelProgram program)
    {
        for (var axis = 0; axis < program.Graph.Axes.Count; axis++)
        {
            text.Line();
            using (text.Block($"__device__ inline int stepsOf{axis}(int steps)"))
            {
                foreach (WindowSpec w in program.Graph.Axes[axis].Windows)
                {
                    text.Line(
                        $"steps = steps < 1 ? 0 : max(0, steps + {w.PadLeft + w.PadRight - w.Extent + w.Stride}) / {w.Stride};");
                }

                text.Line("return steps;");
            }

            using (text.Block($"__device__ inline int valid{axis}(const Call& call, int sample)"))
            {
                text.Line($"return stepsOf{axis}(call.lengths ? call.lengths[sample] : call.steps);");
            }
        }
    }
}
