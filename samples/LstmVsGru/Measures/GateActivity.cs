using System.Numerics.Tensors;
using RnnCodegen.Runtime;

namespace LstmVsGru;

/// <summary>
/// The gate that keeps the state, over a sequence: an LSTM's forget gate, sigmoid(W_f x + U_f h' + b_f), a GRU's update gate,
/// sigmoid(W_z x + U_z h' + b_z). Where it is 1, the state stays.
/// </summary>
internal static class GateActivity
{
    /// <summary>[H, T] of one sequence; units that keep most first.</summary>
    /// <param name="model">A trained model whose recurrent layer is called Cell.</param>
    /// <param name="units">Units H.</param>
    /// <param name="rows">The sequence, [T, F].</param>
    public static double[,] Of(ModelCore model, int units, float[] rows)
    {
        // Forget and update are the second block of rows, both of LSTM (i, f, g, o) and GRU (r, z, n).
        var parameters = model.Parameters;
        var (input, biasInput) = (parameters["Cell.weight_ih_l0"], parameters["Cell.bias_ih_l0"]);
        var (hidden, biasHidden) = (parameters["Cell.weight_hh_l0"], parameters["Cell.bias_hh_l0"]);
        var steps = rows.Length / Problem.Width;
        var gates = new float[units, steps];
        var state = model.CreateState();
        var y = new float[Problem.Width];
        for (var t = 0; t < steps; t++)
        {
            var x = rows.AsSpan(t * Problem.Width, Problem.Width);
            var h = state.Vector(state.Slots[0].Name);
            for (var unit = 0; unit < units; unit++)
            {
                var row = units + unit;
                var sum = TensorPrimitives.Dot(input.Values.Slice(row * Problem.Width, Problem.Width), x) + biasInput.Values[row]
                    + TensorPrimitives.Dot(hidden.Values.Slice(row * units, units), h) + biasHidden.Values[row];
                gates[unit, t] = 1 / (1 + MathF.Exp(-sum));
            }

            model.Step(x, y, state);
        }

        var order = Enumerable.Range(0, units).OrderByDescending(unit => Enumerable.Range(0, steps).Sum(t => gates[unit, t])).ToArray();
        var sorted = new double[units, steps];
        for (var unit = 0; unit < units; unit++)
        {
            for (var t = 0; t < steps; t++)
            {
                sorted[unit, t] = gates[order[unit], t];
            }
        }

        return sorted;
    }
}
