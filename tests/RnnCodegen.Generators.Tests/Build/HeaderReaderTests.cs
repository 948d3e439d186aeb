using System.Text;
using RnnCodegen.Build;

namespace RnnCodegen.Generators.Tests.Build;

/// <summary>The build's reader of headers takes what the runtime's takes, and refuses what no file may say.</summary>
public sealed class HeaderReaderTests : IDisposable
{
    private const string W = """ "W":{"dtype":"F32","shape":[2,2],"data_offsets":[0,16]} """;
    private const string B = """ "b":{"dtype":"F32","shape":[2],"data_offsets":[16,24]} """;

    private readonly string _path = Path.GetTempFileName();

    public void Dispose() => File.Delete(_path);

    public static TheoryData<string, int, string> Corruptions => new()
    {
        // header, bytes of data, what the message says
        { $$"""{ {{W}},{{B}} }""", 23, "its tensors take 24 bytes, but it holds 23" },
        { $$"""{ {{W}},{{B}} }""", 25, "its tensors take 24 bytes, but it holds 25" },
        { $$"""{ {{W}},{{B}},{{B}} }""", 24, "tensor 'b' occurs twice" },
        { $$"""{ {{W}}, "b":{"dtype":"F32","shape":[2],"data_offsets":[8,16]} }""", 16, "tensor 'b' starts at byte 8, but what is before it ends at 16" },
        { $$"""{ {{W}}, "b":{"dtype":"F32","shape":[2],"data_offsets":[20,28]} }""", 28, "tensor 'b' starts at byte 20" },
        { $$"""{ {{W}}, "b":{"dtype":"F31","shape":[2],"data_offsets":[16,24]} }""", 24, "tensor 'b' has the unknown dtype 'F31'" },
        { $$"""{ {{W}}, "b":{"dtype":"F32","shape":[2],"data_offsets":[16,20]} }""", 24, "tensor 'b' [2] of F32 does not fit its data_offsets [16, 20]" },
        { $$"""{ {{W}}, "b":{"dtype":"F32","shape":[2],"data_offsets":[24,16]} }""", 24, "data_offsets [24, 16]" },
        { $$"""{ {{W}}, "b":{"dtype":"F32","shape":[65536,65536,65536,65536],"data_offsets":[16,16]} }""", 16, "does not fit" },
        { $$"""{ {{W}}, "b":{"dtype":"F32","shape":[9223372036854775807,9223372036854775807,9223372036854775807],"data_offsets":[16,24]} }""", 24, "does not fit" },
        { $$"""{ {{W}}, "b":{"dtype":"F32","shape":[-2],"data_offsets":[16,24]} }""", 24, "expected a whole number" },
        { $$"""{ {{W}}, "b":{"dtype":"F32","shape":[2.5],"data_offsets":[16,24]} }""", 24, "not JSON of the format" },
        { $$"""{ {{W}}, "b":{"dtype":"F32","shape":[99999999999999999999],"data_offsets":[16,24]} }""", 24, "expected a whole number" },
        { $$"""{ {{W}}, "b":{"dtype":"F32","shape":2,"data_offsets":[16,24]} }""", 24, "expected '['" },
        { $$"""{ {{W}}, "b":{"dtype":32,"shape":[2],"data_offsets":[16,24]} }""", 24, "expected '\"'" },
        { $$"""{ {{W}}, "b":{"dtype":"F32","data_offsets":[16,24]} }""", 24, "tensor 'b' must have dtype, shape and two data_offsets" },
        { $$"""{ {{W}}, "b":{"dtype":"F32","shape":[2],"data_offsets":[16]} }""", 24, "two data_offsets" },
        { $$"""{ {{W}}, "b":[2] }""", 24, "expected '{'" },
        { $$"""{ {{W}} } x""", 16, "expected the end" },
        { $$"""{ {{W}}, }""", 16, "not JSON" },
        { $$"""{ {{W}}""", 16, "not JSON" },
        { """{ "a\q":1 }""", 0, "an escape that JSON knows" },
        { """{ "a""", 0, "expected more" },
        { "", 0, "expected '{'" },
        { "version https://git-lfs.github.com/spec/v1", 0, "expected '{'" },
    };

