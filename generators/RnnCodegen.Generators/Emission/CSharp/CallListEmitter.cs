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
    /// <param name="calls">The calls.</param>
    /// <param name="locals">All locals that calls may name, in the order of their declarations.</param>
    public void Write(string header, string part, string parameters, IReadOnlyList<string> arguments, IReadOnlyList<Call> calls,
        IReadOnlyList<Local>? locals = null)
    {
        var parts = MethodBudget.Split(calls);
        using (writer.Method(header))
        {
            Body(parts.Count == 1 ? calls : [.. parts.Select((_, k) => new Call(names.Shared($"{part}{k + 1}"), arguments))], locals ?? []);
        }

        for (var k = 0; parts.Count > 1 && k < parts.Count; k++)
        {
            writer.Line();
            using (writer.Method($"private static void {names.Shared($"{part}{k + 1}")}({parameters})"))
            {
                Body(parts[k], locals ?? []);
            }
        }
    }

    private void Body(IReadOnlyList<Call> calls, IReadOnlyList<Local> locals)
    {
        var used = new HashSet<Local>();
        foreach (var local in calls.SelectMany(c => c.Locals))
        {
            Use(local);
        }

        foreach (var local in locals.Where(used.Contains))
        {
            writer.Line(local.Declaration);
        }

        foreach (var call in calls)
        {
            call.Write(writer);
        }

        void Use(Local local)
        {
            if (used.Add(local))
            {
                foreach (var need in local.Needs)
                {
                    Use(need);
                }
            }
        }
    }
}
