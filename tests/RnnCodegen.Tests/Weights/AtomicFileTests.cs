using Xunit;

namespace RnnCodegen.Tests.Weights;

/// <summary>What stands at a path before and after a file is saved there.</summary>
public sealed class AtomicFileTests : IDisposable
{
    private const UnixFileMode Owner = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly string _folder = Directory.CreateTempSubdirectory("rnn").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData(Owner)]
    [InlineData(Owner | UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.OtherRead | UnixFileMode.OtherWrite)]
    [InlineData(Owner | UnixFileMode.UserExecute | UnixFileMode.GroupRead)]
    public void An_existing_files_permissions_stay(UnixFileMode mode)
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        var path = Write("file", "old");
        File.SetUnixFileMode(path, mode);
        AtomicFile.Write(path, stream =>
        {
            // Nor may others read the new one before it is there.
            var temporary = Assert.Single(Directory.GetFiles(_folder), f => f != path);
            Assert.Equal(mode, Mode(temporary));
            stream.Write("new"u8);
        });
        Assert.Equal(("new", mode), (File.ReadAllText(path), Mode(path)));
    }

    [Fact]
    public void A_new_file_has_the_permissions_that_new_files_have()
    {
        var (usual, path) = (Write("usual", ""), In("file"));
        AtomicFile.Write(path, "new");
        Assert.Equal("new", File.ReadAllText(path));
        Assert.Equal(Mode(usual), Mode(path));
    }

    [Fact]
    public void A_link_stays_and_the_file_it_leads_to_is_replaced()
    {
        Directory.CreateDirectory(In("there"));
        var (target, link) = (Write("there/file", "old"), In("link"));
        File.CreateSymbolicLink(In("between"), Path.Combine("there", "file"));
        File.CreateSymbolicLink(link, In("between"));
        AtomicFile.Write(link, stream =>
        {
            // Beside the target, which may be on another disk than the link.
            Assert.Equal(2, Directory.GetFiles(In("there")).Length);
            stream.Write("new"u8);
        });
        Assert.Equal(("new", In("between")), (File.ReadAllText(target), new FileInfo(link).LinkTarget));
        Assert.Equal(["between", "link", "there", "there/file"], Everything());
    }

    [Fact]
    public void A_link_to_a_file_that_is_not_there_yet_makes_it()
    {
        Directory.CreateDirectory(In("there"));
        File.CreateSymbolicLink(In("link"), Path.Combine("there", "file"));
        AtomicFile.Write(In("link"), "new");
        Assert.Equal("new", File.ReadAllText(In("there/file")));
        Assert.NotNull(new FileInfo(In("link")).LinkTarget);
    }

    [Fact]
    public void A_path_in_a_linked_folder_is_in_the_folder_it_leads_to()
    {
        Directory.CreateDirectory(In("there"));
        Directory.CreateSymbolicLink(In("here"), "there");
        AtomicFile.Write(In("here/file"), "new");
        Assert.Equal("new", File.ReadAllText(In("there/file")));
    }

    [Fact]
    public void Links_in_a_circle_and_links_to_folders_are_refused()
    {
        File.CreateSymbolicLink(In("a"), "b");
        File.CreateSymbolicLink(In("b"), "a");
        Assert.Throws<IOException>(() => AtomicFile.Write(In("a"), "new"));
        Directory.CreateDirectory(In("folder"));
        Directory.CreateSymbolicLink(In("c"), "folder");
        Assert.Contains("is a folder", Assert.Throws<IOException>(() => AtomicFile.Write(In("c"), "new")).Message,
            StringComparison.Ordinal);
        Assert.Equal(["a", "b", "c", "folder"], Everything());
    }

    [Fact]
    public void A_read_only_file_is_left_as_it_is()
    {
        var path = Write("file", "old");
        File.SetAttributes(path, FileAttributes.ReadOnly);
        var error = Assert.Throws<UnauthorizedAccessException>(() => AtomicFile.Write(path, "new"));
        Assert.Equal($"'{path}' is read-only and was left as it is: make it writable, or write another file.", error.Message);
        Assert.Equal(("old", "file"), (File.ReadAllText(path), Assert.Single(Everything())));
        File.SetAttributes(path, FileAttributes.Normal);
        AtomicFile.Write(path, "new");
        Assert.Equal("new", File.ReadAllText(path));
    }

    [Fact]
    public void Writing_that_fails_leaves_the_old_file_and_nothing_else()
    {
        var path = Write("file", "old");
        var full = new IOException("There is not enough space on the disk.");
        Assert.Same(full, Assert.Throws<IOException>(() => AtomicFile.Write(path, stream =>
        {
            stream.Write("ne"u8);
            throw full;
        })));
        Assert.Equal(("old", "file"), (File.ReadAllText(path), Assert.Single(Everything())));
        Assert.Throws<DirectoryNotFoundException>(() => AtomicFile.Write(In("nowhere/file"), "new"));
    }

    [Fact]
    public void One_of_several_writers_wins()
    {
        var path = Write("file", "old");
        var texts = Enumerable.Range(0, 8).Select(i => new string((char)('a' + i), 100_000)).ToArray();
        Parallel.ForEach(texts, text =>
        {
            for (var round = 0; round < 10; round++)
            {
                AtomicFile.Write(path, text);
                Assert.Contains(File.ReadAllText(path), texts);
            }
        });
        Assert.Equal("file", Assert.Single(Everything()));
    }

    [Theory]
    [InlineData('x', 255)]
    [InlineData('\u00e9', 127)]
    public void A_name_as_long_as_can_be_leaves_room_for_the_temporary_one(char letter, int count)
    {
        var path = In(new string(letter, count));
        AtomicFile.Write(path, "new");
        Assert.Equal("new", File.ReadAllText(path));
        var leftover = In($"{new string(letter, letter == 'x' ? 218 : 109)}.{Guid.NewGuid():N}.tmp");
        File.WriteAllText(leftover, "half");
        AtomicFile.DeleteLeftovers(path);
        Assert.Equal(path, Assert.Single(Directory.GetFiles(_folder)));
    }

    [Fact]
    public void Leftovers_lie_where_the_link_leads()
    {
        Directory.CreateDirectory(In("there"));
        File.CreateSymbolicLink(In("link"), Path.Combine("there", "file"));
        Write($"there/file.{Guid.NewGuid():N}.tmp", "half");
        AtomicFile.DeleteLeftovers(In("link"));
        Assert.Equal(["link", "there"], Everything());
    }

    private static UnixFileMode? Mode(string path) => OperatingSystem.IsWindows() ? null : File.GetUnixFileMode(path);

    private string In(string name) => Path.Combine(_folder, name);

    private string Write(string name, string text)
    {
        File.WriteAllText(In(name), text);
        return In(name);
    }

    private string[] Everything() =>
        [.. Directory.GetFileSystemEntries(_folder, "*", SearchOption.AllDirectories)
            .Select(f => Path.GetRelativePath(_folder, f).Replace('\\', '/')).Order(StringComparer.Ordinal)];
}
