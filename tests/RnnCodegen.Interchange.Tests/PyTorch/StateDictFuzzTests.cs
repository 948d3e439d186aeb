using System.Collections.Concurrent;
using CsCheck;
using Xunit;
using static RnnCodegen.Interchange.Tests.PyTorch.PyTorchImporterTests;

namespace RnnCodegen.Interchange.Tests.PyTorch;

/// <summary>State dicts with their order and names changed: a model that means the same, or a refusal.</summary>
public class StateDictFuzzTests
{
    // Each property tries this many state dicts.
    private const int Cases = 3000;

    private static readonly SafeTensor[][] s_models =
    [
        [.. Tensors(("embedding.weight", [11, 6])), .. Recurrent("rnn.lstm", 4, 6, 5, 2, 2),
            .. Tensors(("norm.weight", [10]), ("norm.bias", [10]), ("head.0.weight", [3, 10]), ("head.0.bias", [3]),
                ("head.2.weight", [2, 3]))],
        [.. Enumerable.Range(0, 12).SelectMany(k => LayerOrderTests.Linear($"net.{k}", k + 1, k, 4, 4))],
        [.. Tensors(("conv1.weight", [4, 3, 3]), ("conv1.bias", [4])), .. Recurrent("gru", 3, 4, 4, 1, 1),
            .. Tensors(("fc.weight", [4, 4]), ("fc.bias", [4]))],
        [.. Tensors(("fc.weight_g", [4, 1]), ("fc.weight_v", [4, 4]), ("fc.bias", [4])), .. Recurrent("module.lstm", 4, 4, 4, 1, 1)],
    ];

    private static readonly string[] s_words =
    [
        "weight", "bias", "weight_g", "weight_v", "weight_orig", "weight_mask", "weight_u", "weight_raw",
        "parametrizations.weight.original0", "parametrizations.weight.original1", "running_mean",
        "weight_ih_l0", "weight_hh_l0", "weight_hh_l1_reverse", "h0", "module", "ema", "gn", "net", "10", "2", "fc1", "fc10", "state_dict",
        "_orig_mod", "n_averaged", "", "a b", "\u00e9", "emb",
    ];

    // What the models mean as they stand, each read once.
    private static readonly ConcurrentDictionary<(int Index, TensorOrder Order), string?> s_meanings = [];

    [Fact]
    public void The_order_of_a_sorted_format_changes_nothing() => Gen.Select(Gen.Int[0, s_models.Length - 1], Gen.Int[0, int.MaxValue - 1])
        .Sample(
            (index, seed) =>
            {
                var tensors = s_models[index].ToArray();
                new Random(seed).Shuffle(tensors);
                foreach (var order in new[] { TensorOrder.MostlySorted, TensorOrder.Modules })
                {
                    // Of the modules' own order, only one that PyTorch could have made is believed.
                    var whole = s_meanings.GetOrAdd((index, order), key => Meaning(s_models[key.Index], key.Order));
                    if (whole is not null && Meaning(tensors, order) is { } shuffled && !IsOfWholeModules(tensors))
                    {
                        Assert.Equal(whole, shuffled);
                    }
                }
            },
            iter: Cases, threads: 1);

    [Fact]
    public void Names_that_are_changed_are_refused_or_read() => Gen.Select(
        Gen.Int[0, s_models.Length - 1], Gen.Select(Gen.Int[0, 1 << 20], Gen.Int[0, 4], Gen.Int[0, s_words.Length - 1]).Array[1, 5],
        Gen.Bool).Sample(
        (index, changes, isSorted) =>
        {
            var tensors = s_models[index].ToList();
            foreach (var (place, part, word) in changes)
            {
                var old = tensors[place % tensors.Count];
                var parts = old.Name.Split('.').ToList();
                parts[part % parts.Count] = s_words[word];
                tensors[place % tensors.Count] = SafeTensor.OfBytes(string.Join('.', parts) is { Length: > 0 } name ? name : "x",
                    old.DataType, old.Shape, old.Bytes.ToArray());
            }

            if (TryImport(tensors, isSorted ? TensorOrder.MostlySorted : TensorOrder.Modules) is { } model)
            {
                Assert.All(model.Layers, l => Assert.True(ClassFileNames.IsIdentifier(l.Name), l.Name));
                Assert.All(model.Weights.Values, w => Assert.All(w.Values, v => Assert.True(float.IsFinite(v))));
                Assert.Contains(model.Notes,
                    n => n.StartsWith("A state dict does not tell how layers are joined", StringComparison.Ordinal));
            }
        },
        iter: Cases, threads: 1);

    private static string? Meaning(IReadOnlyList<SafeTensor> tensors, TensorOrder order) =>
        TryImport(tensors, order) is { } model ? Described(model) : null;

    private static ModelDescription? TryImport(IReadOnlyList<SafeTensor> tensors, TensorOrder order)
    {
        try
        {
            return PyTorchImporter.Import("fuzz", tensors, "", null, order);
        }
        catch (InvalidDataException e)
        {
            Assert.StartsWith("'fuzz': ", e.Message, StringComparison.Ordinal);
            return null;
        }
    }

    /// <summary>Whether the tensors of each module stand together, so that the order may be one in which modules were made.</summary>
    private static bool IsOfWholeModules(SafeTensor[] tensors)
    {
        var modules = tensors.Select(t => t.Name[..t.Name.LastIndexOf('.')]).ToList();
        return modules.Where((m, k) => k == 0 || modules[k - 1] != m).Count() == modules.Distinct().Count();
    }

    private static string Described(ModelDescription model) => string.Join(
        "; ",
        model.Layers.Select(
            l => $"{l.Name} {AttributeText.Plain(l.Options)} " + string.Join(
                ' ',
                model.Weights.Where(w => w.Key.StartsWith(l.Name + ".", StringComparison.Ordinal))
                    .OrderBy(w => w.Key, StringComparer.Ordinal)
                    .Select(w => w.Value.Values.Sum(v => (double)v)))));
}
