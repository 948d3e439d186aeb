using Samples;
using SpokenDigits;
using Xunit;

namespace RnnCodegen.Samples.Tests;

/// <summary>The recognisers of samples/SpokenDigits, trained for seconds on synthetic voices.</summary>
public sealed class SpokenDigitsTests
{
    private static readonly Take[] Takes = Voices.Speak(speakers: 4, takes: 12, seed: 1);

    [Fact]
    public void Parts_keep_takes_and_speakers_apart()
    {
        var known = Parts.ByTake(Takes);
        Assert.Equal(Takes.Length, known.Training.Concat(known.Validation).Concat(known.Test).Distinct().Count());
        for (var fold = 0; fold < Parts.Folds; fold++)
        {
            var parts = Parts.BySpeaker(Takes, fold);
            var learned = parts.Training.Concat(parts.Validation).ToArray();
            Assert.Empty(parts.Test.Select(take => take.Speaker).Intersect(learned.Select(take => take.Speaker)));
            Assert.Equal(Takes.Length, learned.Concat(parts.Test).Distinct().Count());
        }
    }

    [Fact]
    public void A_few_epochs_recognise_most_digits() =>
        Assert.InRange(Classification.Run(Parts.ByTake(Takes), seed: 1, epochs: 6).Value, 0.9, 1);

    [Fact]
    public void Strings_are_learned_without_knowing_where_their_digits_are()
    {
        var (greedy, beam) = Strings.Run(Parts.ByTake(Takes), seed: 1, epochs: 8, count: 400);
        Assert.InRange(beam, 0, 0.5);
        Assert.InRange(beam, 0, greedy + 0.02);
    }

    [Fact]
    public void A_file_that_is_not_named_by_digit_speaker_and_number_is_refused_by_name()
    {
        var folder = Directory.CreateTempSubdirectory("digits").FullName;
        try
        {
            File.WriteAllBytes(Path.Combine(folder, "ten_anna_0.wav"), []);
            var refused = Assert.Throws<InvalidDataException>(() => Take.Read(folder));
            Assert.Contains("ten_anna_0.wav", refused.Message, StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [PublicDataFact("fsdd-dev")]
    public void Recordings_are_those_that_the_data_set_counts()
    {
        var takes = Take.Read(SampleData.Folder("fsdd-dev"));
        Assert.Equal(880, takes.Length);
        Assert.All(takes.GroupBy(take => (take.Digit, take.Speaker)), group => Assert.Equal(22, group.Count()));
        Assert.All(takes, take => Assert.InRange(take.Samples.Max(MathF.Abs), 0.001f, 1));
        Assert.Equal(200, Parts.ByTake(takes).Test.Count);
    }
}
