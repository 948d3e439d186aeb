using System.Reflection;
using System.Text.Json;
using RnnCodegen.Runtime;

namespace RnnCodegen.Interchange.Tests.Conformance;

/// <summary>A trained sequence-to-sequence model: letters of a word to phonemes.</summary>
internal static class PhonemeModel
{
    public const string File = "g2p-en-gru-seq2seq/golden.json";

    private const string Folder = "g2p-en-gru-seq2seq";
    private const int Units = 256;
    private const int Start = 2;
    private const int End = 3;

    /// <summary>The index of the end of a word among the letters.</summary>
    private const int EndOfWord = 2;

    public static IEnumerable<ConformanceGroup> Read()
    {
        yield return new(Folder, "encoder GRU 256, decoder GRU 256, dense 74", 1e-5,
        [
            new("150 encoder states and first logits", Models, CheckStates),
            new("150 words decoded greedily", Models, CheckWords),
        ])
        {
            Covers = "PyTorch's gates, reset after the product with two biases; a decoder that starts from the encoder's state and " +
                "feeds itself",
        };
    }

    private static ModelDescription[] Models()
    {
        var arrays = NpzFile.Read(Golden.Path($"{Folder}/checkpoint20.npz")).ToDictionary(t => t.Name, t => t.Floats.ToArray());
        var encoder = new ModelDescription();
        AddRecurrent(encoder, "enc", 29);
        var decoder = new ModelDescription();
        AddRecurrent(decoder, "dec", 74);
        decoder.Add("Phonemes", new DenseAttribute(74));
        decoder.AddWeight("Phonemes.weight", [74, Units], arrays["fc_w"]);
        decoder.AddWeight("Phonemes.bias", [74], arrays["fc_b"]);
        return [encoder, decoder];

        void AddRecurrent(ModelDescription model, string prefix, int vocabulary)
        {
            model.Add("Letters", new EmbeddingAttribute(vocabulary, Units));
            model.AddWeight("Letters.weight", [vocabulary, Units], arrays[$"{prefix}_emb"]);
            model.Add("Cell", new GruAttribute(Units));
            model.AddWeight("Cell.weight_ih_l0", [3 * Units, Units], arrays[$"{prefix}_w_ih"]);
            model.AddWeight("Cell.weight_hh_l0", [3 * Units, Units], arrays[$"{prefix}_w_hh"]);
            model.AddWeight("Cell.bias_ih_l0", [3 * Units], arrays[$"{prefix}_b_ih"]);
            model.AddWeight("Cell.bias_hh_l0", [3 * Units], arrays[$"{prefix}_b_hh"]);
        }
    }

    /// <summary>All words at once, each of its own length.</summary>
    private static IEnumerable<Comparison> CheckStates(IReadOnlyList<Engine> engines)
    {
        var golden = Golden.Open($"{Folder}/golden.safetensors");
        var words = Words().ToArray();
        var steps = words.Max(word => word.Letters.Length);
        var read = engines[0].Run(new SequenceCall(steps, words.Length)
        {
            Tokens = SequenceCall.SwapAxes(words.SelectMany(word => word.Letters.Concat(new int[steps - word.Letters.Length])).ToArray(),
                words.Length, steps),
            Lengths = [.. words.Select(word => word.Letters.Length)],
        });
        yield return read.State("Cell.h_l0", golden["encoder_state"]);
        var call = new SequenceCall(1, words.Length) { Tokens = [.. words.Select(_ => Start)], Initial = read.Final };
        foreach (var result in engines[1].Ways(call))
        {
            yield return result.Output(golden["first_logits"]);
        }
    }

    private static IEnumerable<Comparison> CheckWords(IReadOnlyList<Engine> engines)
    {
        var decode = typeof(PhonemeModel).GetMethod(nameof(Decode), BindingFlags.NonPublic | BindingFlags.Static)!;
        return (IEnumerable<Comparison>)decode.MakeGenericMethod(engines[0].Type, engines[1].Type).Invoke(null,
            [engines[0].Core, engines[1].Core])!;
    }

    private static Comparison[] Decode<TEncoder, TDecoder>(ModelCore encoder, ModelCore decoder)
        where TEncoder : class, IRnnModel<TEncoder>
        where TDecoder : class, IRnnModel<TDecoder>
    {
        var pair = new EncoderDecoder<TEncoder, TDecoder>(TEncoder.Create(encoder), TDecoder.Create(decoder), Start, End);
        var greedy = new GreedyDecoder<TDecoder>(pair.Decoder, Start, End) { MaxLength = 20 };
        var state = decoder.CreateState();
        return [.. Words().Select(word =>
        {
            pair.Encode(word.Letters, state);
            return new Comparison(word.Word, Ids(greedy.Decode(state).Tokens), [.. word.Phonemes.Select(id => (double)id)]);
        })];

        static float[] Ids(IReadOnlyList<int> tokens) => [.. tokens.Select(id => (float)id)];
    }

    private static IEnumerable<(string Word, int[] Letters, int[] Phonemes)> Words()
    {
        var vocabulary = Golden.Json($"{Folder}/vocab.json");
        var (letters, phonemes) = (Names(vocabulary.GetProperty("graphemes")), Names(vocabulary.GetProperty("phonemes")));
        return Golden.Json(File).EnumerateArray().Select(entry =>
        {
            var word = entry.GetProperty("word").GetString()!;
            var read = word.Select(letter => Array.IndexOf(letters, letter.ToString())).Append(EndOfWord);
            var said = Names(entry.GetProperty("predicted")).Select(phoneme => Array.IndexOf(phonemes, phoneme));
            return (word, read.ToArray(), said.ToArray());
        });
    }

    private static string[] Names(JsonElement list) => [.. list.EnumerateArray().Select(v => v.GetString()!)];
}
