namespace RnnCodegen.Tool.Models;

/// <summary>Makes names of files' names.</summary>
internal static class Names
{
    /// <summary>A class's name after a file: words with large first letters, e.g. Model1 for <c>model_1.onnx</c>.</summary>
    public static string Class(string file)
    {
        var words = new string([.. Path.GetFileNameWithoutExtension(file).Select(c => char.IsLetterOrDigit(c) ? c : ' ')])
            .Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var name = string.Concat(words.Select(w => char.ToUpperInvariant(w[0]) + w[1..]));
        return name.Length > 0 && char.IsLetter(name[0]) ? name : "Model" + name;
    }
}
