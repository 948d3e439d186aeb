using System.Text;
using RnnCodegen.Build;

namespace RnnCodegen.Generators.Tests.Build;

/// <summary>The build's reader of headers and the program's: one table through both, which say the same of each file.</summary>
public sealed class HeaderReaderTests : IDisposable
{
    private const string W = """ "W":{"dtype":"F32","shape":[2,2],"data_offsets":[0,16]} """;
    private const string B = """ "b":{"dtype":"F32","shape":[2],"data_offsets":[16,24]} """;

    private static readonly string Ones = string.Concat(Enumerable.Repeat(",1", 64));

    private readonly string _path = Path.GetTempFileName();

    public void Dispose() => File.Delete(_path);

    public static TheoryData<string, int, string> Corruptions => new()
    {
        // header, bytes of data, what the message says
        { $$"""{ {{W}},{{B}} }""", 23, "tensor 'b' ends at byte 24 of the data, but the file holds 23 bytes of it" },
        { $$"""{ {{W}},{{B}} }""", 25, "1 bytes after tensor 'b' belong to no tensor" },
        { "{}", 1, "1 bytes after the header belong to no tensor" },
        { $$"""{ {{W}},{{B}},{{B}} }""", 24, "tensor 'b' occurs twice (byte 126 of the file)" },
        { $$"""{ {{W}},{{B}}, "\u0062":{"dtype":"F32","shape":[2],"data_offsets":[16,24]} }""", 24, "tensor 'b' occurs twice" },
        { $$"""{ {{W}},{{B}}, "alias":{"dtype":"F32","shape":[2,2],"data_offsets":[0,16]} }""", 24, "starts at byte 0 of the data, but " +
            "tensor 'W' ends at 16" },
        { $$"""{ {{W}}, "b":{"dtype":"F32","shape":[2],"data_offsets":[8,16]} }""", 16, "tensor 'b' starts at byte 8 of the data, but " +
            "tensor 'W' ends at 16" },
        { $$"""{ {{W}}, "b":{"dtype":"F32","shape":[2],"data_offsets":[20,28]} }""", 28, "tensor 'b' starts at byte 20" },
        { $$"""{ {{W}}, "b":{"dtype":"F31","shape":[2],"data_offsets":[16,24]} }""", 24, "tensor 'b' has the unknown dtype 'F31'" },
        { $$"""{ {{W}}, "b":{"dtype":"f32","shape":[2],"data_offsets":[16,24]} }""", 24, "tensor 'b' has the unknown dtype 'f32'" },
        { $$"""{ {{W}}, "b":{"dtype":"F4","shape":[2],"data_offsets":[16,17]} }""", 17, "tensor 'b' has the dtype 'F4', whose elements " +
            "share bytes" },
        { $$"""{ {{W}}, "b":{"dtype":"F32","shape":[2],"data_offsets":[16,20]} }""", 24, "tensor 'b' [2] of F32 takes 8 bytes, but its " +
            "data_offsets are [16, 20]" },
        { $$"""{ {{W}}, "b":{"dtype":"F32","shape":[2],"data_offsets":[24,16]} }""", 24, "data_offsets are [24, 16]" },
        { $$"""{ {{W}}, "b":{"dtype":"F32","shape":[65536,65536,65536,65536],"data_offsets":[16,16]} }""", 16, "[65536, 65536, 65536, " +
            "65536] of F32 takes" },
        { $$"""{ {{W}}, "b":{"dtype":"F32","shape":[9223372036854775807,9223372036854775807,0],"data_offsets":[16,16]} }""", 16, "shape must hold whole numbers from 0 to 2147483647" },
        { $$"""{ {{W}}, "b":{"dtype":"F32","shape":[-2],"data_offsets":[16,24]} }""", 24, "shape must hold whole numbers" },
        { $$"""{ {{W}}, "b":{"dtype":"F32","shape":[2.0],"data_offsets":[16,24]} }""", 24, "shape must hold whole numbers" },
        { $$"""{ {{W}}, "b":{"dtype":"F32","shape":[2e0],"data_offsets":[16,24]} }""", 24, "shape must hold whole numbers" },
        { $$"""{ {{W}}, "b":{"dtype":"F32","shape":["2"],"data_offsets":[16,24]} }""", 24, "shape must hold whole numbers" },
        { """{ "W":{"dtype":"F32","shape":[2,2],"data_offsets":[-0,16]} }""", 16, "data_offsets must hold whole numbers" },
        { $$"""{ {{W}}, "b":{"dtype":"F32","shape":[02],"data_offsets":[16,24]} }""", 24, "not valid JSON: ',' is expected" },
        { $$"""{ {{W}}, "b":{"dtype":"F32","shape":[+2],"data_offsets":[16,24]} }""", 24, "shape must hold whole numbers" },
        { $$"""{ {{W}}, "b":{"dtype":"F32","shape":[2,],"data_offsets":[16,24]} }""", 24, "shape must hold whole numbers" },
        { $$"""{ {{W}}, "b":{"dtype":"F32","shape":[99999999999999999999],"data_offsets":[16,24]} }""", 24, "shape must hold whole numbers" },
        { $$"""{ {{W}}, "b":{"dtype":"F32","shape":2,"data_offsets":[16,24]} }""", 24, "shape must be an array" },
        { $$"""{ {{W}}, "b":{"dtype":32,"shape":[2],"data_offsets":[16,24]} }""", 24, "dtype must be a string" },
        { $$"""{ {{W}}, "b":{"dtype":"F32","data_offsets":[16,24]} }""", 24, "tensor 'b' must have dtype, shape and two data_offsets" },
        { $$"""{ {{W}}, "b":{"dtype":"F32","shape":[2],"data_offsets":[16]} }""", 24, "two data_offsets" },
        { $$"""{ {{W}}, "b":{"dtype":"F32","shape":[2],"data_offsets":[16,24,24]} }""", 24, "data_offsets has more than 2 numbers" },
        { $$"""{ {{W}}, "b":{"dtype":"F32","shape":[1{{Ones}}],"data_offsets":[16,20]} }""", 20, "shape has more than 64 numbers" },
        { $$"""{ {{W}}, "b":{"dtype":"F32","dtype":"F32","shape":[2],"data_offsets":[16,24]} }""", 24, "tensor 'b' says dtype twice" },
        { $$"""{ {{W}}, "b":{"dtype":"U8","shape":[2147483592],"data_offsets":[16,2147483608]} }""", 24, "the file holds 24 bytes" },
        { $$"""{ {{W}}, "b":[2] }""", 24, "tensor 'b' must be an object" },
        { $$"""{ {{W}}, "b":{"dtype":"F32","shape":[2],"data_offsets":[16,24],"more":1e} }""", 24, "not valid JSON: a digit is expected" },
        { $$"""{ {{W}}, "b":{"dtype":"F32","shape":[2],"data_offsets":[16,24],"more":.5} }""", 24, "not valid JSON: a value is expected" },
        { $$"""{ {{W}}, "b":{"dtype":"F32","shape":[2],"data_offsets":[16,24],"more":truth} }""", 24, "not valid JSON: a value is expected" },
        { $$"""{ {{W}}, "b":{"dtype":"F32","shape":[2],"data_offsets":[16,24],"more":"\ud800"} }""", 24, "half of a pair of surrogates" },
        { $$"""{ {{W}} } x""", 16, "goes on after its end" },
        { $$"""{ {{W}} }""" + "\0\0", 16, "goes on after its end" },
        { $$"""{ {{W}}, }""", 16, "not valid JSON: '\"' is expected" },
        { $$"""{ {{W}}""", 16, "not valid JSON: ',' is expected" },
        { $$"""{/*c*/ {{W}} }""", 16, "not valid JSON: '\"' is expected" },
        { $$"""{ "\ud800":{{W}} }""", 16, "half of a pair of surrogates" },
        { $$"""{ "\udc00\ud800":1 }""", 16, "half of a pair of surrogates" },
        { """{ "a\q":1 }""", 0, "there is no such escape" },
        { """{ "a\u12g4":1 }""", 0, "a hexadecimal digit is expected" },
        { "{ \"a\tb\":1 }", 0, "a control character stands in a string" },
        { """{ "a""", 0, "it ends within a string" },
        { $$"""{ "__metadata__":{},"__metadata__":{},{{W}} }""", 16, "__metadata__ occurs twice" },
        { $$"""{ "__metadata__":null,"__metadata__":{},{{W}} }""", 16, "__metadata__ occurs twice" },
        { $$"""{ "__metadata__":{"step":3},{{W}} }""", 16, "__metadata__ entry 'step' must be a string" },
        { $$"""{ "__metadata__":{"a":{"b":1} },{{W}} }""", 16, "__metadata__ entry 'a' must be a string" },
        { $$"""{ "__metadata__":{"a":"1","a":"2"},{{W}} }""", 16, "__metadata__ entry 'a' occurs twice" },
        { $$"""{ "__metadata__":"pt",{{W}} }""", 16, "__metadata__ must be an object of strings" },
        { $$"""{ "__metadata__":nil,{{W}} }""", 16, "not valid JSON: a value is expected" },
        { $$""" { {{W}} }""", 16, "does not start with '{'" },
        { "\uFEFF{ }", 0, "does not start with '{'" },
        { "", 0, "does not start with '{'" },
        { "version https://git-lfs.github.com/spec/v1", 0, "does not start with '{'" },
    };

