using System.Text;
using System.Text.Json.Nodes;
using RnnCodegen.Interchange.Tests.Archives;
using Xunit;
using static RnnCodegen.Interchange.Tests.Keras.KerasTestFile;

namespace RnnCodegen.Interchange.Tests.Keras;

/// <summary>
/// Files whose fields say something else, one to three at a time: the JSON inside an archive and of its own, and the numbers of HDF5's
/// structures. Each is refused with an <see cref="InvalidDataException"/> or gives a model, within bounds of memory and of steps. The same
/// 10,000 cases each run.
/// </summary>
public class KerasFieldFuzzTests
{
    private const int TextCases = 1_500;
    private const int FieldCases = 3_000;
    private const long TextMemory = 64L << 20;
    private const long FieldMemory = 256L << 20;

    private const string Config = """
        {"module": "keras", "class_name": "Functional", "registered_name": "Functional", "config": {"name": "m", "layers": [
          {"module": "keras.layers", "class_name": "InputLayer", "config": {"name": "i", "batch_shape": [null, 6, 3], "dtype": "float32"}, "registered_name": null, "name": "i", "inbound_nodes": []},
          {"module": "keras.layers", "class_name": "Masking", "config": {"name": "m", "mask_value": 0.0}, "registered_name": null, "name": "m", "inbound_nodes": [[["i", 0, 0, {}]]]},
          {"module": "keras.layers", "class_name": "Bidirectional", "config": {"name": "b", "merge_mode": "concat", "layer": {"module": "keras.layers", "class_name": "LSTM", "config": {"name": "f", "units": 2, "activation": "tanh", "return_sequences": true, "dtype": {"class_name": "DTypePolicy", "config": {"name": "float32"}}}, "registered_name": null}}, "registered_name": null, "name": "b", "inbound_nodes": [[["m", 0, 0, {}]]]},
          {"module": "keras.layers", "class_name": "Conv1D", "config": {"name": "c", "filters": 4, "kernel_size": [2], "strides": [1], "padding": "causal", "dilation_rate": [2], "groups": 1}, "registered_name": null, "name": "c", "inbound_nodes": [[["b", 0, 0, {}]]]},
          {"module": "keras.layers", "class_name": "Add", "config": {"name": "a"}, "registered_name": null, "name": "a", "inbound_nodes": [[["b", 0, 0, {}], ["c", 0, 0, {}]]]},
          {"module": "keras.layers", "class_name": "Dense", "config": {"name": "d", "units": 1, "activation": {"class_name": "LeakyReLU", "config": {"negative_slope": 0.1}}}, "registered_name": null, "name": "d", "inbound_nodes": [[["a", 0, 0, {}]]]}],
          "input_layers": [["i", 0, 0]], "output_layers": [["d", 0, 0]]} }
        """;

    private const string Audio = """
        {"in_shape": [null, null, 1], "in_skip": 1, "in_gain": 3.0, "out_gain": -2.0, "samplerate": 48000, "layers": [
          {"type": "conv1d", "activation": "tanh", "kernel_size": [2], "dilation": [1], "shape": [null, null, 2], "weights": [[[[1, 2]], [[3, 4]]], [0, 1]]},
          {"type": "gru", "activation": "", "shape": [null, null, 1], "weights": [[[1, 2, 3], [4, 5, 6]], [[7, 8, 9]], [[1, 2, 3], [4, 5, 6]]]},
          {"type": "dense", "activation": "", "shape": [null, null, 1], "weights": [[[0.5]], [0.25]]}]}
        """;

    private const string Amplifier = """
        {"version": "0.5.4", "metadata": {"loudness": -11.4}, "architecture": "LSTM", "config": {"input_size": 1, "hidden_size": 1, "num_layers": 1},
         "weights": [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16], "sample_rate": 48000}
        """;

    private static readonly string[] Odd =
    [
        "null", "true", "false", "0", "1", "2", "-1", "3", "0.5", "1e308", "-1e400", "2147483647", "2147483648", "1000000000", "\"\"",
        "\"x\"", "\"linear\"", "\"\\ud800\"", "[]", "[0]", "[[]]", "{}",
        "[null, null, 1000000]", "{\"class_name\": \"LSTM\", \"config\": {}}", "\"keras\"", "\"Dense\"", "\"i\"",
    ];

    private static readonly ulong[] Numbers =
    [
        0, 1, 2, 3, 7, 8, 9, 16, 32, 63, 64, 96, 127, 128, 255, 256, 1023, 4096, 65535, 65536, 1 << 20, 1 << 24, 1 << 28, int.MaxValue,
        1UL << 31, uint.MaxValue, 1UL << 40, long.MaxValue, 1UL << 63, ulong.MaxValue,
    ];

    [Fact]
    public void Fields_of_the_model_in_an_archive()
    {
        var weights = KerasHdf5();
        Assert.True(Try(() => KerasImporter.Import("x", Archive(Config, weights)), TextMemory));
        Mutate(Config, 1, text => KerasImporter.Import("x", Archive(text, weights)));
    }

