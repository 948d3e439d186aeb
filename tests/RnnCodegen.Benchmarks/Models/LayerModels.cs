using RnnCodegen.Runtime;

namespace RnnCodegen.Benchmarks.Models;

/// <summary>What a model's attribute asks for.</summary>
internal enum ModelKind
{
    /// <summary>Nothing but sizes.</summary>
    Plain,

    /// <summary>Weights as BFloat16.</summary>
    BFloat16,

    /// <summary>Weights as Int8.</summary>
    Int8,

    /// <summary>Fast activations.</summary>
    Fast,
}

/// <summary>
/// The models by kind, cell, inputs and units: one recurrent layer each,
/// without a head, so that its output is the model's, as it is the peers'.
/// </summary>
internal static class LayerModels
{
    private const int Seed = 1;

    private static readonly Dictionary<(ModelKind Kind, Cell Cell, int Inputs, int Units), Func<ModelCore>> Factories = new()
    {
        [(ModelKind.Plain, Cell.Lstm, 1, 32)] = () => Of(new Lstm1x32(Seed)),
        [(ModelKind.Plain, Cell.Lstm, 8, 8)] = () => Of(new Lstm8x8(Seed)),
        [(ModelKind.Plain, Cell.Lstm, 16, 16)] = () => Of(new Lstm16x16(Seed)),
        [(ModelKind.Plain, Cell.Lstm, 16, 64)] = () => Of(new Lstm16x64(Seed)),
        [(ModelKind.Plain, Cell.Lstm, 28, 128)] = () => Of(new Lstm28x128(Seed)),
        [(ModelKind.Plain, Cell.Lstm, 32, 32)] = () => Of(new Lstm32x32(Seed)),
        [(ModelKind.Plain, Cell.Lstm, 64, 64)] = () => Of(new Lstm64x64(Seed)),
        [(ModelKind.Plain, Cell.Lstm, 64, 128)] = () => Of(new Lstm64x128(Seed)),
        [(ModelKind.Plain, Cell.Lstm, 128, 128)] = () => Of(new Lstm128x128(Seed)),
        [(ModelKind.Plain, Cell.Lstm, 128, 256)] = () => Of(new Lstm128x256(Seed)),
        [(ModelKind.Plain, Cell.Lstm, 256, 256)] = () => Of(new Lstm256x256(Seed)),
        [(ModelKind.Plain, Cell.Lstm, 512, 512)] = () => Of(new Lstm512x512(Seed)),
        [(ModelKind.Plain, Cell.Gru, 1, 32)] = () => Of(new Gru1x32(Seed)),
        [(ModelKind.Plain, Cell.Gru, 8, 8)] = () => Of(new Gru8x8(Seed)),
        [(ModelKind.Plain, Cell.Gru, 16, 16)] = () => Of(new Gru16x16(Seed)),
        [(ModelKind.Plain, Cell.Gru, 16, 64)] = () => Of(new Gru16x64(Seed)),
        [(ModelKind.Plain, Cell.Gru, 28, 128)] = () => Of(new Gru28x128(Seed)),
        [(ModelKind.Plain, Cell.Gru, 32, 32)] = () => Of(new Gru32x32(Seed)),
        [(ModelKind.Plain, Cell.Gru, 64, 64)] = () => Of(new Gru64x64(Seed)),
        [(ModelKind.Plain, Cell.Gru, 64, 128)] = () => Of(new Gru64x128(Seed)),
        [(ModelKind.Plain, Cell.Gru, 128, 128)] = () => Of(new Gru128x128(Seed)),
        [(ModelKind.Plain, Cell.Gru, 128, 256)] = () => Of(new Gru128x256(Seed)),
        [(ModelKind.Plain, Cell.Gru, 256, 256)] = () => Of(new Gru256x256(Seed)),
        [(ModelKind.Plain, Cell.Gru, 512, 512)] = () => Of(new Gru512x512(Seed)),
        [(ModelKind.BFloat16, Cell.Lstm, 16, 64)] = () => Of(new Lstm16x64BFloat16(Seed)),
        [(ModelKind.BFloat16, Cell.Lstm, 64, 128)] = () => Of(new Lstm64x128BFloat16(Seed)),
        [(ModelKind.BFloat16, Cell.Lstm, 128, 256)] = () => Of(new Lstm128x256BFloat16(Seed)),
        [(ModelKind.BFloat16, Cell.Gru, 16, 64)] = () => Of(new Gru16x64BFloat16(Seed)),
        [(ModelKind.BFloat16, Cell.Gru, 64, 128)] = () => Of(new Gru64x128BFloat16(Seed)),
        [(ModelKind.BFloat16, Cell.Gru, 128, 256)] = () => Of(new Gru128x256BFloat16(Seed)),
        [(ModelKind.Int8, Cell.Lstm, 16, 64)] = () => Of(new Lstm16x64Int8(Seed)),
        [(ModelKind.Int8, Cell.Lstm, 64, 128)] = () => Of(new Lstm64x128Int8(Seed)),
        [(ModelKind.Int8, Cell.Lstm, 128, 256)] = () => Of(new Lstm128x256Int8(Seed)),
        [(ModelKind.Int8, Cell.Gru, 16, 64)] = () => Of(new Gru16x64Int8(Seed)),
        [(ModelKind.Int8, Cell.Gru, 64, 128)] = () => Of(new Gru64x128Int8(Seed)),
        [(ModelKind.Int8, Cell.Gru, 128, 256)] = () => Of(new Gru128x256Int8(Seed)),
        [(ModelKind.Fast, Cell.Lstm, 1, 32)] = () => Of(new Lstm1x32Fast(Seed)),
        [(ModelKind.Fast, Cell.Lstm, 32, 32)] = () => Of(new Lstm32x32Fast(Seed)),
        [(ModelKind.Fast, Cell.Lstm, 64, 128)] = () => Of(new Lstm64x128Fast(Seed)),
        [(ModelKind.Fast, Cell.Lstm, 16, 64)] = () => Of(new Lstm16x64Fast(Seed)),
        [(ModelKind.Fast, Cell.Lstm, 128, 256)] = () => Of(new Lstm128x256Fast(Seed)),
        [(ModelKind.Fast, Cell.Gru, 1, 32)] = () => Of(new Gru1x32Fast(Seed)),
        [(ModelKind.Fast, Cell.Gru, 32, 32)] = () => Of(new Gru32x32Fast(Seed)),
        [(ModelKind.Fast, Cell.Gru, 16, 64)] = () => Of(new Gru16x64Fast(Seed)),
        [(ModelKind.Fast, Cell.Gru, 64, 128)] = () => Of(new Gru64x128Fast(Seed)),
        [(ModelKind.Fast, Cell.Gru, 128, 256)] = () => Of(new Gru128x256Fast(Seed)),
    };

    /// <summary>A model with the same weights at each call and of each kind.</summary>
    public static ModelCore Create(Workload workload, ModelKind kind = ModelKind.Plain) =>
        Factories.TryGetValue((kind, workload.Cell, workload.Inputs, workload.Units), out var create)
            ? create()
            : throw new KeyNotFoundException(
                $"No {kind} model of {workload.Size} is written; add its class and its row to {nameof(LayerModels)}.");

    private static ModelCore Of<T>(T model)
        where T : class, IRnnModel<T> => model.Core;
}
