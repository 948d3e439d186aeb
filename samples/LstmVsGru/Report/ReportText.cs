using System.Text;
using Markdig;
using ScottPlot;

namespace LstmVsGru;

/// <summary>A report that is being written, in Markdown; saved as that with its pictures beside it, and as one HTML file.</summary>
internal sealed class ReportText
{
    private const string Style =
        "body{font:16px/1.5 'Segoe UI','Open Sans',sans-serif;color:#1f2933;max-width:1000px;margin:2em auto;padding:0 1em}"
        + "table{border-collapse:collapse;margin:1em 0}td,th{border:1px solid #e4e7eb;padding:.3em .7em;text-align:left}"
        + "th{background:#f5f7fa}img{max-width:100%}code{background:#f5f7fa;padding:.1em .3em}";

    private readonly StringBuilder _text = new();
    private readonly List<(string Name, string Caption, byte[] Png)> _pictures = [];

    /// <summary>A title; level 1 is that of the report.</summary>
    public void Title(string text, int level = 2) => _text.Append('#', level).Append(' ').Append(text).Append("\n\n");

    /// <summary>A paragraph, or several.</summary>
    public void Say(string text) => _text.Append(text).Append("\n\n");

    /// <summary>A table.</summary>
    public void Table(IReadOnlyList<string> columns, IEnumerable<IReadOnlyList<string>> rows)
    {
        Row(columns);
        Row([.. columns.Select(_ => "---")]);
        foreach (var row in rows)
        {
            Row(row);
        }

        _text.Append('\n');

        void Row(IReadOnlyList<string> cells) => _text.Append("| ").AppendJoin(" | ", cells).Append(" |\n");
    }

    /// <summary>A picture.</summary>
    public void Picture(string name, string caption, Plot plot, int width = 1000, int height = 480)
    {
        _pictures.Add((name, caption, plot.GetImageBytes(width, height, ImageFormat.Png)));
        _text.Append(Place(name)).Append("\n\n");
    }

    /// <summary>Writes the Markdown file, its pictures into the folder images beside it, and the HTML file.</summary>
    public void Save(string markdown, string html)
    {
        var (folder, prefix) = (Path.GetDirectoryName(Path.GetFullPath(markdown))!, Path.GetFileNameWithoutExtension(markdown));
        var images = Directory.CreateDirectory(Path.Combine(folder, "images")).FullName;
        var (text, page) = (_text.ToString(), _text.ToString());
        foreach (var (name, caption, png) in _pictures)
        {
            File.WriteAllBytes(Path.Combine(images, $"{prefix}-{name}.png"), png);
            text = text.Replace(Place(name), $"![{caption}](images/{prefix}-{name}.png)", StringComparison.Ordinal);
            var data = $"data:image/png;base64,{Convert.ToBase64String(png)}";
            page = page.Replace(Place(name), $"![{caption}]({data})", StringComparison.Ordinal);
        }

        File.WriteAllText(markdown, text.TrimEnd() + "\n");
        var body = Markdown.ToHtml(page, new MarkdownPipelineBuilder().UsePipeTables().Build());
        File.WriteAllText(html, $"<!DOCTYPE html><html lang=\"en\"><meta charset=\"utf-8\"><style>{Style}</style>{body}</html>");
    }

    private static string Place(string name) => $"{{{{picture {name}}}}}";
}
