using System.Runtime.CompilerServices;

namespace RnnCodegen.Generators.Emission;

/// <summary>Writes indented lines, always with LF.</summary>
internal sealed class SourceWriter(int indent = 0)
{
        private int _indent = indent;
    private bool _opened;

    private const int MostColumns = 140;

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
                Text.Append('\n');
            }

            return;
        }

        Text.Append(' ', 4 * _indent);
        Text.Append(line);
        EndLine();
    }

    /// <summary>A line that goes to the text without a string of its own.</summary>
    public void Line(DefaultInterpolatedStringHandler line)
    {
        Line(line.Text);
        line.Text.Return();
    }

    private void EndLine()
    {
        _opened = Text.Last == '{';
        Text.Append('\n');
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

    /// <summary>Text that is indented already, without an empty line at the start of a block.</summary>
    public void Written(string text)
    {
        Text.Append(_opened ? text.TrimStart('\n') : text);
        _opened = false;
    }

    /// <summary>The text of another writer, which nobody may use any more.</summary>
    public void Written(SourceWriter other)
    {
        Text.Append(other.Text);
        _opened = false;
        other.Text.Return();
    }

    /// <summary>Writes a call with one argument group a line where it would be too long for one.</summary>
    public void Call(string start, IReadOnlyList<string> arguments) => Group($"{start}(", arguments, ");");

    /// <summary>Writes items separated by commas, as many a line as fit.</summary>
    public void Wrap(IReadOnlyList<string> items, string end = "")
    {
        var line = TextBuffer.Rent();
        for (var i = 0; i < items.Count; i++)
        {
            var behind = i < items.Count - 1 ? "," : end;
            if (line.Length > 0 && line.Length + items[i].Length + behind.Length + (4 * _indent) >= MostColumns)
            {
                Line(line);
            }

            if (line.Length > 0)
            {
                line.Append(' ');
            }

            line.Append(items[i]);
            line.Append(behind);
        }

        Line(line);
        line.Return();
    }

    private void Group(string start, IReadOnlyList<string> items, string end)
    {
        const string Separator = ", ";
        var length = start.Length + items.Sum(i => i.Length) + (Separator.Length * Math.Max(0, items.Count - 1)) + end.Length;
        if (length + (4 * _indent) > MostColumns)
        {
            Line(start);
            _indent++;
            Wrap(items, end);
            _indent--;
            return;
        }

        var line = TextBuffer.Rent();
        line.Append(start);
        for (var i = 0; i < items.Count; i++)
        {
            line.Append(i == 0 ? "" : Separator);
            line.Append(items[i]);
        }

        line.Append(end);
        Line(line);
        line.Return();
    }

    /// <summary>A line that is empty afterwards.</summary>
    private void Line(TextBuffer line)
    {
        if (line.Length == 0)
        {
            Line();
            return;
        }

        Text.Append(' ', 4 * _indent);
        Text.Append(line);
        line.Clear();
        EndLine();
    }

    /// <summary>The text so far.</summary>
    public TextBuffer Text { get; } = TextBuffer.Rent();

    /// <summary>The whole text. Nobody may use the writer any more.</summary>
    public string Take()
    {
        var text = Text.ToString();
        Text.Return();
        return text;
    }

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
