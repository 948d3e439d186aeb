#:package RnnCodegen@RNNCODEGEN_VERSION
using RnnCodegen;

var model = new Tiny(seed: 1);
var y = new float[3];
model.Run([1, 2, 3], y, steps: 3);
Console.WriteLine($"file: {string.Join(" ", y)}");

[RnnModel(InputSize = 1)]
public partial class Tiny
{
    [Gru(8)] public partial GruLayer Memory { get; }
    [Dense(1)] public partial DenseLayer Head { get; }
}
