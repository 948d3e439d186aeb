using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace RnnCodegen.Generators.Tests.Build;

/// <summary>
/// 6,000 headers made wrong, or merely odd, by edits that know the grammar: the build, the program, and the rules said once more with
/// .NET's own reader of JSON agree on each, and on what is where in it.
/// </summary>
public sealed partial class HeaderFuzzTests : IDisposable
{
    private const int Cases = 6_000;
    private const int DataLength = 40;

    private static readonly string[] s_numbers =
        ["0", "1", "2", "8", "16", "24", "40", "-0", "-1", "+2", "02", "2.0", "2e0", "1E1", "1e400", ".5", "2.", "0x2", "2147483647",
            "2147483648", "9223372036854775807", "9223372036854775808", "99999999999999999999999", "\"2\"", "null", "[2]"];

    private static readonly string[] s_types = ["F32", "F16", "BF16", "F64", "U8", "BOOL", "F8_E8M0", "F8_E4M3FNUZ", "C64", "F4", "F31",
        "f32", "\\u004632", ""];

    private static readonly string[] s_names =
        ["W", "b", "\\u0057", "\\u0062", "\\ud83d\\ude00", "\U0001F600", "\\ud800", "\\udc00\\ud83d", "a\\/b", "a\\qb", "\\u12g4",
            "\\u00e9", "\u00e9", "", "__metadata__", "\\u005f_metadata__", "a\tb", "a\\tb", "a\u2028b", "\\\"", "\\"];

    private static readonly string[] s_values =
        ["null", "true", "false", "truth", "nil", "0", "-1.5e+3", "1e400", "00", "\"\"", "\"\\ud800\"", "{}", "[]", "[[],{\"a\":{}}]",
            "{\"a\":1,\"a\":2}", "[1,]", "{,}", "{\"a\"}", "\"a", "'a'"];

    private static readonly string[] s_metadata =
        ["{}", "null", "{\"a\":\"1\"}", "{\"a\":\"1\",\"b\":\"\\u00e9\"}", "{\"a\":\"1\",\"a\":\"2\"}", "{\"a\":\"1\",\"\\u0061\":\"2\"}",
            "{\"a\":1}", "{\"a\":{\"b\":1}}", "{\"a\":null}", "\"pt\"", "[]", "nul"];

    private static readonly string[] s_pieces = [" ", "\t", "\n", "\r", "\f", "\0", "\u00a0", "\uFEFF", ",", ":", "/**/", "//\n", "{", "}",
        "[", "]", "\"", "0"];

