using RnnCodegen.Tests.Parameters;
using Xunit;

namespace RnnCodegen.Tests.Weights;

/// <summary>Every way a file can be wrong: refused with a message that names the cause, and the model untouched.</summary>
public sealed class BadFileTests : IDisposable
{
    private const string W = """ "W":{"dtype":"F32","shape":[2,2],"data_offsets":[0,16]} """;
    private const string B = """ "b":{"dtype":"F32","shape":[2],"data_offsets":[16,24]} """;

    private static readonly string Ones = string.Join(",", Enumerable.Repeat(1, 65));
    private static readonly string Deep = new string('[', 100_000) + new string(']', 100_000);
    private static readonly string Long = new('x', 1_000_000);

    private readonly string _path = Path.GetTempFileName();

    public void Dispose() => File.Delete(_path);

    public static TheoryData<string, int, string> Corruptions => new()
    {
        // header, bytes of data, what the message says
        { $$"""{ {{W}} }""", 16, "needs tensor b [2], which the file lacks. Nearest: 'W'" },
        { $$"""{ {{W}},{{B}}, "bb":{"dtype":"F32","shape":[1],"data_offsets":[24,28]} }""", 28, "the model has no tensor 'bb'. " +
            "Nearest: 'b'" },
        { $$"""{ {{W}}, "b":{"dtype":"F32","shape":[2,1],"data_offsets":[16,24]} }""", 24, "'b' must have shape [2], but the " +
            "file's has [2, 1]" },
        { $$"""{ {{W}}, "b":{"dtype":"F32","shape":[3],"data_offsets":[16,28]} }""", 28, "'b' must have shape [2], but the " +
            "file's has [3]" },
        { $$"""{ {{W}}, "b":{"dtype":"I16","shape":[2],"data_offsets":[16,20]} }""", 20, "b [2] must be F32, F64, F16 or BF16, but the " +
            "file's is I16" },
        { $$"""{ {{W}}, "b":{"dtype":"F31","shape":[2],"data_offsets":[16,24]} }""", 24, "'b' has the unknown dtype 'F31'" },
        { $$"""{ {{W}},{{B}} }""", 23, "'b' ends at byte 24 of the data, but the file holds 23" },
        { $$"""{ {{W}},{{B}} }""", 0, "'W' ends at byte 16 of the data, but the file holds 0" },
        { $$"""{ {{W}},{{B}} }""", 25, "1 bytes after tensor 'b' belong to no tensor" },
        { $$"""{ {{W}}, "b":{"dtype":"F32","shape":[2],"data_offsets":[8,16]} }""", 16, "'b' starts at byte 8 of the data, but tensor " +
            "'W' ends at 16" },
        { $$"""{ {{W}}, "b":{"dtype":"F32","shape":[2],"data_offsets":[20,28]} }""", 28, "'b' starts at byte 20 of the data, but tensor " +
            "'W' ends at 16" },
        { $$"""{ {{W}}, "b":{"dtype":"F32","shape":[2],"data_offsets":[16,20]} }""", 24, "'b' [2] of F32 takes 8 bytes, but its " +
            "data_offsets are [16, 20]" },
        { $$"""{ {{W}}, "b":{"dtype":"F32","shape":[2],"data_offsets":[24,16]} }""", 24, "data_offsets are [24, 16]" },
        { $$"""{ {{W}}, "b":{"dtype":"F32","shape":[2],"data_offsets":[-8,0]} }""", 24, "'b': data_offsets must hold whole numbers" },
        { $$"""{ {{W}}, "b":{"dtype":"F32","shape":[2],"data_offsets":[16]} }""", 24, "'b' must have dtype, shape and two data_offsets" },
        { $$"""{ {{W}}, "b":{"dtype":"F32","shape":[2.5],"data_offsets":[16,24]} }""", 24, "'b': shape must hold whole numbers" },
        { $$"""{ {{W}}, "b":{"dtype":"F32","shape":[4294967296],"data_offsets":[16,24]} }""", 24, "'b': shape must hold whole numbers" },
        { $$"""{ {{W}}, "b":{"dtype":"F32","shape":[65536,65536,65536,65536],"data_offsets":[16,16]} }""", 16, "'b' [65536, 65536, " +
            "65536, 65536] of F32 takes" },
        { $$"""{ {{W}}, "b":{"dtype":"F32","shape":2,"data_offsets":[16,24]} }""", 24, "'b': shape must be an array" },
        { $$"""{ {{W}}, "b":{"dtype":32,"shape":[2],"data_offsets":[16,24]} }""", 24, "'b': dtype must be a string" },
        { $$"""{ {{W}}, "b":{"shape":[2],"data_offsets":[16,24]} }""", 24, "'b' must have dtype" },
        { $$"""{ {{W}}, "b":[2] }""", 24, "'b' must be an object" },
        { $$"""{ {{W}},{{B}},{{B}} }""", 24, "'b' occurs twice (byte 126 of the file)" },
        { $$"""{ {{W}}, "b":{"dtype":"F32","dtype":"F32","shape":[2],"data_offsets":[16,24]} }""", 24, "'b' says dtype twice" },
        { $$"""{ {{W}}, "b":{"dtype":"F32","shape":[2],"shape":[2],"data_offsets":[16,24]} }""", 24, "'b' says shape twice" },
        { $$"""{ {{W}}, "b":{"data_offsets":[16,24],"dtype":"F32","shape":[2],"data_offsets":[16,24]} }""", 24, "'b' says data_offsets twice" },
        { $$"""{ {{W}}, "b":{"dtype":"F32","shape":[2],"data_offsets":[16,24,32]} }""", 24, "'b': data_offsets has more than 2 numbers" },
        { $$"""{ {{W}}, "b":{"dtype":"F32","shape":[1e400],"data_offsets":[16,24]} }""", 24, "'b': shape must hold whole numbers" },
        { $$"""{ {{W}}, "b":{"dtype":"F32","shape":[2],"data_offsets":[16,99999999999999999999]} }""", 24, "'b': data_offsets must hold " +
            "whole numbers" },
        { $$"""{ {{W}}, "b":{"dtype":"F32","shape":[{{Ones}}],"data_offsets":[16,20]} }""", 20, "'b': shape has more than 64 numbers" },
        { $$"""{ {{W}}, "b":{"dtype":"F32","shape":[2],"data_offsets":[16,24],"more":{{Deep}}} }""", 24, "not valid JSON" },
        { $$"""{ {{W}}, "{{Long}}":7 }""", 24, "xxx...' must be an object" },
        { $$"""{ {{W}}, "b":{"dtype":"{{Long}}","shape":[2],"data_offsets":[16,24]} }""", 24, "unknown dtype 'xxx" },
        { $$"""{ "__metadata__":{},"__metadata__":{},{{W}},{{B}} }""", 24, "__metadata__ occurs twice" },
        { $$"""{ "__metadata__":{"format":1},{{W}},{{B}} }""", 24, "entry 'format' must be a string" },
        { $$"""{ "__metadata__":{"a":"1","a":"2"},{{W}},{{B}} }""", 24, "entry 'a' occurs twice" },
        { $$"""{ "__metadata__":"pt",{{W}},{{B}} }""", 24, "__metadata__ must be an object" },
        { $$"""{ {{W}},{{B}} """, 24, "not valid JSON" },
        { $$"""{ {{W}} {{B}} }""", 24, "not valid JSON" },
        { $$"""{ {{W}},{{B}} } x""", 24, "not valid JSON" },
        { $$"""{ "\ud800":{{W}} }""", 24, "not valid JSON" },
        { $$"""[ {{W}} ]""", 24, "does not start with '{'" },
        { "", 24, "does not start with '{'" },
    };

