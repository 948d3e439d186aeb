using RnnCodegen.Generators.Lowering;
using RnnCodegen.Generators.Planning.Cuda;
using RnnCodegen.Generators.Specs;

namespace RnnCodegen.Generators.Emission.Cuda;

/// <summary>Writes a model's device code: the kernels of its plan, and one that adds up the parts' gradients in their order.</summary>
/// <param name="plan">The plan.</param>
/// <param name="offsetOf">Where a tensor starts among the parameters.</param>
/// <param name="parameters">Floats of all parameters.</param>
internal sealed class CudaEmitter(DevicePlan plan, Func<string, int> offsetOf, int parameters)
{
    private readonly SourceWriter _text = new();

    /// <summary>The text.</summary>
    public string Emit()
    {
        foreach (var line in $"{CudaPrelude.Text}\n\n{CudaTiles.TextOf(plan.Precisions)}".Split('\n'))
        {
            _text.Line(line);
        }

        WriteAxes();
        foreach (var kernel in plan.Kernels)
        {
            WriteKernel(kernel, kernel.Name, isFewRows: false);
            if (kernel.FewRowsName is { } name)
            {
                WriteKernel(kernel, name, isFewRows: true);
            }
        }

        WriteAddBlocks();
        return _text.Take();
    }

    private void WriteKernel(DeviceKernel kernel, string name, bool isFewRows)
    {
        _text.Line();
        if (kernel.Cluster > 1)
        {
            _text.Line("#if __CUDA_ARCH__ >= 900");
        }

        // A loop has a multiprocessor to itself: the assembler must not spill its weights to make room for a second block.
        var bounds = kernel.Resident is null ? $"{plan.Machine.Threads}" : $"{plan.Machine.Threads}, 1";
        using (_text.Block($"extern \"C\" __global__ void __launch_bounds__({bounds}) {name}(const Call* where, const Turn turn)"))
        {
            _text.Line("const Call call = *where;");
            WritePart(kernel);
            if (kernel.WritesParts)
            {
                var slice = kernel.Form == KernelForm.WeightGradient ? "blockIdx.z" : $"blockIdx.x{Per(kernel.Cluster)}";
                _text.Line($"const int slice = {slice};");
                _text.Line($"[[maybe_unused]] float* const gradients = call.gradients + (size_t)slice * {parameters};");
            }

            for (var axis = 0; axis < plan.Program.Graph.Axes.Count; axis++)
            {
                _text.Line($"[[maybe_unused]] const int steps{axis} = stepsOf{axis}(call.steps);");
            }

            if (kernel.Scope.Loop is not null)
            {
                _text.Line("[[maybe_unused]] const int chunk = turn.chunk, chunkSteps = turn.chunkSteps;");
            }

            if (kernel.Scope.Place == LoopPlace.Step)
            {
                _text.Line("[[maybe_unused]] const int step = turn.step, stepOfChunk = step - chunk;");
            }

            WriteBody(kernel, isFewRows);
        }

        if (kernel.Cluster > 1)
        {
            _text.Line("#endif");
        }
    }

    private void WriteBody(DeviceKernel kernel, bool isFewRows)
    {
        var pass = new CudaPass(_text, plan, offsetOf, kernel.Scope);
        switch (kernel.Form)
        {
            case KernelForm.Keys:
                pass.WriteKeys();
                break;
            case KernelForm.Product:
                pass.WriteProduct(kernel.Instructions.Single(), isFewRows);
                break;
            case KernelForm.WeightGradient:
                pass.WriteWeightGradient((AddWeightGradients)kernel.Instructions.Single());
                break;
            case KernelForm.Resident:
                new ResidentLoop(_text, (isFewRows ? kernel.ResidentOfOne : kernel.Resident)!, pass, plan.Machine.Threads).Write();
                break;
            case KernelForm.Samples when kernel.Scope.Place == LoopPlace.Steps:
                pass.WriteSteps(kernel.Instructions);
                break;
            default:
                pass.Write(kernel.Instructions);
                break;
        }
    }

    private void WritePart(DeviceKernel kernel)
    {
        if (kernel.Form is KernelForm.Product or KernelForm.WeightGradient)
        {
            _text.Line("[[maybe_unused]] const Part part = { 0, call.batch, call.batch };");
        }
        else
        {
            _text.Line($"const int start = blockIdx.x{Per(kernel.Cluster)} * turn.samples;");
            _text.Line("const Part part = { start, min(turn.samples, call.batch - start), call.batch };");
        }
    }

    private static string Per(int cluster) => cluster == 1 ? "" : $" / {cluster}";

    private void WriteAddBlocks()
    {
        _text.Line();
        _text.Line("// Adds up what the parts of the batch have, in their order.");
        using (_text.Block("extern \"C\" __global__ void add_blocks(const float* parts, float* sums, int count, int size, int adds)"))
        {
            using (_text.Block("for (int i = blockIdx.x * blockDim.x + threadIdx.x; i < size; i += gridDim.x * blockDim.x)"))
            {
                _text.Line("float sum = adds ? sums[i] : 0.f;");
                _text.Line("for (int p = 0; p < count; p++) sum += parts[(size_t)p * size + i];");
                _text.Line("sums[i] = sum;");
            }
        }
    }

    // Steps of an axis, from steps of the input.
    private void WriteAxes()
    {
        var axes = plan.Program.Graph.Axes;
        for (var axis = 0; axis < axes.Count; axis++)
        {
            _text.Line();
            using (_text.Block($"__device__ inline int stepsOf{axis}(int steps)"))
            {
                foreach (WindowSpec w in axes[axis].Windows)
                {
                    _text.Line(
                        $"steps = steps < 1 ? 0 : max(0, steps + {w.PadLeft + w.PadRight - w.Extent + w.Stride}) / {w.Stride};");
                }

                _text.Line("return steps;");
            }

            using (_text.Block($"__device__ inline int valid{axis}(const Call& call, int sample)"))
            {
                _text.Line($"return stepsOf{axis}(call.lengths ? call.lengths[sample] : call.steps);");
            }
        }
    }
}
