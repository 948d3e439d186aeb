using System.Globalization;
using System.Text;

namespace RnnCodegen.Build;

/// <summary>
/// Reads JSON forward. The task brings no library into the build, where each MSBuild has another version of each; what a safetensors header
/// needs of JSON is this little.
/// </summary>
/// <exception cref="FormatException">The text is not JSON, or not of the kind asked for.</exception>
internal sealed class JsonText(string text)
{
    // Headers have three levels; deeper ones would only be there to exhaust the stack.
    private const int MaxDepth = 32;

    private int _at;

    /// <summary>The names in the object that comes; after each, the caller reads the value.</summary>
    public IEnumerable<string> Members()
    {
        Expect('{');
        if (Next() == '}')
        {
            _at++;
            yield break;
        }

        do
        {
            var name = String();
            Expect(':');
            yield return name;
        }
        while (Continues('}'));
    }

    /// <summary>The array of whole numbers, 0 or more, that comes.</summary>
    public List<long> Numbers()
    {
        var numbers = new List<long>();
        Expect('[');
        if (Next() == ']')
        {
            _at++;
            return numbers;
        }

        do
        {
            Next();
            var start = _at;
            while (_at < text.Length && text[_at] is >= '0' and <= '9')
            {
                _at++;
            }

            if (!long.TryParse(text.Substring(start, _at - start), NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            {
                throw Bad("a whole number from 0 to 2^63 - 1");
            }

            numbers.Add(number);
        }
        while (Continues(']'));

        return numbers;
    }

    /// <summary>The string that comes.</summary>
    public string String()
    {
        Expect('"');
        var value = new StringBuilder();
        while (true)
        {
            var c = Take();
            if (c == '"')
            {
                return value.ToString();
            }

            if (c < ' ')
            {
                throw Bad("no control character in a string");
            }

            value.Append(c == '\\' ? Escaped() : c);
        }
    }

    /// <summary>Passes over the value that comes, whatever it is.</summary>
    public void Skip() => Skip(0);

    /// <summary>Refuses anything but white space.</summary>
    public void End()
    {
        if (Next() != '\0' || _at < text.Length)
        {
            throw Bad("the end");
        }
    }

    private void Skip(int depth)
    {
        if (depth > MaxDepth)
        {
            throw Bad($"no more than {MaxDepth} levels");
        }

        switch (Next())
        {
            case '{':
                foreach (var _ in Members())
                {
                    Skip(depth + 1);
                }

                break;
            case '[':
                _at++;
                if (Next() == ']')
                {
                    _at++;
                    break;
                }

                do
                {
                    Skip(depth + 1);
                }
                while (Continues(']'));
                break;
            case '"':
                String();
                break;
            default:
                SkipWord();
                break;
        }
    }

    private void SkipWord()
    {
        var start = _at;
        while (_at < text.Length && (char.IsLetterOrDigit(text[_at]) || text[_at] is '+' or '-' or '.'))
        {
            _at++;
        }

        var word = text.Substring(start, _at - start);
        if (word is not ("true" or "false" or "null") && !double.TryParse(word, NumberStyles.Float, CultureInfo.InvariantCulture, out _))
        {
            throw Bad("a value");
        }
    }

    private char Escaped()
    {
        var c = Take();
        switch (c)
        {
            case '"' or '\\' or '/':
                return c;
            case 'b':
                return '\b';
            case 'f':
                return '\f';
            case 'n':
                return '\n';
            case 'r':
                return '\r';
            case 't':
                return '\t';
            case 'u' when _at + 4 <= text.Length
                && ushort.TryParse(text.Substring(_at, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var unit):
                _at += 4;
                return (char)unit;
            default:
                throw Bad("an escape that JSON knows");
        }
    }

    private bool Continues(char end)
    {
        if (Next() == end)
        {
            _at++;
            return false;
        }

        Expect(',');
        return true;
    }

    private void Expect(char c)
    {
        if (Next() != c)
        {
            throw Bad($"'{c}'");
        }

        _at++;
    }

    private char Take() => _at < text.Length ? text[_at++] : throw Bad("more");

    /// <summary>What comes after white space, which is passed; NUL at the end.</summary>
    private char Next()
    {
        while (_at < text.Length && text[_at] is ' ' or '\t' or '\n' or '\r')
        {
            _at++;
        }

        return _at < text.Length ? text[_at] : '\0';
    }

    private FormatException Bad(string expected) => new($"its header is not JSON of the format: expected {expected} at character {_at}");
}
