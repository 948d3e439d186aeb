using RnnCodegen.Tests.Parameters;
using Xunit;

namespace RnnCodegen.Tests.Weights;

/// <summary>
/// Files that another program writes to while they are read: what was there before or after is loaded whole, or nothing is.
/// </summary>
public sealed class ChangingFileTests : IDisposable
{
    private const int Values = 1 << 18;
    private const int Rounds = 100;

    private readonly string _path = Path.GetTempFileName();

    public void Dispose() => File.Delete(_path);

    /// <summary>With views of the file's memory, this ends the process.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(5)]
    public void A_file_that_is_cut_short_and_written_anew_in_place_harms_nobody(float before)
    {
        var (ones, twos) = (Content(1), Content(2));
        File.WriteAllBytes(_path, ones);
        using var stop = new CancellationTokenSource();
        var writer = new Thread(() =>
        {
            for (var round = 0; !stop.IsCancellationRequested; round++)
            {
                using var stream = new FileStream(_path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
                stream.SetLength(0);
                var content = round % 2 == 0 ? twos : ones;
                stream.Write(content.AsSpan(0, content.Length / 2));
                stream.Write(content.AsSpan(content.Length / 2));
            }
        });
        writer.Start();
        var (loaded, refused) = (0, 0);
        try
        {
            var set = new ParameterSet(Layouts.Flat(Values));
            for (var round = 0; round < Rounds; round++)
            {
                if (before == 0)
                {
                    set.Clear();
                }
                else
                {
                    set.Edit().Fill(before);
                }

                try
                {
                    SafeTensors.Load(_path, set);
                    loaded++;
                    Assert.True(set.Values[0] is 1 or 2 && !set.Values.ContainsAnyExcept(set.Values[0]), "The file was loaded in parts.");
                }
                catch (Exception e) when (e is IOException or InvalidDataException)
                {
                    refused++;
                    Assert.False(set.Values.ContainsAnyExcept(before));
                }
            }
        }
        finally
        {
            stop.Cancel();
            writer.Join();
        }

        Assert.Equal(Rounds, loaded + refused);
    }

    [Fact]
    public void What_is_wrong_at_a_files_end_is_found_after_its_start_was_copied_and_leaves_zeros()
    {
        var set = new ParameterSet(Layouts.Place(("a", ParameterRole.DenseBias, 2, 0, 2), ("b", ParameterRole.DenseBias, 2, 0, 2)));
        SafeTensorsFile.Write(_path,
            [new SafeTensor("a", [2], new float[] { 1, 2 }), new SafeTensor("b", [2], new float[] { 1, float.NaN })]);
        Assert.Contains("value 1 of tensor b [2] is NaN", Assert.Throws<InvalidDataException>(() => SafeTensors.Load(_path, set)).Message,
            StringComparison.Ordinal);
        Assert.False(set.Values.ContainsAnyExcept(0f));
        SafeTensorsFile.Write(_path,
            [SafeTensor.Of<Half>("b", [2], new[] { (Half)3, (Half)4 }), SafeTensor.Of<double>("a", [2], new double[] { 1, 2 })]);
        SafeTensors.Load(_path, set);
        Assert.Equal([1, 2, 3, 4], set.Values.ToArray());
    }

    [Fact]
    public void Each_way_to_change_is_noticed()
    {
        AssertNoticed(stream => stream.SetLength(20), readsAll: false);
        AssertNoticed(stream => stream.SetLength(100), readsAll: true);
        AssertNoticed(stream => stream.SetLength(20), readsAll: true);
        AssertNoticed(
            stream =>
            {
                stream.WriteByte(1);
                stream.Flush();

                // The clock of files is coarse, and the one before was set a moment ago.
                File.SetLastWriteTimeUtc(stream.SafeFileHandle, DateTime.UtcNow.AddMinutes(1));
            },
            readsAll: true);
    }

    [Fact]
    public void A_file_that_stays_is_read_whole()
    {
        File.WriteAllBytes(_path, [1, 2, 3]);
        Assert.Equal([1, 2, 3], FileReader.ReadAll(_path));
        File.WriteAllBytes(_path, []);
        Assert.Empty(FileReader.ReadAll(_path));
    }

    [Fact]
    public void What_is_too_large_for_memory_is_mapped_by_name()
    {
        Assert.Equal(4L << 30, SafeTensorsFile.ReadLimit);
        const long Each = 2_000_000_000;
        Files.Write(_path,
            $$"""{"a":{"dtype":"U8","shape":[{{Each}}],"data_offsets":[0,{{Each}}]},"b":{"dtype":"U8","shape":[{{Each}}],"data_offsets":[{{Each}},{{2 * Each}}]},"c":{"dtype":"F32","shape":[100000000],"data_offsets":[{{2 * Each}},{{(2 * Each) + 400_000_000}}]} }""", []);
        using (var stream = new FileStream(_path, FileMode.Open))
        {
            // Sparse: it takes no room on the disk.
            stream.SetLength(stream.Length + (2 * Each) + 400_000_000);
        }

        foreach (var use in new Action[]
        {
            () => SafeTensorsFile.Read(_path), () => SafeTensors.Load(_path, new ParameterSet(Layouts.Flat(1)))
        })
        {
            var error = Assert.Throws<IOException>(use);
            Assert.Contains("more than the 4294967296 that are read into memory", error.Message, StringComparison.Ordinal);
            Assert.Contains("SafeTensorsFile.Map(path); SafeTensors.Load(path, file, model.Parameters);", error.Message,
                StringComparison.Ordinal);
        }

        using var mapped = SafeTensorsFile.Map(_path);
        Assert.Equal(["a", "b", "c"], mapped.Tensors.Select(t => t.Name));
        Assert.Equal(0f, mapped["c"].Floats[^1]);
    }

    [Fact]
    public void Parameters_load_from_a_file_that_was_mapped_by_name()
    {
        File.WriteAllBytes(_path, Content(2));
        var set = new ParameterSet(Layouts.Flat(Values));
        using (var file = SafeTensorsFile.Map(_path))
        {
            SafeTensors.Load(_path, file, set);
        }

        Assert.False(set.Values.ContainsAnyExcept(2f));
        using var other = SafeTensorsFile.Of([new SafeTensor("other", [1], new float[1])]);
        Assert.Contains("'it': the model needs tensor",
            Assert.Throws<InvalidDataException>(() => SafeTensors.Load("it", other, set)).Message, StringComparison.Ordinal);
        Assert.False(set.Values.ContainsAnyExcept(2f));
    }

    private void AssertNoticed(Action<FileStream> change, bool readsAll)
    {
        File.WriteAllBytes(_path, new byte[64]);
        using var reader = new FileReader(_path);
        var bytes = new byte[64];
        reader.Read(bytes.AsSpan(0, readsAll ? 64 : 16));
        using (var stream = new FileStream(_path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite))
        {
            change(stream);
        }

        var error = Assert.Throws<IOException>(() =>
        {
            reader.Read(bytes.AsSpan(0, readsAll ? 0 : 48));
            reader.End();
        });
        Assert.Contains($"'{_path}' was written to while it was read", error.Message, StringComparison.Ordinal);
    }

    private byte[] Content(float value)
    {
        var data = new float[Values];
        data.AsSpan().Fill(value);
        SafeTensorsFile.Write(_path, [new SafeTensor("Head.bias", [Values], data)]);
        return File.ReadAllBytes(_path);
    }
}
