using System.Security.Cryptography;
using System.Text;

namespace RnnCodegen.Cuda;

/// <summary>
/// How machine code and PTX that a build has made of a model's device code are named among its assembly's resources:
/// <c>rnncodegen.cuda.HASH.sm_90.cubin</c> is machine code for compute capability 9.0, which later ones of the same major number run too;
/// <c>rnncodegen.cuda.HASH.compute_80.ptx</c> is PTX (text as UTF-8) for 8.0 and all later ones. HASH is that of the CUDA text.
/// </summary>
/// <remarks>A file of its own, without dependencies, so that a build task can be compiled with it.</remarks>
internal static class CudaTextHash
{
    /// <summary>The start of the names of a text's resources, with the point behind it.</summary>
    public static string Prefix(string text) => $"rnncodegen.cuda.{Of(text)}.";

    /// <summary>The first 16 bytes of SHA-256 of the text in UTF-8, in lower-case hexadecimal; line ends count as \n.</summary>
    public static string Of(string text)
    {
        // Not the one-line forms: netstandard2.0 lacks them.
#pragma warning disable CA1850
        using var sha = SHA256.Create();
        var hash = sha.ComputeHash(Encoding.UTF8.GetBytes(text.Replace("\r\n", "\n")));
#pragma warning restore CA1850
        var name = new StringBuilder(32);
        for (var i = 0; i < 16; i++)
        {
            name.Append(hash[i].ToString("x2", System.Globalization.CultureInfo.InvariantCulture));
        }

        return name.ToString();
    }
}
