namespace RnnCodegen.Interchange.Rnnoise;

/// <summary>A layer of a noise suppressor: 8-bit weights, in columns of outputs or of gates z, r, h.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Inputs">Values that it reads.</param>
/// <param name="Units">Values that it makes.</param>
/// <param name="Activation">Its function; the candidate's of a GRU.</param>
/// <param name="Weights">Of what it reads: [inputs, units] or [inputs, 3 units].</param>
/// <param name="Recurrent">Of its state: [units, 3 units]; null of a dense layer.</param>
/// <param name="Bias">[units] or [3 units].</param>
internal sealed record RnnoiseLayer(
    string Name, int Inputs, int Units, Activation Activation, int[] Weights, int[]? Recurrent, int[] Bias);
