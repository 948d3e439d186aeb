using System.Globalization;
using System.Runtime.CompilerServices;

namespace RnnCodegen.Generators.Emission;

/// <summary>Characters in one array that grows. Those of finished strings are used again by the same thread.</summary>
internal sealed class TextBuffer
{
    private const int Spares = 16;

    /// <summary>Characters of an array that is kept; larger ones go.</summary>
    private const int LargestSpare = 512 * 1024;

    [ThreadStatic]
    private static Stack<TextBuffer>? t_spares;

    private char[] _characters = new char[256];

    public int Length { get; private set; }

    /// <summary>The last character; 0 where there is none.</summary>
    public char Last => Length > 0 ? _characters[Length - 1] : '\0';

    /// <summary>An empty one.</summary>
    [MethodImpl(MethodOptions.AggressiveOptimization)]
    public static TextBuffer Rent() => t_spares is { Count: > 0 } spares ? spares.Pop() : new TextBuffer();

    /// <summary>Gives it back: nobody may use it any more.</summary>
    public void Return()
    {
        Length = 0;
        if (_characters.Length <= LargestSpare && (t_spares ??= new(Spares)).Count < Spares)
        {
            t_spares.Push(this);
        }
    }

    public void Clear() => Length = 0;

    [MethodImpl(MethodOptions.AggressiveOptimization)]
    public void Append(char c)
    {
        Reserve(1);
        _characters[Length++] = c;
    }

    [MethodImpl(MethodOptions.AggressiveOptimization)]
    public void Append(char c, int count)
    {
        Reserve(count);
        _characters.AsSpan(Length, count).Fill(c);
        Length += count;
    }

    [MethodImpl(MethodOptions.AggressiveOptimization)]
    public void Append(string text)
    {
        Reserve(text.Length);
        text.CopyTo(0, _characters, Length, text.Length);
        Length += text.Length;
    }

    [MethodImpl(MethodOptions.AggressiveOptimization)]
    public void Append(TextBuffer text)
    {
        Reserve(text.Length);
        Array.Copy(text._characters, 0, _characters, Length, text.Length);
        Length += text.Length;
    }

    [MethodImpl(MethodOptions.AggressiveOptimization)]
    public void Append(int number)
    {
        if (number < 0)
        {
            Append(number.ToString(CultureInfo.InvariantCulture));
            return;
        }

        var digits = 1;
        for (var rest = number; rest >= 10; rest /= 10)
        {
            digits++;
        }

        Reserve(digits);
        for (var k = Length + digits - 1; k >= Length; k--)
        {
            _characters[k] = (char)('0' + (number % 10));
            number /= 10;
        }

        Length += digits;
    }

    public ReadOnlySpan<char> Characters => _characters.AsSpan(0, Length);

    public override string ToString() => new(_characters, 0, Length);

    private void Reserve(int count)
    {
        if (Length + count > _characters.Length)
        {
            Array.Resize(ref _characters, Math.Max(Length + count, 2 * _characters.Length));
        }
    }
}
