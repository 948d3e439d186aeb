using System.Globalization;

namespace RnnCodegen.Build;

/// <summary>For which GPUs device code is compiled: RnnCudaArchitectures.</summary>
internal static class Architectures
{
    /// <summary>One image: machine code for an architecture, or PTX.</summary>
    /// <param name="Number">E.g. 90.</param>
    /// <param name="IsMachineCode">Whether it is machine code.</param>
    public readonly record struct Image(int Number, bool IsMachineCode)
    {
        /// <summary>The end of its resource's name.</summary>
        public string Name => IsMachineCode ? $"sm_{Number}.cubin" : $"compute_{Number}.ptx";
    }

    /// <summary>Reads <c>sm_90</c> for machine code and <c>compute_90</c> for PTX.</summary>
    /// <exception cref="FormatException">It is neither.</exception>
    public static Image Parse(string word)
    {
        word = word.Trim();
        var isMachineCode = word.StartsWith("sm_", StringComparison.Ordinal);
        var number = isMachineCode ? word.Substring(3)
            : word.StartsWith("compute_", StringComparison.Ordinal) ? word.Substring(8)
            : "";
        return int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value is >= 80 and < 1000
            ? new Image(value, isMachineCode)
            : throw new FormatException(
                $"RnnCudaArchitectures has '{word}', which is neither machine code as sm_90 nor PTX as compute_90, of 80 or later");
    }
}
