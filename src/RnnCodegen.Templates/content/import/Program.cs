using RnnProgram;

// Imported is the class that the build makes of the model's file; its weights are in this assembly. Here it gets rows of zeros.
// A model of token ids takes an int[] of them instead of rows.
const int steps = 10;
var model = Imported.LoadEmbedded();
var x = new float[steps * Imported.InputSize];
var y = new float[steps * Imported.OutputSize];
model.Run(x, y, steps);
Console.WriteLine($"{Imported.ParameterCount:N0} parameters, {Imported.InputSize} inputs, {Imported.OutputSize} outputs");
Console.WriteLine($"the last row of output for {steps} rows of zeros: {string.Join(", ", y[^Imported.OutputSize..].Take(8))}");