    private static readonly byte[][] s_bytes = [[0xFF], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xC3], [0xF4, 0x90, 0x80, 0x80], [0xC3, 0xA9]];

    private readonly string _path = Path.GetTempFileName();

    public void Dispose() => File.Delete(_path);

    [Fact]
    public void All_agree_on_each_header()
    {
        var (accepted, refused) = (0, 0);
        for (var seed = 0; seed < Cases; seed++)
        {
            var random = new Random(seed);
            var header = Make(random);
            byte[] file = [.. BitConverter.GetBytes((ulong)header.Length), .. header,
                .. new byte[random.Next(12) == 0 ? DataLength + random.Next(-2, 3) : DataLength]];
            File.WriteAllBytes(_path, file);

            var build = Both.Build(_path);
            Assert.True(build == Both.Runtime(file), $"Seed {seed}: {Encoding.UTF8.GetString(header)}\n{build}\n{Both.Runtime(file)}");
            var reference = Reference(header, file.Length - 8 - header.Length);
            Assert.True(build.Tensors == reference,
                $"Seed {seed}: {Encoding.UTF8.GetString(header)}\n{build}\nshould be {reference ?? "refused"}");
            _ = reference is null ? refused++ : accepted++;
        }

        // Edits that make all headers wrong, or none, would find nothing.
        Assert.InRange(accepted, Cases / 6, Cases * 5 / 6);
    }

    /// <summary>Tensors of 40 bytes in all, their order and their text changed here and there.</summary>
    private static byte[] Make(Random random)
    {
        List<(string Name, List<(string Key, string Value)> Fields)> members =
        [
            ("W", [("dtype", "\"F32\""), ("shape", "[2,3]"), ("data_offsets", "[0,24]")]),
            ("b", [("dtype", "\"F32\""), ("shape", "[2]"), ("data_offsets", "[24,32]")]),
            ("c", [("dtype", "\"F16\""), ("shape", "[4,1]"), ("data_offsets", "[32,40]")]),
        ];
        string? metadata = random.Next(3) == 0 ? Pick(random, s_metadata) : null;
        var after = "";
        for (var edits = random.Next(3); edits > 0; edits--)
        {
            var member = members[random.Next(members.Count)];
            var field = random.Next(member.Fields.Count);
            switch (random.Next(11))
            {
                case 0:
                    members[members.IndexOf(member)] = (Pick(random, s_names), member.Fields);
                    break;
                case 1:
                    members.Insert(random.Next(members.Count + 1), (member.Name, [.. member.Fields]));
                    break;
                case 2:
                    members.Remove(member);
                    members.Add(member);
                    break;
                case 3:
                    member.Fields.Insert(random.Next(member.Fields.Count + 1),
                        (Pick(random, ["more", "dtype", "shape", "", "\\u0064type"]), Pick(random, s_values)));
                    break;
                case 4:
                    member.Fields.Add(member.Fields[field]);
                    break;
                case 5:
                    member.Fields.Reverse();
                    break;
                case 6:
                    member.Fields[field] = (member.Fields[field].Key, Pick(random, s_values));
                    break;
                case 7:
                    SetNumber(random, member.Fields);
                    break;
                case 8:
                    member.Fields[0] = (member.Fields[0].Key, $"\"{Pick(random, s_types)}\"");
                    break;
                case 9:
                    members.Insert(random.Next(members.Count + 1),
                        ($"z{edits}",
                            [("dtype", $"\"{Pick(random, s_types)}\""),
                                ("shape", Pick(random, ["[0]", "[3,0]", "[0,2147483647,2147483647]", "[]", "[1]"])),
                                ("data_offsets", Pick(random, ["[0,0]", "[24,24]", "[40,40]", "[7,7]", "[32,40]"]))]));
                    break;
                default:
                    after = Pick(random, [" ", "    ", "\t\n", "\0", "x", ",", "{}", "//"]);
                    break;
            }
        }

        var parts = members.Select(m => $"\"{m.Name}\":{{{string.Join(",", m.Fields.Select(f => $"\"{f.Key}\":{f.Value}"))}}}").ToList();
        if (metadata is not null)
        {
            parts.Insert(random.Next(parts.Count + 1), $"\"__metadata__\":{metadata}");
        }

        return Scatter(random, Encoding.UTF8.GetBytes("{" + string.Join(",", parts) + "}" + after));
    }

    private static void SetNumber(Random random, List<(string Key, string Value)> fields)
    {
        var at = fields.FindIndex(f => f.Key == (random.Next(2) == 0 ? "shape" : "data_offsets"));
        if (at >= 0 && fields[at].Value.StartsWith('['))
        {
            var numbers = fields[at].Value.Trim('[', ']').Split(',');
            numbers[random.Next(numbers.Length)] = Pick(random, s_numbers);
            fields[at] = (fields[at].Key, $"[{string.Join(",", numbers)}]");
        }
    }

    /// <summary>Sets white space and what is taken for it, marks and bytes where tokens meet.</summary>
    private static byte[] Scatter(Random random, byte[] header)
    {
        var bytes = header.ToList();
        for (var edits = random.Next(4) == 0 ? random.Next(3) : 0; edits > 0; edits--)
        {
            var at = bytes.FindIndex(random.Next(bytes.Count),
                b => b is (byte)'{' or (byte)'}' or (byte)',' or (byte)':' or (byte)'[' or (byte)']');
            if (at >= 0)
            {
                bytes.InsertRange(at + random.Next(2),
                    random.Next(8) == 0 ? s_bytes[random.Next(s_bytes.Length)] : Encoding.UTF8.GetBytes(Pick(random, s_pieces)));
            }
        }

        if (random.Next(20) == 0)
        {
            var quote = bytes.IndexOf((byte)'"');
            bytes.InsertRange(quote + 1, s_bytes[random.Next(s_bytes.Length)]);
        }

        return [.. bytes];
    }

    private static T Pick<T>(Random random, T[] from) => from[random.Next(from.Length)];

    /// <summary>The rules in their plainest form; null where the header is refused.</summary>
    private static string? Reference(byte[] header, long dataLength)
    {
        if (header.Length == 0 || header[0] != '{')
        {
            return null;
        }

        var tensors = new List<(string Name, string Type, long[] Shape, long Begin, long End)>();
        var names = new HashSet<string>();
        try
        {
            using var document = JsonDocument.Parse(new UTF8Encoding(false, true).GetString(header));
            RequireText(document.RootElement);
            foreach (var member in document.RootElement.EnumerateObject())
            {
                Require(names.Add(member.Name));
                if (member.Name == "__metadata__")
                {
                    Require(member.Value.ValueKind == JsonValueKind.Null
                        || (member.Value.EnumerateObject().All(m => m.Value.ValueKind == JsonValueKind.String)
                            && member.Value.EnumerateObject().Select(m => m.Name).Distinct().Count() == member.Value.EnumerateObject()
                                .Count()));
                    continue;
                }

                JsonElement Field(string name) => member.Value.EnumerateObject().Single(f => f.Name == name).Value;
                var (type, shape, offsets) = (Field("dtype").GetString()!, Numbers(Field("shape")), Numbers(Field("data_offsets")));
                var size = type switch
                {
                    "F64" or "I64" or "U64" or "C64" => 8,
                    "F32" or "I32" or "U32" => 4,
                    "F16" or "BF16" or "I16" or "U16" => 2,
                    "I8" or "U8" or "BOOL" or "F8_E4M3" or "F8_E5M2" or "F8_E8M0" or "F8_E4M3FNUZ" or "F8_E5M2FNUZ" => 1,
                    _ => 0,
                };
                Require(
                    size > 0 && shape.Length <= 64 && shape.All(n => n <= int.MaxValue) && offsets.Length == 2 && offsets[1] >= offsets[0]);
                Require(shape.Aggregate((System.Numerics.BigInteger)size, (product, n) => product * n) == offsets[1] - offsets[0]);
                tensors.Add((member.Name, type, shape, offsets[0], offsets[1]));
            }

            tensors = [.. tensors.OrderBy(t => t.Begin).ThenBy(t => t.End)];
            Require(tensors.Select(t => t.Begin).Append(dataLength).SequenceEqual(tensors.Select(t => t.End).Prepend(0)));
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException or ArgumentException)
        {
            return null;
        }

        return string.Join("; ", tensors.Select(t => $"{t.Name} {t.Type} [{string.Join(",", t.Shape)}] {t.Begin}-{t.End}"));
    }

    private static long[] Numbers(JsonElement array) =>
        [.. array.EnumerateArray()
            .Select(n => Digits().IsMatch(n.GetRawText()) ? n.GetInt64() : throw new FormatException(n.GetRawText()))];

    /// <summary>Looks at each string, which .NET's reader checks only then.</summary>
    private static void RequireText(JsonElement element)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                foreach (var member in element.EnumerateObject())
                {
                    _ = member.Name;
                    RequireText(member.Value);
                }

                break;
            case JsonValueKind.Array:
                foreach (var item in element.EnumerateArray())
                {
                    RequireText(item);
                }

                break;
            case JsonValueKind.String:
                _ = element.GetString();
                break;
        }
    }

    private static void Require(bool holds)
    {
        if (!holds)
        {
            throw new FormatException("A rule is broken.");
        }
    }

    [GeneratedRegex("^[0-9]+$")]
    private static partial Regex Digits();
}
