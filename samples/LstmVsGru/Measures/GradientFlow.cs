using RnnCodegen;
using RnnCodegen.Runtime;

namespace LstmVsGru;

/// <summary>The norms of a cell's gradients, see <see cref="GradientFlow.Norms"/>.</summary>
internal sealed record Flow(Contender Contender, bool IsTrained, double[] Norms);

/// <summary>How much an answer depends on the state some steps before it: the norm of the gradient of the one by the other.</summary>
internal static class GradientFlow
{
    /// <summary>Steps of the problem that is looked at.</summary>
    public const int Steps = 100;

    /// <summary>The problem that is looked at.</summary>
    public static Adding Problem { get; } = new(Steps, sequences: 1) { Epochs = 1 };

    /// <summary>Of the cells with as many units as the LSTM: before training, and of those whose weights the study has.</summary>
    public static IReadOnlyList<Flow> Study(Study study)
    {
        var samples = Problem.Draw(32, seed: 3).Select(drawn => drawn.Rows).ToArray();
        var contenders = Contender.Of(Shape.Rows).Where(contender => contender.IsOfEqualUnits).ToArray();
        return
        [
            .. contenders.Select(c => new Flow(c, IsTrained: false, Norms(c.Create(seed: 1), samples))),
            .. contenders.Where(c => File.Exists(study.Weights(Problem, c)))
                .Select(c => new Flow(c, IsTrained: true, Norms(study.Load(Problem, c), samples))),
        ];
    }

    /// <summary>
    /// The norm of the gradient of the last step's first output with respect to the whole state (an LSTM's cell included) of each earlier
    /// step, relative to that of the step before the last; the geometric mean over samples. Entry k is k + 1 steps before the last.
    /// </summary>
    /// <param name="model">The model.</param>
    /// <param name="samples">Rows [T, F] of each sample, all of one length.</param>
    public static double[] Norms(ModelCore model, IReadOnlyList<float[]> samples)
    {
        var (steps, count) = (samples[0].Length / LstmVsGru.Problem.Width, samples.Count);
        var rows = SideBySide(samples, steps);
        var norms = new double[steps - 1];
        var (state, gradient) = (model.CreateState(count), model.CreateState(count));
        var gradients = model.CreateGradients();
        for (var lag = 1; lag < steps; lag++)
        {
            // The state after the first steps, and from there to the end with a tape.
            var first = steps - lag;
            var y = new float[steps * count * LstmVsGru.Problem.Width];
            state.Clear();
            var start = rows.AsSpan(0, first * count * LstmVsGru.Problem.Width);
            model.Run(start, y.AsSpan(0, start.Length), first, count, finalState: state);
            var tape = model.CreateTape(lag, count);
            var rest = rows.AsSpan(first * count * LstmVsGru.Problem.Width);
            model.Forward(rest, y.AsSpan(0, rest.Length), tape, initialState: state);
            var dy = new float[rest.Length];
            for (var sample = 0; sample < count; sample++)
            {
                dy[(((lag - 1) * count) + sample) * LstmVsGru.Problem.Width] = 1;
            }

            model.Backward(dy, default, tape, gradients, initialStateGradient: gradient);
            norms[lag - 1] = Enumerable.Range(0, count).Average(sample => Math.Log(Math.Max(1e-30, Norm(gradient, sample))));
        }

        return [.. norms.Select(norm => Math.Exp(norm - norms[0]))];
    }

    private static double Norm(ModelState gradient, int sample)
    {
        var sum = 0.0;
        foreach (var slot in gradient.Slots)
        {
            foreach (var value in gradient.Vector(slot.Name, sample))
            {
                sum += (double)value * value;
            }
        }

        return Math.Sqrt(sum);
    }

    // [T, B, F]
    private static float[] SideBySide(IReadOnlyList<float[]> samples, int steps)
    {
        var rows = new float[steps * samples.Count * LstmVsGru.Problem.Width];
        for (var sample = 0; sample < samples.Count; sample++)
        {
            for (var t = 0; t < steps; t++)
            {
                samples[sample].AsSpan(t * LstmVsGru.Problem.Width, LstmVsGru.Problem.Width)
                    .CopyTo(rows.AsSpan(((t * samples.Count) + sample) * LstmVsGru.Problem.Width));
            }
        }

        return rows;
    }
}
