using RnnCodegen.Runtime;
using Xunit;

namespace RnnCodegen.Tests.Parameters;

public sealed unsafe class ParameterSetTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(17)]
    [InlineData(100_000)]
    public void A_buffer_is_aligned_zeroed_and_its_span_is_its_pointer(long length)
    {
        var buffer = new AlignedBuffer(length);
        Assert.Equal(0u, (nuint)buffer.Pointer % 64);
        Assert.Equal(length, buffer.Span.Length);
        Assert.False(buffer.Span.ContainsAnyExcept(0f));
        if (length > 0)
        {
            buffer.Span[^1] = 3;
            Assert.Equal(3, buffer.Pointer[length - 1]);
        }
    }

    [Fact]
    public void A_buffer_stays_where_it_is_through_collections()
    {
        var buffer = new AlignedBuffer(100);
        buffer.Span[5] = 7;
        var pointer = buffer.Pointer;
        GC.Collect(2, GCCollectionMode.Forced, blocking: true, compacting: true);
        buffer.Span[6] = 8;
        Assert.Equal((7f, 8f), (pointer[5], pointer[6]));
    }

    [Theory]
    [InlineData(-1L)]
    [InlineData(1L << 40)]
    public void A_buffer_of_an_impossible_length_is_refused(long length) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new AlignedBuffer(length));

    [Fact]
    public void Tensors_are_views_of_the_flat_buffer_in_order()
    {
        var set = new ParameterSet(Layouts.Lstm());
        var values = set.Edit();
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = i;
        }

        var weight = set["Encoder.weight_hh_l0"];
        Assert.Equal([160, 12], weight.Shape);
        Assert.Equal(160 * 24, weight.Values[0]);
        Assert.Equal((160 * 24) + (7 * 12) + 3, weight.Tensor[7, 3]);
        weight.EditTensor()[7, 3] = -1;
        Assert.Equal(-1, weight.Values[(7 * 12) + 3]);
        Assert.Equal(-1, set.Pointer[(160 * 24) + (7 * 12) + 3]);
        Assert.Equal(set.Tensors.Sum(t => t.Values.Length), set.Count);
    }

    [Fact]
    public void Every_way_to_write_changes_the_version_and_no_way_to_read_does()
    {
        var set = new ParameterSet(Layouts.Lstm());
        var seen = new HashSet<int> { set.Version };
        set.Edit();
        Assert.True(seen.Add(set.Version));
        set["Head.bias"].Edit();
        Assert.True(seen.Add(set.Version));
        set["Head.bias"].EditTensor();
        Assert.True(seen.Add(set.Version));
        set.Clear();
        Assert.True(seen.Add(set.Version));
        set.CopyFrom(new ParameterSet(Layouts.Lstm()));
        Assert.True(seen.Add(set.Version));
        ParameterInitializer.Initialize(set, Initialization.PyTorch, 1);
        Assert.True(seen.Add(set.Version));

        var version = set.Version;
        _ = set.Values[0] + set["Head.bias"].Values[0] + set["Head.weight"].Tensor[0, 0];
        Assert.Equal(version, set.Version);
    }

    [Fact]
    public void A_misspelt_name_is_answered_with_the_nearest()
    {
        var set = new ParameterSet(Layouts.Lstm());
        var error = Assert.Throws<KeyNotFoundException>(() => set["encoder.weight_ih_0"]);
        Assert.Contains("'encoder.weight_ih_0'", error.Message, StringComparison.Ordinal);
        Assert.Contains("Nearest: 'Encoder.weight_ih_l0'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Copying_takes_the_values_and_refuses_another_layout_untouched()
    {
        var (a, b) = (new ParameterSet(Layouts.Lstm()), new ParameterSet(Layouts.Lstm()));
        ParameterInitializer.Initialize(a, Initialization.PyTorch, 3);
        b.CopyFrom(a);
        Assert.True(a.Values.SequenceEqual(b.Values));

        var reshaped = Layouts.Place(("Head.weight", ParameterRole.DenseWeight, 12, 5, 5));
        var target = new ParameterSet(Layouts.Place(("Head.weight", ParameterRole.DenseWeight, 5, 12, 12)));
        target.Edit().Fill(9);
        var error = Assert.Throws<ArgumentException>(() => target.CopyFrom(new ParameterSet(reshaped)));
        Assert.Contains("Head.weight [5, 12]", error.Message, StringComparison.Ordinal);
        Assert.False(target.Values.ContainsAnyExcept(9f));
        Assert.Throws<ArgumentException>(() => a.CopyFrom(target));
    }

    public static TheoryData<string, ParameterInfo[]> BadLayouts => new()
    {
        { "gap", [new("a", ParameterRole.DenseBias, 0, 4, 0, 1), new("b", ParameterRole.DenseBias, 5, 4, 0, 1)] },
        { "overlap", [new("a", ParameterRole.DenseBias, 0, 4, 0, 1), new("b", ParameterRole.DenseBias, 3, 4, 0, 1)] },
        { "no first element", [new("a", ParameterRole.DenseBias, 1, 4, 0, 1)] },
        { "no rows", [new("a", ParameterRole.DenseBias, 0, 0, 4, 1)] },
        { "same name", [new("a", ParameterRole.DenseBias, 0, 4, 0, 1), new("a", ParameterRole.DenseBias, 4, 4, 0, 1)] },
        { "too large", [new("a", ParameterRole.DenseWeight, 0, 100_000, 100_000, 1)] },
    };

    [Theory]
    [MemberData(nameof(BadLayouts))]
    public void A_layout_that_is_not_one_flat_buffer_is_refused(string why, ParameterInfo[] layout)
    {
        Assert.NotEmpty(why);
        Assert.Throws<ArgumentException>(() => new ParameterSet(layout));
    }
}
