using System.Text;

namespace RnnCodegen.Generators.Emission;

/// <summary>Writes indented lines, always with LF.</summary>
internal sealed class SourceWriter
{
    private readonly StringBuilder _text = new();
    private int _indent;
    private bool _opened;

    public void Line(string line = "")
    {
        if (line.Length == 0)
        {
            // no empty line at the start of a block
            if (!_opened)
            {
                _text.Append('\n');
            }

            return;
        }

        _text.Append(' ', 4 * _indent).Append(line).Append('\n');
        _opened = line.EndsWith("{", StringComparison.Ordinal);
    }

    /// <summary>Opens braces that close when the result is disposed, so that the emitter's nesting is the text's.</summary>
    public Scope Block(string header, string end = "}")
    {
        if (header.Length > 0)
        {
            Line(header);
        }

        Line("{");
        _indent++;
        return new Scope(this, end);
    }

    /// <summary>Writes a call with one argument group a line where it would be too long for one.</summary>
    public void Call(string start, IReadOnlyList<string> arguments)
    {
        var line = $"{start}({string.Join(", ", arguments)});";
        if (line.Length + (4 * _indent) <= 140)
        {
            Line(line);
            return;
        }

        Line($"{start}(");
        _indent++;
        Wrap(arguments, ");");
        _indent--;
    }

    /// <summary>Writes items separated by commas, as many a line as fit.</summary>
    public void Wrap(IReadOnlyList<string> items, string end = "")
    {
        var line = "";
        for (var i = 0; i < items.Count; i++)
        {
            var item = items[i] + (i < items.Count - 1 ? "," : end);
            if (line.Length > 0 && line.Length + item.Length + (4 * _indent) >= 140)
            {
                Line(line);
                line = "";
            }

            line += (line.Length > 0 ? " " : "") + item;
        }

        Line(line);
    }

    public override string ToString() => _text.ToString();

    internal readonly struct Scope(SourceWriter writer, string end) : IDisposable
    {
        public void Dispose()
        {
            writer._indent--;
            writer.Line(end);
        }
    }
}
