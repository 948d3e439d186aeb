using System.Globalization;
using System.Security;
using System.Text;
using RnnCodegen.Interchange;

namespace RnnCodegen.Tool.Drawing;

/// <summary>
/// An SVG picture, which is legible on light and dark pages: it has its own ground, and colours for both, which the viewer's setting
/// chooses.
/// </summary>
internal sealed class SvgPage
{
    /// <summary>Number of colours for lines, <c>c0</c> and on.</summary>
    public const int Colours = 6;

    private const string Style =
        """
        <style>
        .ground { fill: #ffffff } .box { fill: #f3f5f8; stroke: #5b6675 } .grid { stroke: #dde2e8 } .axis { stroke: #5b6675 }
        text { font: 12px system-ui, "Segoe UI", "DejaVu Sans", sans-serif; fill: #1c2430 } .strong { font-weight: 600 } .faint { fill: #5b6675 }
        .line { fill: none; stroke-width: 1.8; stroke-linejoin: round } .edge { fill: none; stroke: #5b6675; stroke-width: 1.4 }
        .tip { fill: #5b6675 }
        .c0 { stroke: #1f6fd0 } .c1 { stroke: #c8500a } .c2 { stroke: #16803c } .c3 { stroke: #8a3ffc } .c4 { stroke: #b0145c } .c5 { stroke: #8a6d00 }
        .d0 { fill: #1f6fd0 } .d1 { fill: #c8500a } .d2 { fill: #16803c } .d3 { fill: #8a3ffc } .d4 { fill: #b0145c } .d5 { fill: #8a6d00 }
        @media (prefers-color-scheme: dark) {
        .ground { fill: #12161c } .box { fill: #1d242d; stroke: #93a0b0 } .grid { stroke: #2a323d } .axis { stroke: #93a0b0 }
        text { fill: #e6ebf2 } .faint { fill: #a3afbd } .edge { stroke: #93a0b0 } .tip { fill: #93a0b0 }
        .c0 { stroke: #6cb0ff } .c1 { stroke: #ff9a5c } .c2 { stroke: #5fd38a } .c3 { stroke: #c9a3ff } .c4 { stroke: #ff7eb6 } .c5 { stroke: #e3c34b }
        .d0 { fill: #6cb0ff } .d1 { fill: #ff9a5c } .d2 { fill: #5fd38a } .d3 { fill: #c9a3ff } .d4 { fill: #ff7eb6 } .d5 { fill: #e3c34b }
        }
        </style>

        """;

    private readonly StringBuilder _body = new();
    private readonly string _title;

    /// <param name="title">What a reader who does not see it is told.</param>
    public SvgPage(string title) => _title = title;

    public void Rectangle(double x, double y, double width, double height, string kind, double corner = 0) => Append(
        $"""<rect x="{x:0.##}" y="{y:0.##}" width="{width:0.##}" height="{height:0.##}" rx="{corner:0.##}" class="{kind}"/>""");

    public void Line(double x1, double y1, double x2, double y2, string kind) => Append(
        $"""<line x1="{x1:0.##}" y1="{y1:0.##}" x2="{x2:0.##}" y2="{y2:0.##}" class="{kind}"/>""");

    public void Dot(double x, double y, string kind) => Append($"""<circle cx="{x:0.##}" cy="{y:0.##}" r="2.6" class="{kind}"/>""");

    /// <summary>A text.</summary>
    /// <param name="x">Where it starts, or its middle or end.</param>
    /// <param name="y">Its base line.</param>
    /// <param name="text">The text, of any characters.</param>
    /// <param name="kind">Its classes.</param>
    /// <param name="anchor"><c>start</c>, <c>middle</c> or <c>end</c>.</param>
    public void Text(double x, double y, string text, string kind = "", string anchor = "start") => Append(
        $"""<text x="{x:0.##}" y="{y:0.##}" class="{kind}" text-anchor="{anchor}">{Escape(text)}</text>""");

    /// <summary>A line through points; a gap in it for each that has no height.</summary>
    public void Curve(IEnumerable<(double X, double Y)> points, string kind)
    {
        var path = new StringBuilder();
        var isDown = false;
        foreach (var (x, y) in points)
        {
            if (double.IsFinite(y))
            {
                path.Append(CultureInfo.InvariantCulture, $"{(isDown ? 'L' : 'M')}{x:0.##} {y:0.##}");
            }

            isDown = double.IsFinite(y);
        }

        Append($"""<path d="{path}" class="{kind}"/>""");
    }

    /// <summary>A line from place to place, with a tip at its end that points left or down.</summary>
    public void Arrow(params ReadOnlySpan<(double X, double Y)> corners)
    {
        Curve(corners.ToArray(), "edge");
        var ((x0, _), (x, y)) = (corners[^2], corners[^1]);
        Append(x0 == x
            ? $"""<path d="M{x:0.##} {y:0.##}l-4 -7h8z" class="tip"/>"""
            : (FormattableString)$"""<path d="M{x:0.##} {y:0.##}l7 -4v8z" class="tip"/>""");
    }

    /// <summary>The whole file.</summary>
    public string Text(double width, double height) => string.Create(CultureInfo.InvariantCulture,
        $"""
        <svg xmlns="http://www.w3.org/2000/svg" width="{width:0}" height="{height:0}" viewBox="0 0 {width:0} {height:0}" role="img">
        <title>{Escape(_title)}</title>
        {Style}<rect width="100%" height="100%" class="ground"/>
        {_body}</svg>

        """);

    /// <summary>A text as XML has it, without characters that XML or a reader's eye does not take.</summary>
    private static string Escape(string text) => SecurityElement.Escape(VisibleText.Of(text))!;

    private void Append(FormattableString text) => _body.Append(text.ToString(CultureInfo.InvariantCulture)).Append('\n');
}