    [Theory]
    [MemberData(nameof(Corruptions))]
    public void A_wrong_header_is_refused_in_the_same_words(string header, int dataLength, string message)
    {
        Write(Encoding.UTF8.GetBytes(header), dataLength);
        AssertRefused(message);
    }

    public static TheoryData<string, string> Rights => new()
    {
        // header, tensors with the places of their bytes
        { $$"""{ {{W}},{{B}} }""", "W F32 [2,2] 0-16; b F32 [2] 16-24" },
        { $$"""{ {{B}},{{W}} }""" + "       ", "W F32 [2,2] 0-16; b F32 [2] 16-24" },
        { $$"""{ {{W}} }""" + "\t\r\n ", "W F32 [2,2] 0-16" },
        { "{}", "" },
        { """{"\u0057\ud83d\ude00\/":{"\u0064type":"F16","shape":[],"data_offsets":[0,2],"more":[{"x":[-1.5e+3,true,false,null,""]}]}}""", "W\U0001F600/ F16 [] 0-2" },
        { """{"":{"dtype":"BOOL","shape":[1],"data_offsets":[0,1]},"\u00e9\u2028\t":{"dtype":"U8","shape":[2],"data_offsets":[1,3]}}""", " BOOL [1] 0-1; \u00e9\u2028\t U8 [2] 1-3" },
        { """{"z":{"dtype":"F32","shape":[2147483647,0,2147483647,2147483647],"data_offsets":[0,0]},"y":{"dtype":"F8_E4M3","shape":[3],"data_offsets":[0,3]},"e":{"dtype":"C64","shape":[0],"data_offsets":[3,3]}}""",
            "z F32 [2147483647,0,2147483647,2147483647] 0-0; y F8_E4M3 [3] 0-3; e C64 [0] 3-3" },
        { """{"__metadata__":null,"a":{"dtype":"F8_E4M3FNUZ","shape":[1],"data_offsets":[0,1]},"b":{"dtype":"F8_E5M2FNUZ","shape":[1],"data_offsets":[1,2]}}""",
            "a F8_E4M3FNUZ [1] 0-1; b F8_E5M2FNUZ [1] 1-2" },
        { $$"""{"__metadata__":{},{{W}} }""", "W F32 [2,2] 0-16" },
        { $$"""{"__metadata__":{"n":"{{new string('x', 100_000)}}"},{{W}} }""", "W F32 [2,2] 0-16" },
    };