    [Theory]
    [MemberData(nameof(Corruptions))]
    public void A_wrong_header_is_refused(string header, int dataLength, string message)
    {
        Files.Write(_path, header, new byte[dataLength]);
        AssertRefused(message);
    }

    [Fact]
    public void A_right_header_is_not_refused()
    {
        Files.Write(_path, $$"""{ "__metadata__":{"a":"b"},{{B}},{{W}} }  """, new byte[24]);
        var set = Model();
        SafeTensors.Load(_path, set);
        Assert.False(set.Values.ContainsAnyExcept(0f));
    }

    [Fact]
    public void A_file_written_big_endian_is_told_from_a_broken_one()
    {
        Files.Write(_path, "{}", [], 0x02UL << 56);
        AssertRefused("claims 144115188075855872 bytes, but 2 with its bytes swapped: the file was written big-endian");
    }

    [Fact]
    public void Messages_stay_short_and_refusing_quick_however_long_and_many_the_names_are()
    {
        var names = Enumerable.Range(0, 20_000)
            .Select(i => $$""" "{{i}}{{Long[..1000]}}":{"dtype":"F32","shape":[0],"data_offsets":[0,0]} """);
        Files.Write(_path, "{" + string.Join(",", names) + "}", []);
        var error = Assert.Throws<InvalidDataException>(() => SafeTensors.Load(_path, Model()));
        Assert.InRange(error.Message.Length, 100, 2_000);
    }