    [Fact]
    public void Fields_of_sound_models()
    {
        Assert.True(Try(() => KerasJsonFile.Import("x", Encoding.UTF8.GetBytes(Audio)), TextMemory));
        Assert.True(Try(() => NamFile.Import("x", Encoding.UTF8.GetBytes(Amplifier)), TextMemory));
        Mutate(Audio, 2, text => KerasJsonFile.Import("x", Encoding.UTF8.GetBytes(text)));
        Mutate(Amplifier, 3, text => NamFile.Import("x", Encoding.UTF8.GetBytes(text)));
    }

    [Fact]
    public void Fields_of_Hdf5_as_Keras_files_have_them()
    {
        var file = Hdf5(Config, "3.5.0", Weights());
        Assert.True(Try(() => KerasImporter.Import("x", file), TextMemory));
        Fields(file, 4, bytes => KerasImporter.Import("x", bytes));
    }

    [Fact]
    public void Fields_of_Hdf5_in_the_old_form()
    {
        var chunk = new byte[32];
        var file = Hdf5Builder.Chunked(Hdf5Builder.Float32, [3, 5], [2, 4], null, ([0, 0], chunk), ([0, 4], chunk), ([2, 0], chunk),
            ([2, 4], chunk));
        Assert.True(Try(() => Hdf5File.Open("x", file).Read("w"), TextMemory));
        Fields(file, 5, bytes => Hdf5File.Open("x", bytes).Read("w"));
    }

    private static void Mutate(string good, int seed, Action<string> read)
    {
        var random = new Random(seed);
        for (var k = 0; k < TextCases; k++)
        {
            var root = JsonNode.Parse(good)!;
            for (var change = random.Next(1, 4); change > 0; change--)
            {
                Change(root, random);
            }

            // Text that is no Unicode cannot be written by nodes, only be put in.
            var text = root.ToJsonString().Replace("\"@odd@\"", Odd[random.Next(Odd.Length)], StringComparison.Ordinal);
            _ = Try(() => read(text), TextMemory);
        }
    }

    private static void Change(JsonNode root, Random random)
    {
        var parents = new List<JsonNode>();
        Collect(root);
        switch (parents[random.Next(parents.Count)])
        {
            case JsonObject { Count: > 0 } item:
                var key = item.ElementAt(random.Next(item.Count)).Key;
                var value = item[key];
                switch (random.Next(4))
                {
                    case 0:
                        item.Remove(key);
                        break;
                    case 1:
                        item.Remove(key);
                        item[$"{key}_"] = value;
                        break;
                    case 2:
                        item[$"new{random.Next(100)}"] = "@odd@";
                        break;
                    default:
                        item[key] = "@odd@";
                        break;
                }

                break;
            case JsonArray { Count: > 0 } list:
                var at = random.Next(list.Count);
                switch (random.Next(3))
                {
                    case 0:
                        list.RemoveAt(at);
                        break;
                    case 1:
                        list.Add(list[at]?.DeepClone());
                        break;
                    default:
                        list[at] = "@odd@";
                        break;
                }

                break;
        }

        void Collect(JsonNode? node)
        {
            if (node is JsonObject or JsonArray)
            {
                parents.Add(node);
            }

            foreach (var child in node is JsonObject o ? o.Select(p => p.Value).ToList() : node is JsonArray a ? [.. a] : [])
            {
                Collect(child);
            }
        }
    }

    private static void Fields(byte[] good, int seed, Action<byte[]> read)
    {
        var random = new Random(seed);
        for (var k = 0; k < FieldCases; k++)
        {
            var bytes = good.ToArray();
            for (var change = random.Next(1, 4); change > 0; change--)
            {
                var size = 1 << random.Next(4);
                var at = random.Next(bytes.Length - size);
                at -= random.Next(3) == 0 ? 0 : at % size;
                var number = random.Next(3) == 0 ? (ulong)random.Next(bytes.Length) : Numbers[random.Next(Numbers.Length)];
                BitConverter.GetBytes(number).AsSpan(0, size).CopyTo(bytes.AsSpan(at));
            }

            _ = Try(() => read(bytes), FieldMemory);
        }
    }

    private static bool Try(Action read, long limit)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        try
        {
            read();
            return true;
        }
        catch (InvalidDataException)
        {
            return false;
        }
        finally
        {
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, limit);
        }
    }

    private static byte[] Archive(string config, byte[] weights) => ZipBytes.Of(
        ("metadata.json", """{"keras_version": "3.5.0"}"""u8.ToArray()), ("config.json", Encoding.UTF8.GetBytes(config)),
        ("model.weights.h5", weights));

    private static byte[] KerasHdf5() => Hdf5(null, null, Weights());

    private static (string, (string, int[], float[])[])[] Weights() =>
    [
        ("b", [("fk", [3, 8], Values(24)), ("fr", [2, 8], Values(16)), ("fb", [8], Values(8)), ("bk", [3, 8], Values(24)),
            ("br", [2, 8], Values(16)), ("bb", [8], Values(8))]),
        ("c", [("k", [2, 4, 4], Values(32)), ("b", [4], Values(4))]),
        ("d", [("k", [4, 1], Values(4)), ("b", [1], Values(1))]),
    ];
}