    [Theory]
    [MemberData(nameof(Rights))]
    public void A_right_header_is_read_alike(string header, string tensors)
    {
        var length = tensors.Length == 0 ? 0 : int.Parse(tensors[(tensors.LastIndexOf('-') + 1)..]);
        Write(Encoding.UTF8.GetBytes(header), length);
        Assert.Equal(tensors, Describe(HeaderReader.Read(_path)));
        Assert.Equal(tensors, Both.Runtime(File.ReadAllBytes(_path)).Tensors);
    }

    [Fact]
    public void Nesting_is_bounded()
    {
        Write(Encoding.UTF8.GetBytes($$"""{ "W":{"more":{{new string('[', 100_000)}}"""), 0);
        AssertRefused("there are more than 64 levels");
        Write(
            Encoding.UTF8.GetBytes(
                $$"""{ "W":{"dtype":"U8","shape":[0],"data_offsets":[0,0],"more":{{new string('[', 60)}}{{new string(']', 60)}} } }"""), 0);
        Assert.Equal("W U8 [0] 0-0", Describe(HeaderReader.Read(_path)));
    }

    [Fact]
    public void A_tensor_that_no_array_holds_is_refused_by_both()
    {
        Write("""{"a":{"dtype":"U8","shape":[2147483592],"data_offsets":[0,2147483592]}}"""u8.ToArray(), 0);
        using (var stream = new FileStream(_path, FileMode.Open))
        {
            // Sparse: it takes no room on the disk.
            stream.SetLength(stream.Length + 2147483592);
        }

        const string Message = "tensor 'a' has 2147483592 bytes; at most 2147483591 a tensor can be read";
        Assert.Equal(Message, Assert.Throws<ModelFileException>(() => HeaderReader.Read(_path)).Message);
        Assert.Equal($"'{_path}': {Message}.", Assert.Throws<InvalidDataException>(() => SafeTensorsFile.Read(_path)).Message);
        Assert.Equal($"'{_path}': {Message}.", Assert.Throws<InvalidDataException>(() => SafeTensorsFile.Map(_path)).Message);
    }

