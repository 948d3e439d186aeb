namespace RnnCodegen.Benchmarks;

// One recurrent layer each, without a head: the layer's output is the model's, as it is the peers'.

/// <summary>The models by cell, inputs and units.</summary>
internal static class LayerModels
{
    private const int Seed = 1;

    private static readonly Dictionary<(Cell Cell, int Inputs, int Units), Func<ModelCore>> Factories = new()
    {
        [(Cell.Lstm, 1, 32)] = () => Of(new Lstm1x32(Seed)),
        [(Cell.Lstm, 32, 32)] = () => Of(new Lstm32x32(Seed)),
        [(Cell.Lstm, 16, 64)] = () => Of(new Lstm16x64(Seed)),
        [(Cell.Lstm, 64, 128)] = () => Of(new Lstm64x128(Seed)),
        [(Cell.Lstm, 128, 256)] = () => Of(new Lstm128x256(Seed)),
        [(Cell.Lstm, 28, 128)] = () => Of(new Lstm28x128(Seed)),
        [(Cell.Lstm, 256, 256)] = () => Of(new Lstm256x256(Seed)),
        [(Cell.Lstm, 512, 512)] = () => Of(new Lstm512x512(Seed)),
        [(Cell.Gru, 1, 32)] = () => Of(new Gru1x32(Seed)),
        [(Cell.Gru, 28, 128)] = () => Of(new Gru28x128(Seed)),
        [(Cell.Gru, 64, 128)] = () => Of(new Gru64x128(Seed)),
        [(Cell.Gru, 256, 256)] = () => Of(new Gru256x256(Seed)),
        [(Cell.Gru, 512, 512)] = () => Of(new Gru512x512(Seed)),
    };

    /// <summary>A model with the same weights at each call.</summary>
    public static ModelCore Create(Workload workload) =>
        Factories.TryGetValue((workload.Cell, workload.Inputs, workload.Units), out var create)
            ? create()
            : throw new KeyNotFoundException($"No model of {workload.Size} is written; add its class and its row to LayerModels.cs.");

    private static ModelCore Of<T>(T model)
        where T : class, IRnnModel<T> => model.Core;
}

[RnnModel(InputSize = 1)]
internal partial class Lstm1x32
{
    [Lstm(32)]
    public partial LstmLayer Layer { get; }
}

[RnnModel(InputSize = 32)]
internal partial class Lstm32x32
{
    [Lstm(32)]
    public partial LstmLayer Layer { get; }
}

[RnnModel(InputSize = 16)]
internal partial class Lstm16x64
{
    [Lstm(64)]
    public partial LstmLayer Layer { get; }
}

[RnnModel(InputSize = 64)]
internal partial class Lstm64x128
{
    [Lstm(128)]
    public partial LstmLayer Layer { get; }
}

[RnnModel(InputSize = 128)]
internal partial class Lstm128x256
{
    [Lstm(256)]
    public partial LstmLayer Layer { get; }
}

[RnnModel(InputSize = 28)]
internal partial class Lstm28x128
{
    [Lstm(128)]
    public partial LstmLayer Layer { get; }
}

[RnnModel(InputSize = 256)]
internal partial class Lstm256x256
{
    [Lstm(256)]
    public partial LstmLayer Layer { get; }
}

[RnnModel(InputSize = 512)]
internal partial class Lstm512x512
{
    [Lstm(512)]
    public partial LstmLayer Layer { get; }
}

[RnnModel(InputSize = 1)]
internal partial class Gru1x32
{
    [Gru(32)]
    public partial GruLayer Layer { get; }
}

[RnnModel(InputSize = 28)]
internal partial class Gru28x128
{
    [Gru(128)]
    public partial GruLayer Layer { get; }
}

[RnnModel(InputSize = 64)]
internal partial class Gru64x128
{
    [Gru(128)]
    public partial GruLayer Layer { get; }
}

[RnnModel(InputSize = 256)]
internal partial class Gru256x256
{
    [Gru(256)]
    public partial GruLayer Layer { get; }
}

[RnnModel(InputSize = 512)]
internal partial class Gru512x512
{
    [Gru(512)]
    public partial GruLayer Layer { get; }
}
