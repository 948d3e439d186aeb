using System.Text;

namespace RnnCodegen.Generators.Emission;

/// <summary>Writes indented lines, always with LF.</summary>
internal sealed class SourceWriter
{
    private readonly StringBuilder _text = new();
    private int _indent;
    private bool _opened;

    /// <summary>
    /// Whether methods say that they do not check for overflow, which a project that checks by default would otherwise do in each step of a pointer.
    /// </summary>
    public bool IsUnchecked { get; init; }

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
        return new Scope(this, end, 1);
    }

    /// <summary>A method's body.</summary>
    public Scope Method(string header)
    {
        var scope = Block(header);
        if (!IsUnchecked)
        {
            return scope;
        }

        Block("unchecked");
        return new Scope(this, "}", 2);
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

    internal readonly struct Scope(SourceWriter writer, string end, int depth) : IDisposable
    {
        public void Dispose()
        {
            for (var k = 0; k < depth; k++)
            {
                writer._indent--;
                writer.Line(end);
            }
        }
    }
}
