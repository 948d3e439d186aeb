// packages.cs FOLDER VERSION [AGAIN]: looks into the packages of a folder, and says what one lacks. AGAIN is a folder with some of
// them, built from another copy of the sources: their assemblies have to be the same to the byte.
using System;
using System.Collections.Generic;
using System.IO;
using System.IO.Compression;
using System.Linq;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using System.Xml.Linq;

var (folder, version, again) = (args[0], args[1], args.ElementAtOrDefault(2));
var faults = new List<string>();
var compared = 0;
var files = Directory.GetFiles(folder, $"*.{version}.nupkg").Order(StringComparer.Ordinal).ToArray();
string[] expected = ["RnnCodegen", "Console", "Cuda", "Interchange", "Mpi", "Signal", "Templates", "Tool"];
foreach (var name in expected.Select(n => n == "RnnCodegen" ? n : "RnnCodegen." + n))
{
    Require(name, files.Any(f => Path.GetFileName(f) == $"{name}.{version}.nupkg"), "the package itself");
}

foreach (var file in files)
{
    var name = Path.GetFileName(file);
    using var zip = ZipFile.OpenRead(file);
    var entries = zip.Entries.ToDictionary(e => e.FullName, Bytes);
    var nuspec = XDocument.Load(new MemoryStream(entries.First(e => e.Key.EndsWith(".nuspec", StringComparison.Ordinal)).Value));
    string? Said(string element) => nuspec.Descendants().FirstOrDefault(e => e.Name.LocalName == element)?.Value;
    bool Has(string? path) => path is not null && entries.ContainsKey(path);

    Require(name, Said("license") == "MIT" && Has("LICENSE"), "the license");
    Require(name, Has(Said("icon")) && entries[Said("icon")!].AsSpan(1, 3).SequenceEqual("PNG"u8), "an icon");
    Require(name, Has(Said("readme")), "a text for its page");
    Require(name, Said("description") is { Length: > 20 } && Said("tags") is { Length: > 0 } && Said("releaseNotes") is { Length: > 0 },
        "description, tags and release notes");

    var own = entries.Where(e => e.Key.EndsWith(".dll", StringComparison.Ordinal) &&
        Path.GetFileName(e.Key).StartsWith("RnnCodegen", StringComparison.Ordinal)).ToArray();
    foreach (var (path, bytes) in own)
    {
        using var image = new PEReader(new MemoryStream(bytes));
        var debug = image.ReadDebugDirectory();
        var isCompiledAhead = image.PEHeaders.CorHeader!.ManagedNativeHeaderDirectory.Size > 0;
        Require(path, isCompiledAhead || debug.Any(d => d.Type == DebugDirectoryEntryType.Reproducible), "a deterministic build");
        var pdb = debug.FirstOrDefault(d => d.Type == DebugDirectoryEntryType.EmbeddedPortablePdb);
        if (path.StartsWith("lib/", StringComparison.Ordinal))
        {
            Require(path, Has(Path.ChangeExtension(path, ".xml")), "documentation of its members");
            Require(path, pdb.DataSize > 0, "symbols inside");
        }

        if (pdb.DataSize > 0)
        {
            using var symbols = image.ReadEmbeddedPortablePdbDebugDirectoryData(pdb);
            var reader = symbols.GetMetadataReader();
            var sources = reader.Documents.Select(d => reader.GetString(reader.GetDocument(d).Name)).ToArray();
            var machine = sources.FirstOrDefault(s => !s.StartsWith("/_", StringComparison.Ordinal));
            Require(path, machine is null, $"sources without a machine's folder ({machine})");
        }
    }

    // What others wrote and this package contains, by name.
    var others = entries.Keys.Where(k => k.EndsWith(".dll", StringComparison.Ordinal) && !own.Any(o => o.Key == k))
        .Select(k => Path.GetFileNameWithoutExtension(k).Replace(".resources", "")).Distinct().ToArray();
    var notices = entries.TryGetValue("THIRD-PARTY-NOTICES.txt", out var text) ? System.Text.Encoding.UTF8.GetString(text) : "";
    foreach (var other in others)
    {
        Require(name, notices.Contains(other, StringComparison.Ordinal), $"a notice of {other}");
    }

    if (name == $"RnnCodegen.{version}.nupkg")
    {
        foreach (var part in (string[])["analyzers/dotnet/cs/RnnCodegen.Generators.dll", "analyzers/dotnet/cs/RnnCodegen.CodeFixes.dll",
            "tools/netstandard2.0/RnnCodegen.Build.dll", "buildTransitive/net10.0/RnnCodegen.targets",
            "buildTransitive/net10.0/DeviceCode.targets",
            "buildTransitive/netstandard2.0/RnnCodegen.targets", "changelog.md"])
        {
            Require(name, Has(part), part);
        }
    }

    if (again is not null && File.Exists(Path.Combine(again, name)))
    {
        compared++;
        using var other = ZipFile.OpenRead(Path.Combine(again, name));
        foreach (var (path, bytes) in own)
        {
            Require(path, other.GetEntry(path) is { } entry && Bytes(entry).AsSpan().SequenceEqual(bytes), "the same bytes in each build");
        }
    }

    Console.WriteLine($"{name}: {entries.Count} files, {new FileInfo(file).Length / 1024.0:N0} KiB, {own.Length} assemblies looked into");
}

Require("AGAIN", again is null || compared > 0, "a package to compare with");
faults.ForEach(Console.WriteLine);
return faults.Count == 0 ? 0 : 1;

void Require(string where, bool holds, string what)
{
    if (!holds)
    {
        faults.Add($"MISSING in {where}: {what}");
    }
}

static byte[] Bytes(ZipArchiveEntry entry)
{
    using var stream = entry.Open();
    using var memory = new MemoryStream();
    stream.CopyTo(memory);
    return memory.ToArray();
}