    [Theory]
    [InlineData(0, "too few")]
    [InlineData(7, "too few")]
    public void A_file_without_a_header_is_refused(int length, string message)
    {
        File.WriteAllBytes(_path, new byte[length]);
        AssertRefused(message);
    }

    [Theory]
    [InlineData(1_000UL, "the file is truncated")]
    [InlineData(100_000_001UL, "more than the format's")]
    [InlineData(ulong.MaxValue, "more than the format's")]
    public void A_header_length_beyond_the_file_or_the_limit_is_refused(ulong claimed, string message)
    {
        Files.Write(_path, "{}", [], claimed);
        AssertRefused(message);
    }

    [Fact]
    public void Invalid_utf8_is_refused()
    {
        Files.Write(_path, [.. "{\""u8, 0xFF, 0xFE, .. "\":1}"u8], []);
        AssertRefused("not valid JSON");
    }

    [Theory]
    [InlineData(float.NaN, "NaN")]
    [InlineData(float.NegativeInfinity, "-Infinity")]
    public void A_weight_that_is_not_finite_is_refused(float value, string shown)
    {
        SafeTensorsFile.Write(_path, [new SafeTensor("W", [2, 2], new float[4]), new SafeTensor("b", [2], new[] { 1, value })]);
        AssertRefused($"value 1 of tensor b [2] is {shown}");
    }

    [Fact]
    public void Each_truncation_of_a_good_file_is_refused()
    {
        SafeTensors.Save(_path, Model());
        var bytes = File.ReadAllBytes(_path);
        for (var length = 0; length < bytes.Length; length++)
        {
            File.WriteAllBytes(_path, bytes[..length]);
            AssertRefused(_path);
        }
    }

    [Fact]
    public void A_float64_beyond_float32_is_refused()
    {
        SafeTensorsFile.Write(
            _path, [SafeTensor.Of<double>("W", [2, 2], new double[] { 0, 1, 2, -1e39 }), new SafeTensor("b", [2], new float[2])]);
        AssertRefused("value 3 of tensor W [2, 2] is -1E+39; weights must be within float32's range");
    }

    private static ParameterSet Model()
    {
        var set = new ParameterSet(Layouts.Place(("W", ParameterRole.DenseWeight, 2, 2, 2), ("b", ParameterRole.DenseBias, 2, 0, 2)));
        set.Edit().Fill(5);
        return set;
    }

    private void AssertRefused(string message)
    {
        var set = Model();
        var version = set.Version;
        var error = Assert.Throws<InvalidDataException>(() => SafeTensors.Load(_path, set));
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
        Assert.Contains(_path, error.Message, StringComparison.Ordinal);
        Assert.Equal(error.Message,
            Assert.Throws<InvalidDataException>(() => SafeTensors.Load(_path, File.ReadAllBytes(_path), set)).Message);
        Assert.False(set.Values.ContainsAnyExcept(5f));
        Assert.Equal(version, set.Version);
    }
}
