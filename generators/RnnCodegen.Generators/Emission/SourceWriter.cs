using System.Text;

namespace RnnCodegen.Generators.Emission;

/// <summary>Writes indented lines, always with LF.</summary>
internal sealed class SourceWriter(int indent = 0)
{
    private readonly StringBuilder _text = new();
    private int _indent = indent;
    private bool _opened;

    /// <summary>
    /// Whether methods say that they do not check for overflow, which a project that checks by default would otherwise do in each step of a
    /// pointer.
    /// </summary>
    public bool IsUnchecked { get; init; }

    /// <summary>How far lines are indented.</summary>
    public int Indent => _indent;

    /// <summary>How much further the lines of a method are.</summary>
    public int MethodIndent => IsUnchecked ? 2 : 1;

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

    /// <summary>A method whose parameters take as many lines as they need.</summary>
    /// <param name="start">What is before the parameters.</param>
    /// <param name="parameters">The parameters.</param>
    public Scope Method(string start, IReadOnlyList<string> parameters)
    {
        Group($"{start}(", parameters, ")");
        return Method("");
    }

    /// <summary>Text that is indented already.</summary>
    public void Written(string text)
    {
        _text.Append(text);
        _opened = false;
    }

    /// <summary>Writes a call with one argument group a line where it would be too long for one.</summary>
    public void Call(string start, IReadOnlyList<string> arguments) => Group($"{start}(", arguments, ");");

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

    private void Group(string start, IReadOnlyList<string> items, string end)
    {
        var line = $"{start}{string.Join(", ", items)}{end}";
        if (line.Length + (4 * _indent) <= 140)
        {
            Line(line);
            return;
        }

        Line(start);
        _indent++;
        Wrap(items, end);
        _indent--;
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
