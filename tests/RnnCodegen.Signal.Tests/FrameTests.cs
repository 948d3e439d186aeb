using Xunit;

namespace RnnCodegen.Signal.Tests;

/// <summary>Which samples a frame has.</summary>
public class FrameTests
{
    // A clip of the samples 1 to 7; 0 is a zero beyond it.
    private static readonly float[] s_clip = [1, 2, 3, 4, 5, 6, 7];

    [Theory]
    [InlineData(FrameEdges.Inside, "1234 3456")]
    [InlineData(FrameEdges.CenteredZeros, "0012 1234 3456 5670")]
    [InlineData(FrameEdges.CenteredReflect, "3212 1234 3456 5676")]
    [InlineData(FrameEdges.HopCenteredReflect, "1123 2345 4567 6776")]
    public void Edges_are_as_defined(FrameEdges edges, string expected)
    {
        var layout = new FrameLayout(4, 2, edges);
        var frame = new float[4];
        var found = Enumerable.Range(0, layout.Count(s_clip.Length)).Select(t =>
        {
            layout.Copy(s_clip, t, frame);
            return string.Concat(frame.Select(v => (int)v));
        });
        Assert.Equal(expected, string.Join(' ', found));
    }

    [Theory]
    [InlineData(4, 2, 0, "1234 3456")]
    [InlineData(4, 2, 2, "0012 1234 3456")]
    [InlineData(2, 3, 0, "12 45")]
    [InlineData(3, 3, 0, "123 456")]
    [InlineData(4, 4, 3, "0001 2345")]
    public void A_stream_carries_what_frames_have_in_common(int length, int hop, int context, string expected)
    {
        for (var portion = 1; portion <= 7; portion++)
        {
            var stream = new FrameStream(length, hop, context);
            ReadOnlySpan<float> others = [9, 9, 9];
            stream.Next(ref others, out _);
            stream.Reset();
            var found = new List<string>();
            for (var at = 0; at < 7; at += portion)
            {
                ReadOnlySpan<float> samples = s_clip.AsSpan(at, Math.Min(portion, 7 - at));
                while (stream.Next(ref samples, out var frame))
                {
                    found.Add(string.Concat(frame.ToArray().Select(v => (int)v)));
                }

                Assert.True(samples.IsEmpty);
            }

            Assert.Equal(expected, string.Join(' ', found));
        }
    }

    [Fact]
    public void What_is_no_frame_is_refused()
    {
        Assert.Contains("2 frames", Assert.Throws<ArgumentOutOfRangeException>(
            () => new FrameLayout(4, 2).Copy(s_clip, 2, new float[4])).Message);
        Assert.Contains("mirroring", Assert.Throws<ArgumentException>(
            () => new FrameLayout(16, 2, FrameEdges.CenteredReflect).Copy(s_clip, 0, new float[16])).Message);
        Assert.Throws<ArgumentOutOfRangeException>(() => new FrameLayout(0, 2));
        Assert.Throws<ArgumentOutOfRangeException>(() => new FrameStream(4, 2, 4));
    }
}
