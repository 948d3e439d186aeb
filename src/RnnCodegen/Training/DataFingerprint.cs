using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace RnnCodegen;

/// <summary>Tells whether two sets hold the same samples in the same order.</summary>
internal static class DataFingerprint
{
    /// <summary>Number of samples, and a SHA-256 of all their steps, inputs, targets and weights.</summary>
    public static string Of(TrainingSet? set)
    {
        if (set is null)
        {
            return "none";
        }

        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        for (var i = 0; i < set.Count; i++)
        {
            var sample = set[i];
            Add(hash, [sample.Steps, sample.Values.Length, sample.Ids.Length, BitConverter.SingleToInt32Bits(sample.Weight)]);
            Add(hash, sample.Rows.Span);
            Add(hash, sample.Tokens.Span);
            Add(hash, sample.Values.Span);
            Add(hash, sample.Ids.Span);
        }

        return $"{set.Count} samples, SHA-256 {Convert.ToHexStringLower(hash.GetHashAndReset())}";
    }

    private static void Add<T>(IncrementalHash hash, ReadOnlySpan<T> values)
        where T : unmanaged => hash.AppendData(MemoryMarshal.AsBytes(values));
}
