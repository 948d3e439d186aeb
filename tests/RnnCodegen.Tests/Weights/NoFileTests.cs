using System.Net.Sockets;
using RnnCodegen.Tests.Parameters;
using Xunit;

namespace RnnCodegen.Tests.Weights;

/// <summary>
/// What has a path and is no file is refused by name, at once: a pipe that nobody writes to would be waited for, a device read without end.
/// </summary>
public sealed class NoFileTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("rnn").FullName;

    // Its path goes with it.
    private readonly Socket _socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);

    public void Dispose()
    {
        _socket.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    public static TheoryData<string, string> Kinds => new()
    {
        { "pipe", "is a named pipe, not a file. Copy what it gives to a file, and name that." },
        { "link", "is a named pipe, not a file" },
        { "socket", "is a socket, not a file" },
        { "/dev/zero", "is a device, not a file" },
        { "/dev/null", "is a device, not a file" },
        { "folder", "is a folder, not a file." },
    };

    [PipeTheory]
    [MemberData(nameof(Kinds))]
    public async Task Is_refused_wherever_a_file_is_read_or_written(string kind, string message)
    {
        var path = Make(kind);
        var set = new ParameterSet(Layouts.Flat(2));
        Action[] uses =
        [
            () => SafeTensors.Load(path, set),
            () => SafeTensorsFile.Read(path),
            () => SafeTensorsFile.Map(path),
            () => GoldenPair.Load(path),
            () => TrainingCheckpoint.Read(path),
            () => SafeTensors.Save(path, set),
            () => TrainingLog.Csv(path).Dispose(),
            () => TrainingLog.JsonLines(path, append: true).Dispose(),
        ];
        foreach (var use in uses)
        {
            var error = await Assert.ThrowsAsync<IOException>(() => Task.Run(use).WaitAsync(Pipes.Patience));
            Assert.Contains($"'{path}' {message}", error.Message, StringComparison.Ordinal);
        }

        Assert.False(set.Values.ContainsAnyExcept(0f));
    }

    [Fact]
    public void A_file_behind_links_is_read()
    {
        var (file, link, link2) = (Path.Combine(_folder, "file"), Path.Combine(_folder, "link1"), Path.Combine(_folder, "link2"));
        SafeTensorsFile.Write(file, [new SafeTensor("a", [1], new float[] { 3 })]);
        File.CreateSymbolicLink(link, "file");
        File.CreateSymbolicLink(link2, link);
        Assert.Equal([3f], SafeTensorsFile.Read(link2)["a"].ToFloats());
    }

    [Fact]
    public void What_is_not_there_is_said_not_to_be() =>
        Assert.Throws<FileNotFoundException>(() => SafeTensorsFile.Read(Path.Combine(_folder, "nowhere")));

    private string Make(string kind)
    {
        var path = Path.Combine(_folder, kind);
        switch (kind)
        {
            case "pipe":
                Pipes.Make(path);
                return path;
            case "link":
                Pipes.Make(path + ".pipe");
                File.CreateSymbolicLink(path, path + ".pipe");
                return path;
            case "socket":
                _socket.Bind(new UnixDomainSocketEndPoint(path));
                return path;
            case "folder":
                return Directory.CreateDirectory(path).FullName;
            default:
                return kind;
        }
    }
}
