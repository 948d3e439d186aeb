using RnnCodegen.Generators.Planning;

namespace RnnCodegen.Generators.Emission.CSharp;

/// <summary>Writes methods that are lists of calls, cut into several where one would exceed the budget.</summary>
internal sealed class CallListEmitter(SourceWriter writer, KernelNames names)
{
    /// <summary>One method, and, where it is cut, its parts.</summary>
    /// <param name="header">Declaration of the method.</param>
    /// <param name="part">Name of its parts, to which a number is added.</param>
    /// <param name="parameters">Parameters of the parts.</param>
    /// <param name="arguments">What is passed to them.</param>
    /// <param name="calls">The calls, each a statement of one line.</param>
    /// <param name="locals">Declarations that a body starts with where a call uses their name.</param>
    public void Write(string header, string part, string parameters, string arguments, IReadOnlyList<string> calls, params string[] locals)
    {
        var parts = MethodBudget.Split(calls);
        using (writer.Method(header))
        {
            Body(parts.Count == 1 ? calls : [.. parts.Select((_, k) => $"{names.Shared($"{part}{k + 1}")}({arguments});")], locals);
        }

        for (var k = 0; parts.Count > 1 && k < parts.Count; k++)
        {
            writer.Line();
            using (writer.Method($"private static void {names.Shared($"{part}{k + 1}")}({parameters})"))
            {
                Body(parts[k], locals);
            }
        }
    }

    private void Body(IReadOnlyList<string> calls, string[] locals)
    {
        // A local may be there only for the one after it.
        var used = new List<string>();
        foreach (var local in Enumerable.Reverse(locals))
        {
            if (calls.Concat(used).Any(c => c.Contains(local.Split(' ')[1])))
            {
                used.Insert(0, local);
            }
        }

        foreach (var local in used)
        {
            writer.Line(local);
        }

        foreach (var call in calls)
        {
            var open = call.IndexOf('(');
            writer.Call(call.Substring(0, open), [call.Substring(open + 1, call.Length - open - 3)]);
        }
    }
}
