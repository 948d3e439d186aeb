using Xunit;

namespace RnnCodegen.Tool.Tests;

public class VisibleTextTests
{
    [Theory]
    [InlineData("Encoder.weight_ih_l0 [4, 3] 'C:\\x\\n' <input>", "Encoder.weight_ih_l0 [4, 3] 'C:\\x\\n' <input>")]
    [InlineData("größe 模型 ┌─▼ é 😀", "größe 模型 ┌─▼ é 😀")]
    [InlineData("a\nb\rc\td", "a\\nb\\rc\\td")]
    [InlineData("\u001b[31m\0\a\u007f", "\\u001B[31m\\u0000\\u0007\\u007F")]
    [InlineData("\u0085\u009b\u2028\u2029\f\v", "\\u0085\\u009B\\u2028\\u2029\\u000C\\u000B")]
    [InlineData("\u202a\u202e\u2066\u2069\u200b\u200d\u200f\ufeff\u00ad",
        "\\u202A\\u202E\\u2066\\u2069\\u200B\\u200D\\u200F\\uFEFF\\u00AD")]
    [InlineData("\u00a0\u3000\u3164\u2800\ufe0f\ue000\uffff", "\\u00A0\\u3000\\u3164\\u2800\\uFE0F\\uE000\\uFFFF")]
    [InlineData("\U000e0041\U000e0100", "\\U000E0041\\U000E0100")]
    public void Only_what_is_seen_passes(string text, string expected) => Assert.Equal(expected, VisibleText.Of(text));

    [Fact]
    public void Halves_of_pairs_are_escaped() => Assert.Equal("a\\uD800b\\uDC00\\uD83D", VisibleText.Of("a\ud800b\udc00\ud83d"));

    [Fact]
    public void What_passes_ends_no_line_and_is_no_control()
    {
        var shown = VisibleText.Of(string.Concat(Enumerable.Range(0, 0x10000).Select(c => (char)c)));
        Assert.DoesNotContain(shown, c => char.IsControl(c) || char.IsSurrogate(c) || (char.IsWhiteSpace(c) && c != ' '));
        Assert.Equal(shown, VisibleText.Of(shown));
    }
}