    [Theory]
    [InlineData(1_000UL)]
    [InlineData(100_000_001UL)]
    [InlineData(ulong.MaxValue)]
    public void A_header_length_beyond_the_file_is_refused(ulong claimed)
    {
        Write("{}"u8.ToArray(), 0, claimed);
        AssertRefused("the header claims");
    }

    [Theory]
    [InlineData(new byte[] { 0xFF, 0xFE })]
    [InlineData(new byte[] { 0xC0, 0x80 })]
    [InlineData(new byte[] { 0xED, 0xA0, 0x80 })]
    [InlineData(new byte[] { 0xC3 })]
    public void Invalid_utf8_is_refused_also_where_nothing_is_read(byte[] wrong)
    {
        Write([.. "{\""u8, .. wrong, .. "\":1}"u8], 0);
        AssertRefused("it is not UTF-8");
        Write([.. "{\"a\":{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[0,0],\"more\":\""u8, .. wrong, .. "\"}}"u8], 0);
        AssertRefused("it is not UTF-8");
    }

    [Fact]
    public void Each_truncation_is_refused()
    {
        Write(Encoding.UTF8.GetBytes($$"""{ {{W}},{{B}} }"""), 24);
        var bytes = File.ReadAllBytes(_path);
        for (var length = 0; length < bytes.Length; length++)
        {
            File.WriteAllBytes(_path, bytes[..length]);
            AssertRefused("");
        }
    }

    [Fact]
    public void A_file_that_is_not_there_is_said_to_be()
    {
        var error = Assert.Throws<ModelFileException>(() => HeaderReader.Read(_path + ".none"));
        Assert.Equal(("RNN0302", "there is no such file"), (error.Code, error.Message));
        Assert.Equal("RNN0302", Assert.Throws<ModelFileException>(() => HeaderReader.Read(Path.GetTempPath())).Code);
    }

    [Fact]
    public void What_the_runtime_writes_is_read()
    {
        SafeTensorsFile.Write(
            _path, [new("Encoder.weight", [2, 3], new float[6]), new("\"odd\"\\\u00e9", [], new float[1]),
                new("none", [0, 4], Array.Empty<float>())],
            new Dictionary<string, string> { ["format"] = "pt" });
        Assert.Equal("Encoder.weight F32 [2,3] 0-24; \"odd\"\\\u00e9 F32 [] 24-28; none F32 [0,4] 28-28",
            Describe(HeaderReader.Read(_path)));
        Assert.Equal(Both.Runtime(File.ReadAllBytes(_path)).Tensors, Describe(HeaderReader.Read(_path)));
    }

    private static string Describe(IReadOnlyList<SafeTensorsHeader.Entry> tensors) => Both.Describe(tensors);

    private void AssertRefused(string message)
    {
        var error = Assert.Throws<ModelFileException>(() => HeaderReader.Read(_path));
        Assert.Equal("RNN0303", error.Code);
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
        Assert.Equal($"'file': {error.Message}.", Both.Runtime(File.ReadAllBytes(_path)).Error);
        Assert.Equal($"'{_path}': {error.Message}.", Assert.Throws<InvalidDataException>(() => SafeTensorsFile.Read(_path)).Message);
        Assert.Equal($"'{_path}': {error.Message}.", Assert.Throws<InvalidDataException>(() => SafeTensorsFile.Map(_path)).Message);
    }

    private void Write(byte[] header, int dataLength, ulong? claimed = null) =>
        File.WriteAllBytes(_path, [.. BitConverter.GetBytes(claimed ?? (ulong)header.Length), .. header, .. new byte[dataLength]]);
}
