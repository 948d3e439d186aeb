using System.Xml;
using System.Xml.Linq;

namespace RnnCodegen.Build;

/// <summary>Finds an item in its project file. MSBuild tells a task the file only, so it is read once more, as XML.</summary>
internal static class ItemLocator
{
    /// <summary>The place of the item element that most likely made an item; line 0 where no element could have.</summary>
    /// <param name="project">Full path of the project file, or of the file it imports.</param>
    /// <param name="kind">The item's type, e.g. RnnWeights.</param>
    /// <param name="file">What the item includes.</param>
    /// <param name="model">Its metadata Model.</param>
    public static ItemPlace Find(string project, string kind, string file, string model)
    {
        XDocument document;
        try
        {
            using var reader = XmlReader.Create(project,
                new XmlReaderSettings { DtdProcessing = DtdProcessing.Ignore, XmlResolver = null });
            document = XDocument.Load(reader, LoadOptions.SetLineInfo);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or XmlException or ArgumentException)
        {
            return new ItemPlace(project, 0, 0);
        }

        // Of equal ones the first: OrderBy keeps their order.
        var best = document.Descendants().Where(e => e.Name.LocalName == kind).OrderBy(e => -Likeness(e, file, model)).FirstOrDefault();
        return best is IXmlLineInfo place && place.HasLineInfo()
            ? new ItemPlace(project, place.LineNumber, place.LinePosition)
            : new ItemPlace(project, 0, 0);
    }

    // Text may hold properties and wildcards, which only MSBuild could expand; what is plain says enough.
    private static int Likeness(XElement element, string file, string model)
    {
        var includes = Value(element, "Include").Split(';').Select(Path).ToList();
        var path = Path(file);
        var name = path.Substring(path.LastIndexOf('/') + 1);
        return (includes.Contains(path) ? 4 : 0)
            + (includes.Any(i => i.Substring(i.LastIndexOf('/') + 1) == name) ? 2 : 0)
            + (Value(element, "Model").Trim() == model ? 1 : 0);
    }

    private static string Value(XElement element, string name) =>
        (string?)element.Attribute(name) ?? (string?)element.Elements().FirstOrDefault(e => e.Name.LocalName == name) ?? "";

    private static string Path(string text) => text.Trim().Replace('\\', '/');
}
