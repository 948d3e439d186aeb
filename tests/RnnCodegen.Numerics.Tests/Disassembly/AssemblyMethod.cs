using System.Text.RegularExpressions;

namespace RnnCodegen.Numerics.Tests.Disassembly;

/// <summary>A method's listing.</summary>
/// <param name="Name">Class and method.</param>
/// <param name="Lines">Labels and instructions.</param>
/// <param name="Frame">The registers that point into the stack.</param>
internal sealed partial record AssemblyMethod(string Name, IReadOnlyList<string> Lines, string Frame)
{
    /// <summary>
    /// The innermost loops that multiply a value from memory with a vector: those over k. Loops over a vector's units have constants only.
    /// </summary>
    public IEnumerable<IReadOnlyList<string>> ProductLoops =>
        InnermostLoops().Where(loop => loop.Any(MultiplyAdd().IsMatch) && loop.Any(Broadcast().IsMatch));

    /// <summary>The vectors that a loop keeps on the stack for want of registers.</summary>
    public IEnumerable<string> Spills(IReadOnlyList<string> loop) =>
        loop.Where(line => Regex.IsMatch(line, $@"mmword ptr \[(?:{Frame})\b"));

    /// <summary>The methods of a listing.</summary>
    public static IReadOnlyList<AssemblyMethod> Parse(IEnumerable<string> listing)
    {
        var methods = new List<AssemblyMethod>();
        foreach (var line in listing)
        {
            if (Title().Match(line) is { Success: true } title)
            {
                methods.Add(new AssemblyMethod(title.Groups[1].Value, new List<string>(), "rsp"));
            }
            else if (line == "; rbp based frame")
            {
                methods[^1] = methods[^1] with { Frame = "rsp|rbp" };
            }
            else if (methods.Count > 0 && line.Length > 0 && line[0] != ';')
            {
                ((List<string>)methods[^1].Lines).Add(line.Trim());
            }
        }

        return methods;
    }

    private IEnumerable<IReadOnlyList<string>> InnermostLoops()
    {
        var labels = Enumerable.Range(0, Lines.Count)
            .Select(k => (Match: Label().Match(Lines[k]), Line: k))
            .Where(l => l.Match.Success)
            .ToDictionary(l => l.Match.Groups[1].Value, l => l.Line);
        var loops = (
            from last in Enumerable.Range(0, Lines.Count)
            let jump = Jump().Match(Lines[last])
            where jump.Success
            let first = labels[jump.Groups[1].Value]
            where first <= last
            select (First: first, Last: last)).ToList();
        return loops
            .Where(outer => !loops.Any(inner => inner != outer && outer.First <= inner.First && inner.Last <= outer.Last))
            .Select(loop => Lines.Skip(loop.First).Take(loop.Last - loop.First + 1).ToList());
    }

    [GeneratedRegex(@"^; Assembly listing for method (\S+?)\(")]
    private static partial Regex Title();

    [GeneratedRegex(@"^(G_M\w+):")]
    private static partial Regex Label();

    [GeneratedRegex(@"^j\w+\s+(?:SHORT )?(G_M\w+)$")]
    private static partial Regex Jump();

    [GeneratedRegex(@"^v(?:fmadd|fnmadd|pdp)")]
    private static partial Regex MultiplyAdd();

    // One number for all lanes, found by a register; constants have an address of their own.
    [GeneratedRegex(@"^vp?broadcast\w+\s.*ptr \[r(?!eloc)|\[r(?!eloc)[^\]]*\]\s?\{1to")]
    private static partial Regex Broadcast();
}