    [Theory]
    [MemberData(nameof(Corruptions))]
    public void AWrongHeaderIsRefused(string header, int dataLength, string message)
    {
        Write(Encoding.UTF8.GetBytes(header), dataLength);
        var error = Assert.Throws<ModelFileException>(() => HeaderReader.Read(_path));
        Assert.Equal("RNN0303", error.Code);
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void NestingIsBounded()
    {
        Write(Encoding.UTF8.GetBytes($$"""{ "__metadata__":{{new string('[', 100_000)}}"""), 0);
        Assert.Contains("no more than 32 levels", Assert.Throws<ModelFileException>(() => HeaderReader.Read(_path)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1_000UL)]
    [InlineData(100_000_001UL)]
    [InlineData(ulong.MaxValue)]
    public void AHeaderLengthBeyondTheFileIsRefused(ulong claimed)
    {
        Write("{}"u8.ToArray(), 0, claimed);
        Assert.Equal("RNN0303", Assert.Throws<ModelFileException>(() => HeaderReader.Read(_path)).Code);
    }

    [Fact]
    public void InvalidUtf8IsRefused()
    {
        Write([.. "{\""u8, 0xFF, 0xFE, .. "\":1}"u8], 0);
        Assert.Contains("not UTF-8", Assert.Throws<ModelFileException>(() => HeaderReader.Read(_path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void EachTruncationIsRefused()
    {
        Write(Encoding.UTF8.GetBytes($$"""{ {{W}},{{B}} }"""), 24);
        var bytes = File.ReadAllBytes(_path);
        for (var length = 0; length < bytes.Length; length++)
        {
            File.WriteAllBytes(_path, bytes[..length]);
            Assert.Equal("RNN0303", Assert.Throws<ModelFileException>(() => HeaderReader.Read(_path)).Code);
        }
    }

    [Fact]
    public void AFileThatIsNotThereIsSaidToBe()
    {
        var error = Assert.Throws<ModelFileException>(() => HeaderReader.Read(_path + ".none"));
        Assert.Equal(("RNN0302", "there is no such file"), (error.Code, error.Message));
        Assert.Equal("RNN0302", Assert.Throws<ModelFileException>(() => HeaderReader.Read(Path.GetTempPath())).Code);
    }

    [Fact]
    public void ARightHeaderIsReadInTheOrderOfTheBytes()
    {
        Write(Encoding.UTF8.GetBytes("""{ "__metadata__":{"a":"b","n":[1,-2.5e3,true,null,{"x":{}}]},""" + B + """, "\u00e9\n":{"shape":[],"dtype":"F64","other":[[]],"data_offsets":[24,32]},""" + W + " }  "), 32);
        Assert.Equal(
            [("W", "F32", "2,2"), ("b", "F32", "2"), ("\u00e9\n", "F64", "")],
            HeaderReader.Read(_path).Select(t => (t.Name, t.DataType, string.Join(",", t.Shape))));
    }

    [Fact]
    public void WhatTheRuntimeWritesIsRead()
    {
        SafeTensorsFile.Write(
            _path, [new("Encoder.weight", [2, 3], new float[6]), new("\"odd\"\\\u00e9", [], new float[1]), new("none", [0, 4], Array.Empty<float>())],
            new Dictionary<string, string> { ["format"] = "pt" });
        Assert.Equal(SafeTensorsFile.Read(_path).Tensors.Select(t => (t.Name, t.DataType, string.Join(",", t.Shape))),
            HeaderReader.Read(_path).Select(t => (t.Name, t.DataType, string.Join(",", t.Shape))));
    }

    private void Write(byte[] header, int dataLength, ulong? claimed = null) =>
        File.WriteAllBytes(_path, [.. BitConverter.GetBytes(claimed ?? (ulong)header.Length), .. header, .. new byte[dataLength]]);
}
