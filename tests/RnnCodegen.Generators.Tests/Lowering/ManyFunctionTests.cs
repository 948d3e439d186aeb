using RnnCodegen.Generators.Graph;
using RnnCodegen.Generators.Lowering;
using Samples = RnnCodegen.Reference.Samples;

namespace RnnCodegen.Generators.Tests.Lowering;

/// <summary>
/// A cell without state that has several nonlinear functions keeps of them what Backward needs, wherever its argument stands.
/// </summary>
public class ManyFunctionTests
{
    private const int Steps = 2;
    private const int Batch = 2;

    [Theory]
    [InlineData("RowLayers15")]
    [InlineData("HeadOfEveryActivation")]
    public void Gradients_are_those_of_finite_differences(string model)
    {
        var (built, reference) = (AnnotatedModels.Named(model).Program.Graph, AnnotatedModels.Named(model).Reference);
        var graph = built with { Nodes = [.. built.Nodes.Select(Replace)] };
        var program = ModelLowering.Lower(graph);
        var samples = new Samples(5);
        var parameters = samples.Parameters(reference);
        var x = samples.Uniform(Steps * Batch * reference.InputSize);
        var dy = samples.Uniform((graph.Output.IsSequence ? Steps : 1) * Batch * graph.Output.Width);

        var memory = new ProgramMemory(parameters);
        Run(memory, x);
        memory.Forget(Region.Training);
        memory.Set(Caller(BufferRole.OutputGradient), dy);
        Zero(memory, BufferRole.StateGradient);
        Interpreter(memory).Run(program.Backward);
        var gradient = memory[Caller(BufferRole.InputGradient)];
        for (var i = 0; i < x.Length; i++)
        {
            const double Step = 1e-5;
            var slope = (Loss(i, Step) - Loss(i, -Step)) / (2 * Step);
            Assert.True(Math.Abs(slope - gradient[i]) < 1e-8, $"{gradient[i]} at {i}, where differences say {slope}.");
        }

        double Loss(int element, double change)
        {
            double[] moved = [.. x];
            moved[element] += change;
            return Run(new ProgramMemory(parameters), moved).Zip(dy, (a, b) => a * b).Sum();
        }

        double[] Run(ProgramMemory memory, double[] input)
        {
            memory.Set(Caller(BufferRole.Input), input);
            var output = memory.Set(Caller(BufferRole.Output), new double[dy.Length]);
            Zero(memory, BufferRole.State);
            Interpreter(memory).Run([.. program.Forward.Steps, .. program.Forward.Last]);
            return output;
        }

        void Zero(ProgramMemory memory, BufferRole role)
        {
            foreach (var state in program.Buffers.Where(b => b.Role == role))
            {
                memory.Set(state, new double[Batch * state.Shape.Size]);
            }
        }

        Generators.Lowering.Buffer Caller(BufferRole role) => program.Buffers.Single(b => b.Role == role);

        Interpreter Interpreter(ProgramMemory memory) =>
            new(memory, new PassShape(graph, 0, Steps, Batch, null, false)) { Attention = new Attention([], Batch, null, parameters) };
    }

    private static Node Replace(Node node)
    {
        var cell = Cell(node.Result?.Width ?? 1);
        return node switch
        {
            DenseNode d => d with { Cell = cell, Gradient = Gradient.Of(cell) },
            RowNode { Inputs.Count: 1 } a => a with { Cell = cell, Gradient = Gradient.Of(cell) },
            _ => node,
        };
    }

    /// <summary>y = tanh(x)^2 * sigmoid(x) + x * elu(x * sigmoid(x)): nothing of it can be told from y.</summary>
    private static CellGraph Cell(int width)
    {
        var cell = new CellBuilder(["y"], width, "x");
        var x = cell.Input("y");
        var (t, s) = (x.Apply(Op.Tanh), x.Apply(Op.Sigmoid));
        cell.Pointwise(width, new StageOutput("y", (t * t * s) + (x * (x * s).Apply(Op.Elu, 0.5f)), false));
        return cell.Build();
    }
}
