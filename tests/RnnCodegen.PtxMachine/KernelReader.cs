using System.Globalization;
using System.Text.RegularExpressions;

namespace RnnCodegen.PtxMachine;

/// <summary>Reads the text of one kernel.</summary>
internal sealed partial class KernelReader(
    string name, IReadOnlyDictionary<string, ulong> variables, IReadOnlyDictionary<string, int> dynamics)
{
    private readonly PtxKernel _kernel = new(name);
    private readonly List<Dictionary<string, int>> _scopes = [[]];
    private readonly Dictionary<string, int> _labels = [];
    private readonly Dictionary<string, (int Offset, int Size)> _parameters = [];
    private readonly Dictionary<string, int> _shared = [];
    private readonly Dictionary<string, int> _local = [];
    private readonly Dictionary<string, int> _preset = [];

    /// <summary>Reads header and body.</summary>
    public PtxKernel Read(string header, string body)
    {
        ReadHeader(header);
        var statements = Statements(body).ToArray();
        var count = 0;
        foreach (var statement in statements)
        {
            if (statement.EndsWith(':'))
            {
                _labels.Add(statement[..^1], count);
            }
            else if (statement is not ("{" or "}") && statement[0] != '.')
            {
                count++;
            }
        }

        foreach (var statement in statements)
        {
            ReadStatement(statement);
        }

        return _kernel;
    }

    /// <summary>A constant's bits; null where the text is none.</summary>
    public static ulong? Constant(string text) => text switch
    {
        ['0', 'f' or 'F', .. var single] => ulong.Parse(single, NumberStyles.HexNumber, CultureInfo.InvariantCulture),
        ['0', 'd' or 'D', .. var wide] => ulong.Parse(wide, NumberStyles.HexNumber, CultureInfo.InvariantCulture),
        ['0', 'x' or 'X', .. var hex] => ulong.Parse(hex, NumberStyles.HexNumber, CultureInfo.InvariantCulture),
        ['-', ..] when long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) => (ulong)value,
        _ => ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value : null,
    };

    /// <summary>An operand that is read.</summary>
    public Operand Source(string text)
    {
        if (Constant(text) is { } bits)
        {
            return new(-1, bits);
        }

        if (variables.TryGetValue(text, out var address))
        {
            return new(-1, address);
        }

        return new(RegisterOf(text), 0);
    }

    /// <summary>The register that is written; -1 for none, which is spelled _.</summary>
    public int Target(string text) => text == "_" ? -1 : RegisterOf(text);

    /// <summary>Where a label stands.</summary>
    public int Label(string text) => _labels.TryGetValue(text, out var place)
        ? place
        : throw new PtxFault(FaultKind.Unsupported, $"no label '{text}' in {name}");

    /// <summary>The address within brackets: a base and an offset.</summary>
    public (Operand Base, long Offset) Address(string text)
    {
        var match = AddressText().Match(text);
        if (!match.Success)
        {
            throw new PtxFault(FaultKind.Unsupported, $"the address {text}");
        }

        var offset = match.Groups["offset"].Value is { Length: > 0 } given ? long.Parse(given, CultureInfo.InvariantCulture) : 0;
        var start = match.Groups["base"].Value;
        return _parameters.TryGetValue(start, out var parameter) ? (new(-1, (ulong)parameter.Offset), offset) : (Source(start), offset);
    }

    private void ReadHeader(string header)
    {
        var offset = 0;
        foreach (Match parameter in ParameterText().Matches(header))
        {
            var type = PtxTypes.Find(parameter.Groups["type"].Value)!.Value;
            var align = parameter.Groups["align"].Value is { Length: > 0 } given
                ? int.Parse(given, CultureInfo.InvariantCulture)
                : PtxTypes.Size(type);
            var count = parameter.Groups["count"].Value is { Length: > 0 } many ? int.Parse(many, CultureInfo.InvariantCulture) : 1;
            offset = (offset + align - 1) / align * align;
            _parameters.Add(parameter.Groups["name"].Value, (offset, count * PtxTypes.Size(type)));
            _kernel.ParameterList.Add((offset, count * PtxTypes.Size(type)));
            offset += count * PtxTypes.Size(type);
        }

        _kernel.ParameterBytes = offset;
        if (Numbers(header, ".reqnctapercluster") is { } cluster)
        {
            int[] all = [.. cluster, 1, 1];
            _kernel.ClusterSize = (all[0], all[1], all[2]);
        }

        _kernel.MaxThreads = (Numbers(header, ".maxntid") ?? Numbers(header, ".reqntid"))?.Aggregate(1, (product, n) => product * n);

        static int[]? Numbers(string header, string directive) =>
            Regex.Match(header, Regex.Escape(directive) + @"\s+([\d,\s]+)") is { Success: true } match
                ? [.. match.Groups[1].Value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
                    .Select(text => int.Parse(text, CultureInfo.InvariantCulture))]
                : null;
    }

    private void ReadStatement(string statement)
    {
        switch (statement)
        {
            case "{":
                _scopes.Add([]);
                return;
            case "}":
                _scopes.RemoveAt(_scopes.Count - 1);
                return;
            case [.., ':']:
                return;
            case ['.', ..]:
                Declare(statement);
                return;
        }

        var match = InstructionText().Match(statement);
        if (!match.Success)
        {
            throw new PtxFault(FaultKind.Unsupported, $"'{statement}'");
        }

        var instruction = Decoder.Decode(this, match.Groups["name"].Value.Split('.'), Split(match.Groups["operands"].Value), statement);
        if (match.Groups["guard"].Value is { Length: > 0 } guard)
        {
            var (isNot, predicate) = (guard[0] == '!', RegisterOf(guard.TrimStart('!')));
            var inner = instruction;
            instruction = thread =>
            {
                if (thread.Registers[predicate] != 0 != isNot)
                {
                    inner(thread);
                }
                else
                {
                    thread.Next++;
                }
            };
        }

        _kernel.Add(statement, instruction);
    }

    private void Declare(string statement)
    {
        if (RegisterText().Match(statement) is { Success: true } registers)
        {
            foreach (var declared in registers.Groups["names"].Value.Split(',', StringSplitOptions.TrimEntries))
            {
                var range = RangeText().Match(declared);
                var names = range.Success
                    ? Enumerable.Range(0, int.Parse(range.Groups["count"].Value, CultureInfo.InvariantCulture))
                        .Select(i => $"{range.Groups["prefix"].Value}{i}")
                    : [declared];
                foreach (var register in names)
                {
                    _scopes[^1][register] = _kernel.Registers++;
                }
            }
        }
        else if (ArrayText().Match(statement) is { Success: true } array)
        {
            var align = array.Groups["align"].Value is { Length: > 0 } given ? int.Parse(given, CultureInfo.InvariantCulture) : 1;
            var count = array.Groups["count"].Value is { Length: > 0 } many ? int.Parse(many, CultureInfo.InvariantCulture) : 1;
            var size = count * PtxTypes.Size(PtxTypes.Find(array.Groups["type"].Value)!.Value);
            var isShared = array.Groups["space"].Value == "shared";
            var start = ((isShared ? _kernel.SharedBytes : _kernel.LocalBytes) + align - 1) / align * align;
            (isShared ? _shared : _local).Add(array.Groups["name"].Value, start);
            (_kernel.SharedBytes, _kernel.LocalBytes) = isShared ? (start + size, _kernel.LocalBytes) : (_kernel.SharedBytes, start + size);
        }
        else if (!statement.StartsWith(".pragma", StringComparison.Ordinal) && !statement.StartsWith(".loc", StringComparison.Ordinal))
        {
            throw new PtxFault(FaultKind.Unsupported, $"'{statement}'");
        }
    }

    private int RegisterOf(string text)
    {
        for (var scope = _scopes.Count - 1; scope >= 0; scope--)
        {
            if (_scopes[scope].TryGetValue(text, out var register))
            {
                return register;
            }
        }

        if (dynamics.TryGetValue(text, out var align))
        {
            _kernel.DynamicAlign = Math.Max(_kernel.DynamicAlign, align);
            return PresetOf(text, thread => ((ulong)thread.Block.Rank << PtxCluster.RankShift) + (ulong)_kernel.DynamicStart);
        }

        return PresetOf(text, Special.Find(text)
            ?? (_shared.TryGetValue(text, out var shared) ? thread => ((ulong)thread.Block.Rank << PtxCluster.RankShift) + (ulong)shared
                : _local.TryGetValue(text, out var local) ? _ => (ulong)local
                : throw new PtxFault(FaultKind.Unsupported, $"'{text}' in {name}")));
    }

    private int PresetOf(string text, Func<PtxThread, ulong> value)
    {
        if (!_preset.TryGetValue(text, out var register))
        {
            register = _kernel.Registers++;
            _preset.Add(text, register);
            _kernel.Preset.Add((register, value));
        }

        return register;
    }

    private static IEnumerable<string> Statements(string body)
    {
        var start = 0;
        var inOperand = false;
        for (var i = 0; i < body.Length; i++)
        {
            // A brace within a statement encloses a vector of registers.
            if (body[i] is '{' or '}' && !inOperand && string.IsNullOrWhiteSpace(body[start..i]))
            {
                yield return body[i].ToString();
                (start, inOperand) = (i + 1, false);
            }
            else if (body[i] == ';')
            {
                if (body[start..i].Trim() is { Length: > 0 } statement)
                {
                    yield return statement;
                }

                (start, inOperand) = (i + 1, false);
            }
            else if (body[i] == ':' && LabelText().IsMatch(body[start..i].Trim()))
            {
                yield return body[start..(i + 1)].Trim();
                (start, inOperand) = (i + 1, false);
            }
            else if (!char.IsWhiteSpace(body[i]))
            {
                inOperand = true;
            }
        }
    }

    // Splits at commas outside brackets and braces.
    private static string[] Split(string operands)
    {
        var parts = new List<string>();
        var (depth, start) = (0, 0);
        for (var i = 0; i <= operands.Length; i++)
        {
            if (i == operands.Length || (operands[i] == ',' && depth == 0))
            {
                if (operands[start..i].Trim() is { Length: > 0 } part)
                {
                    parts.Add(part);
                }

                start = i + 1;
            }
            else
            {
                depth += operands[i] switch { '{' or '[' => 1, '}' or ']' => -1, _ => 0 };
            }
        }

        return [.. parts];
    }

    [GeneratedRegex(@"\.param\s+(\.align\s+(?<align>\d+)\s+)?\.(?<type>\w+)\s+(\.ptr[^,)]*?\s+)?(?<name>[\w$]+)(\[(?<count>\d+)\])?")]
    private static partial Regex ParameterText();

    [GeneratedRegex(@"^(@(?<guard>!?[%\w]+)\s+)?(?<name>[\w.:]+)\s*(?<operands>.*)$", RegexOptions.Singleline)]
    private static partial Regex InstructionText();

    [GeneratedRegex(@"^\.reg\s+\.\w+\s+(?<names>.+)$", RegexOptions.Singleline)]
    private static partial Regex RegisterText();

    [GeneratedRegex(@"^(?<prefix>[%\w$]+)<(?<count>\d+)>$")]
    private static partial Regex RangeText();

    [GeneratedRegex(@"^\.(?<space>shared|local)\s+(\.align\s+(?<align>\d+)\s+)?\.(?<type>\w+)\s+(?<name>[\w$]+)(\[(?<count>\d+)\])?$")]
    private static partial Regex ArrayText();

    [GeneratedRegex(@"^\[\s*(?<base>[%\w$]+)\s*(\+\s*(?<offset>-?\d+))?\s*\]$")]
    private static partial Regex AddressText();

    [GeneratedRegex(@"^[\w$]+$")]
    private static partial Regex LabelText();
}
