using System.Text;

namespace RnnCodegen;

/// <summary>
/// Reads the JSON of a header forward, as strictly as RFC 8259 has it and the format's reference implementation reads it: no comments, no
/// comma too many, valid UTF-8 and pairs of surrogates only.
/// </summary>
/// <remarks>Written by hand because the build's task brings no library along: each MSBuild has another version of each.</remarks>
internal sealed class HeaderJson
{
    /// <summary>Objects and arrays in each other. Headers have three; more would only be there to exhaust the stack.</summary>
    public const int MaxDepth = 64;

    private static readonly UTF8Encoding s_strictUtf8 = new(false, throwOnInvalidBytes: true);

    private readonly byte[] _json;
    private readonly Func<int, string, Exception> _error;
    private int _at;

    /// <summary>A reader of the given bytes.</summary>
    /// <param name="json">All of the text.</param>
    /// <param name="error">Makes an exception of the index of a byte and of what is wrong there.</param>
    public HeaderJson(byte[] json, Func<int, string, Exception> error)
    {
        (_json, _error) = (json, error);
        try
        {
            _ = s_strictUtf8.GetCharCount(json);
        }
        catch (ArgumentException)
        {
            throw Bad(0, "it is not UTF-8");
        }
    }

    /// <summary>The next byte that is no white space, which is passed; 0 at the end.</summary>
    public byte Next
    {
        get
        {
            while (_at < _json.Length && _json[_at] is (byte)' ' or (byte)'\t' or (byte)'\n' or (byte)'\r')
            {
                _at++;
            }

            return _at < _json.Length ? _json[_at] : (byte)0;
        }
    }

    /// <summary>The index of the byte that <see cref="Next"/> gives.</summary>
    public int Index
    {
        get
        {
            _ = Next;
            return _at;
        }
    }

    /// <summary>Passes over a byte that has to come next.</summary>
    public void Expect(char c)
    {
        if (Next != c)
        {
            throw Bad($"'{c}' is expected");
        }

        _at++;
    }

    /// <summary>Whether an object or array has one more item; passes over the comma before it, or the end behind the last.</summary>
    /// <param name="end">What ends it.</param>
    /// <param name="isFirst">True before the first item; set to false.</param>
    public bool HasMore(char end, ref bool isFirst)
    {
        if (Next == end)
        {
            _at++;
            return false;
        }

        if (!isFirst)
        {
            Expect(',');
        }

        isFirst = false;
        return true;
    }

    /// <summary>The name of a member, and what is between it and its value.</summary>
    public string Name()
    {
        var name = String();
        Expect(':');
        return name;
    }

    /// <summary>The string that comes next.</summary>
    public string String()
    {
        Expect('"');
        var start = _at;
        while (Take() is var c && c != '"')
        {
            if (c == '\\')
            {
                _at--;
                return Escaped(start);
            }
        }

        return Encoding.UTF8.GetString(_json, start, _at - 1 - start);
    }

    /// <summary>
    /// The number that comes next, where it is a whole one from 0 to a largest, written as digits alone: not 2.0, 2e0 or -0. Passes over it
    /// either way.
    /// </summary>
    public bool TryWholeNumber(long max, out long number)
    {
        var start = Index;
        Number();
        number = 0;
        for (var i = start; i < _at; i++)
        {
            var digit = _json[i] - '0';
            if (digit is < 0 or > 9 || number > (max - digit) / 10)
            {
                return false;
            }

            number = (number * 10) + digit;
        }

        return true;
    }

    /// <summary>Whether a number comes next.</summary>
    public bool IsNumber => Next is (byte)'-' or (>= (byte)'0' and <= (byte)'9');

