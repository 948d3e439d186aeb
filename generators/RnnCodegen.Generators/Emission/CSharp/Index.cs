using System.Globalization;

namespace RnnCodegen.Generators.Emission.CSharp;

/// <summary>A place in an array that generated code counts: a number, or a loop's variable.</summary>
/// <param name="Variable">The variable; null for a number.</param>
/// <param name="Number">The number.</param>
internal readonly record struct Index(string? Variable, int Number)
{
    public static Index Of(string variable) => new(variable, 0);

    public static Index At(int number) => new(null, number);

    /// <summary>So many times the place, as an expression.</summary>
    public string Times(int factor) => Variable is null
        ? (Number * factor).ToString(CultureInfo.InvariantCulture)
        : factor == 1 ? Variable
        : $"{Variable} * {factor}";

    /// <summary>So many times the place, and so many after that, as an expression.</summary>
    public string Times(int factor, int after) => Variable is null
        ? ((Number * factor) + after).ToString(CultureInfo.InvariantCulture)
        : VectorText.Add(factor == 1 ? Variable : $"{factor} * {Variable}", after.ToString(CultureInfo.InvariantCulture));
}
