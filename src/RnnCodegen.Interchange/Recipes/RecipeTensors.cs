using System.Text.RegularExpressions;

namespace RnnCodegen.Interchange;

/// <summary>The tensors of a file that belong together, by what each is in its layer.</summary>
/// <param name="Name">What their names have in common; empty where nothing does.</param>
/// <param name="Roles">The tensors: <c>kernel</c>, <c>recurrent</c>, <c>bias</c>; <c>gates.kernel</c> and the like of a GRUCell.</param>
internal sealed partial record RecipeTensors(string Name, Dictionary<string, FileTensor> Roles)
{
    /// <summary>Puts a file's tensors together by their names, in the order of the file.</summary>
    /// <param name="file">The file's name in messages.</param>
    /// <param name="tensors">The tensors.</param>
    /// <exception cref="InvalidDataException">A name does not end with what the tensor is, or two are the same.</exception>
    public static List<RecipeTensors> Group(string file, IEnumerable<FileTensor> tensors)
    {
        var groups = new List<RecipeTensors>();
        foreach (var tensor in tensors)
        {
            var match = Parts().Match(tensor.Name);
            if (!match.Success)
            {
                throw new InvalidDataException(
                    $"'{file}': the tensor '{tensor.Name}' does not end with what it is in its layer (kernel, recurrent_kernel, bias, " +
                    "weights, recurrent, embeddings, gamma, beta). Save the file with such names, a layer's name before each.");
            }

            var name = Cells().Replace(match.Groups["name"].Value, "").Trim('.', '/', '_');
            var role = match.Groups["role"].Value switch
            {
                "recurrent_kernel" or "recurrent_weights" or "recurrent" => "recurrent",
                "bias" or "biases" or "beta" => "bias",
                "gamma" => "scale",
                _ => "kernel",
            };
            role = match.Groups["part"].Value is { Length: > 0 } part ? $"{part}.{role}" : role;
            var group = groups.Find(g => g.Name == name);
            if (group is null)
            {
                groups.Add(group = new RecipeTensors(name, new Dictionary<string, FileTensor>(StringComparer.Ordinal)));
            }

            if (!group.Roles.TryAdd(role, tensor))
            {
                throw new InvalidDataException($"'{file}': '{tensor.Name}' and '{group.Roles[role].Name}' are the same part of a layer.");
            }
        }

        return groups;
    }

    /// <summary>Whether a layer is called as these tensors are, but for signs and capitals.</summary>
    public bool IsOf(string layer) => Plain(Name) is { Length: > 0 } own && Plain(layer) is { Length: > 0 } other
        && (own == other || own.EndsWith(other, StringComparison.Ordinal));

    /// <summary>The tensors in words.</summary>
    public override string ToString() => string.Join(", ", Roles.Values.Select(t => $"'{t.Name}' [{string.Join(", ", t.Shape)}]"));

    private static string Plain(string name) => string.Concat(name.Where(char.IsAsciiLetterOrDigit)).ToLowerInvariant();

    [GeneratedRegex(@"^(?<name>.*?)(?:^|[./_])(?:(?<part>gates|candidate)[./_])?(?<role>recurrent_kernel|recurrent_weights|recurrent|" +
        "kernel|weights|weight|biases|bias|embeddings|gamma|beta)(?::0)?$")]
    private static partial Regex Parts();

    /// <summary>What TensorFlow puts between a layer's name and its weights.</summary>
    [GeneratedRegex(@"[./](?:basic_)?(?:lstm|gru|rnn|simple_rnn)_cell(?:_\d+)?$|[./]cell$")]
    private static partial Regex Cells();
}