    /// <summary>Passes over the value that comes next, whatever it is.</summary>
    public void Skip(int depth = 0)
    {
        if (depth > MaxDepth)
        {
            throw Bad($"there are more than {MaxDepth} levels");
        }

        switch (Next)
        {
            case (byte)'{':
                _at++;
                for (var isFirst = true; HasMore('}', ref isFirst);)
                {
                    _ = Name();
                    Skip(depth + 1);
                }

                break;
            case (byte)'[':
                _at++;
                for (var isFirst = true; HasMore(']', ref isFirst);)
                {
                    Skip(depth + 1);
                }

                break;
            case (byte)'"':
                _ = String();
                break;
            case (byte)'t':
                Word("true");
                break;
            case (byte)'f':
                Word("false");
                break;
            case (byte)'n':
                Word("null");
                break;
            default:
                Number();
                break;
        }
    }

    /// <summary>Refuses anything more but white space.</summary>
    public void End()
    {
        if (Next != 0 || _at < _json.Length)
        {
            throw Bad("it goes on after its end");
        }
    }

    private void Word(string word)
    {
        foreach (var c in word)
        {
            if (_at == _json.Length || _json[_at] != c)
            {
                throw Bad("a value is expected");
            }

            _at++;
        }
    }

    private void Number()
    {
        if (!IsNumber)
        {
            throw Bad("a value is expected");
        }

        Pass('-');
        if (!Pass('0'))
        {
            Digits();
        }

        if (Pass('.'))
        {
            Digits();
        }

        if (Pass('e') || Pass('E'))
        {
            _ = Pass('+') || Pass('-');
            Digits();
        }
    }

    private void Digits()
    {
        var start = _at;
        while (_at < _json.Length && _json[_at] is >= (byte)'0' and <= (byte)'9')
        {
            _at++;
        }

        if (_at == start)
        {
            throw Bad("a digit is expected");
        }
    }

    private bool Pass(char c)
    {
        var passes = _at < _json.Length && _json[_at] == c;
        _at += passes ? 1 : 0;
        return passes;
    }

    /// <summary>A string with escapes, of which the bytes up to the first one were looked at.</summary>
    private string Escaped(int start)
    {
        var text = new StringBuilder();
        var plain = start;
        while (Take() is var c && c != '"')
        {
            if (c == '\\')
            {
                text.Append(Encoding.UTF8.GetString(_json, plain, _at - 1 - plain)).Append(Escape());
                plain = _at;
            }
        }

        var value = text.Append(Encoding.UTF8.GetString(_json, plain, _at - 1 - plain)).ToString();
        for (var i = 0; i < value.Length; i++)
        {
            if (char.IsSurrogate(value[i]))
            {
                i += char.IsSurrogatePair(value, i) ? 1 : throw Bad(start - 1, "half of a pair of surrogates stands alone in a string");
            }
        }

        return value;
    }

    private char Escape()
    {
        var c = Take();
        return c switch
        {
            (byte)'"' or (byte)'\\' or (byte)'/' => (char)c,
            (byte)'b' => '\b',
            (byte)'f' => '\f',
            (byte)'n' => '\n',
            (byte)'r' => '\r',
            (byte)'t' => '\t',
            (byte)'u' => (char)((HexDigit() << 12) | (HexDigit() << 8) | (HexDigit() << 4) | HexDigit()),
            _ => throw Bad(_at - 1, "there is no such escape"),
        };
    }

    private int HexDigit() => Take() switch
    {
        var c and >= (byte)'0' and <= (byte)'9' => c - '0',
        var c and >= (byte)'a' and <= (byte)'f' => c - 'a' + 10,
        var c and >= (byte)'A' and <= (byte)'F' => c - 'A' + 10,
        _ => throw Bad(_at - 1, "a hexadecimal digit is expected"),
    };

    /// <summary>The next byte of a string.</summary>
    private byte Take()
    {
        if (_at == _json.Length)
        {
            throw Bad("it ends within a string");
        }

        var c = _json[_at++];
        return c >= ' ' ? c : throw Bad(_at - 1, "a control character stands in a string");
    }

    private Exception Bad(string what) => Bad(_at, what);

    private Exception Bad(int index, string what) => _error(index, $"the header is not valid JSON: {what}");
}
