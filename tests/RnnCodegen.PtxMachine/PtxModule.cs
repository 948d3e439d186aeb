using System.Globalization;
using System.Text.RegularExpressions;

namespace RnnCodegen.PtxMachine;

/// <summary>The kernels of a PTX text. Module variables of the global and constant space are allocated when it is loaded.</summary>
public sealed partial class PtxModule
{
    private readonly Dictionary<string, PtxKernel> _kernels = [];
    private readonly DeviceMemory _memory;
    private readonly List<ulong> _allocated = [];

    private PtxModule(DeviceMemory memory) => _memory = memory;

    /// <summary>Names of the kernels.</summary>
    public IEnumerable<string> KernelNames => _kernels.Keys;

    /// <summary>A kernel by its name.</summary>
    /// <exception cref="KeyNotFoundException">There is none.</exception>
    public PtxKernel this[string name] => _kernels.TryGetValue(name, out var kernel)
        ? kernel
        : throw new KeyNotFoundException($"The module has no kernel '{name}'; it has {string.Join(", ", _kernels.Keys)}.");

    /// <summary>Whether there is a kernel of that name.</summary>
    public bool Has(string name) => _kernels.ContainsKey(name);

    /// <summary>Reads a text.</summary>
    /// <exception cref="PtxFault">Something in it is not known to the machine.</exception>
    public static PtxModule Load(string text, DeviceMemory memory)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentNullException.ThrowIfNull(memory);
        var plain = Comments().Replace(text, " ");
        var module = new PtxModule(memory);
        var variables = new Dictionary<string, ulong>();
        var dynamics = new Dictionary<string, int>();
        for (var at = 0; at < plain.Length;)
        {
            if (char.IsWhiteSpace(plain[at]))
            {
                at++;
            }
            else if (Entry().Match(plain, at) is { Success: true } entry && entry.Index == at)
            {
                var open = plain.IndexOf('{', at);
                var end = CloseOf(plain, open);
                var kernel = new KernelReader(entry.Groups["name"].Value, variables, dynamics)
                    .Read(plain[at..open], plain[(open + 1)..end]);
                module._kernels.Add(kernel.Name, kernel);
                at = end + 1;
            }
            else if (Variable().Match(plain, at) is { Success: true } variable && variable.Index == at)
            {
                module._allocated.Add(variables[variable.Groups["name"].Value] = Allocate(variable, memory));
                at = variable.Index + variable.Length;
            }
            else if (DynamicShared().Match(plain, at) is { Success: true } dynamic && dynamic.Index == at)
            {
                dynamics[dynamic.Groups["name"].Value] = int.Parse(dynamic.Groups["align"].Value, CultureInfo.InvariantCulture);
                at = dynamic.Index + dynamic.Length;
            }
            else
            {
                // .version, .target, .address_size: each has its line.
                var line = plain.IndexOf('\n', at);
                var directive = plain[at..(line < 0 ? plain.Length : line)].Trim();
                if (!new[] { ".version", ".target", ".address_size" }.Any(known => directive.StartsWith(known, StringComparison.Ordinal)))
                {
                    throw new PtxFault(FaultKind.Unsupported, $"'{directive}'");
                }

                at = line < 0 ? plain.Length : line + 1;
            }
        }

        return module;
    }

    /// <summary>Frees the module's variables.</summary>
    public void Unload()
    {
        _allocated.ForEach(_memory.Free);
        _allocated.Clear();
    }

    /// <summary>The brace that closes the one at an index.</summary>
    internal static int CloseOf(string text, int open)
    {
        var depth = 0;
        for (var i = open; i < text.Length; i++)
        {
            depth += text[i] switch { '{' => 1, '}' => -1, _ => 0 };
            if (depth == 0)
            {
                return i;
            }
        }

        throw new PtxFault(FaultKind.Unsupported, "a brace is not closed");
    }

    private static ulong Allocate(Match variable, DeviceMemory memory)
    {
        var type = PtxTypes.Find(variable.Groups["type"].Value)!.Value;
        var size = PtxTypes.Size(type);
        var count = variable.Groups["count"].Value is { Length: > 0 } given ? int.Parse(given, CultureInfo.InvariantCulture) : 1;
        var address = memory.Allocate(size * count, variable.Groups["name"].Value);
        var bytes = new byte[size * count];
        var values = variable.Groups["values"].Value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        for (var i = 0; i < values.Length; i++)
        {
            BitConverter.GetBytes(KernelReader.Constant(values[i])!.Value).AsSpan(0, size).CopyTo(bytes.AsSpan(i * size));
        }

        // Variables without a value start as zeros.
        memory.Write<byte>(address, bytes);
        return address;
    }

    [GeneratedRegex(@"//[^\n]*|/\*.*?\*/", RegexOptions.Singleline)]
    private static partial Regex Comments();

    [GeneratedRegex(@"(\.visible\s+|\.weak\s+)?\.entry\s+(?<name>[\w$]+)")]
    private static partial Regex Entry();

    [GeneratedRegex(
        @"(\.visible\s+|\.extern\s+)?\.(global|const)\s+(\.align\s+\d+\s+)?\.(?<type>\w+)\s+(?<name>[\w$]+)(\[(?<count>\d+)\])?"
        + @"(\s*=\s*\{?(?<values>[^;}]*)\}?)?\s*;")]
    private static partial Regex Variable();

    [GeneratedRegex(@"\.extern\s+\.shared\s+\.align\s+(?<align>\d+)\s+\.\w+\s+(?<name>[\w$]+)\[\]\s*;")]
    private static partial Regex DynamicShared();
}
