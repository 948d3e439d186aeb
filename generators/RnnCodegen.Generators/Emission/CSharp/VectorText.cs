using System.Globalization;
using RnnCodegen.Generators.Graph;
using RnnCodegen.Generators.Specs;

namespace RnnCodegen.Generators.Emission.CSharp;

/// <summary>How C# spells operations on vectors of so many floats; one float is plain C#.</summary>
internal static class VectorText
{
    public static string Type(int lanes) => lanes switch
    {
        1 => "float",
        4 => "Vector128<float>",
        8 => "Vector256<float>",
        _ => "Vector512<float>",
    };

    public static string Load(int lanes, string pointer, string offset = "") =>
        lanes == 1 ? Element(pointer, offset) : $"{Class(lanes)}.Load({Address(pointer, offset)})";

    public static string Store(int lanes, string value, string pointer, string offset = "") =>
        lanes == 1 ? $"{Element(pointer, offset)} = {value};" : $"{Class(lanes)}.Store({value}, {Address(pointer, offset)});";

    public static string Broadcast(int lanes, string value) => lanes == 1 ? value : $"{Class(lanes)}.Create({value})";

    public static string Zero(int lanes) => lanes == 1 ? "0f" : $"{Type(lanes)}.Zero";

    public static string MultiplyAdd(int lanes, string a, string b, string c) =>
        lanes == 1 ? $"float.MultiplyAddEstimate({a}, {b}, {c})" : $"{Class(lanes)}.MultiplyAddEstimate({a}, {b}, {c})";

    /// <summary>The same with one value of the vector a.</summary>
    public static string MultiplyAdd(string a, int element, string b, string c) => $"VectorMath.MultiplyAdd({a}, {element}, {b}, {c})";

    /// <summary>A function, which has its op's name in the runtime.</summary>
    public static string Function(Expr e, ActivationAccuracyKind accuracy, IEnumerable<string> arguments)
    {
        var variant = e.Op.HasFastVariant && accuracy == ActivationAccuracyKind.Fast ? "Fast" : "";
        var constant = e.Op.HasConstant ? [Literal(e.Value)] : Array.Empty<string>();
        return $"VectorMath.{e.Op.Name}{variant}({string.Join(", ", arguments.Concat(constant))})";
    }

    /// <summary>A function of a number of a row.</summary>
    public static string OfRow(Expr e, string argument) =>
        e.Op == Op.Per ? $"{argument} / {DoubleLiteral(e.Value)}"
        : e.Op == Op.InverseRoot ? $"1 / Math.Sqrt({argument})"
        : e.Op == Op.Inverse ? $"1 / {argument}"
        : e.Op == Op.Log ? $"Math.Log({argument})"
        : throw new InvalidOperationException($"{e.Op} of a number of a row has no spelling.");

    /// <summary>The lanes of a vector that are units, as a mask.</summary>
    public static string Inside(int lanes, int units) =>
        $"{Class(lanes)}.LessThan({Class(lanes)}<int>.Indices, {Class(lanes)}.Create({units})).AsSingle()";

    /// <summary>A value in the lanes of a mask, and another one in the others.</summary>
    public static string Select(int lanes, string mask, string value, string other) =>
        other == Zero(lanes) ? $"{value} & {mask}" : $"{Class(lanes)}.ConditionalSelect({mask}, {value}, {other})";

    public static string HorizontalSum(int lanes, string value) => lanes == 1 ? value : $"{Class(lanes)}.Sum({value})";

    public static string HorizontalLargest(int lanes, string value) => lanes == 1 ? value : $"VectorMath.Largest({value})";

    public static string Largest(int lanes, string a, string b) => lanes == 1 ? $"Math.Max({a}, {b})" : $"{Class(lanes)}.Max({a}, {b})";

    public static string Constant(int lanes, float value) =>
        value == 0 ? Zero(lanes)
        : lanes == 1 ? Literal(value)
        : value == 1 ? $"{Type(lanes)}.One"
        : $"{Class(lanes)}.Create({Literal(value)})";

    public static string Literal(float value) => value.ToString("R", CultureInfo.InvariantCulture) + "f";

    public static string DoubleLiteral(float value) => ((double)value).ToString("R", CultureInfo.InvariantCulture) + "d";

    /// <summary>A sum of offsets without zeros.</summary>
    public static string Add(string a, string b) => b.Length == 0 || b == "0" ? a : a == "0" ? b : $"{a} + {b}";

    /// <summary>
    /// The address of an element. The compiler binds &amp;p[n] many times faster than p + n or p += n, whose operator it looks for among
    /// all built-in ones.
    /// </summary>
    public static string Address(string pointer, string offset) =>
        offset.Length == 0 || offset == "0" ? pointer
        : pointer[0] == '&' ? $"{pointer.Substring(0, pointer.Length - 1)} + {offset}]"
        : $"&{pointer}[{offset}]";

    /// <summary>A place so many floats after the pointer.</summary>
    public static string At(string pointer, int offset) => Address(pointer, $"{offset}");

    /// <summary>A place so many floats a sample after the pointer.</summary>
    public static string PerSample(string pointer, int offset) => offset == 0 ? pointer : $"&{pointer}[{offset} * batch]";

    private static string Element(string pointer, string offset) => $"{pointer}[{(offset.Length == 0 ? "0" : offset)}]";

    private static string Class(int lanes) => lanes switch { 4 => "Vector128", 8 => "Vector256", _ => "Vector512" };
}
