using System.Buffers.Binary;
using System.Globalization;
using System.Numerics;
using System.Runtime.InteropServices;

namespace RnnCodegen;

/// <summary>
/// Tells contents apart that are not the same by accident: 128 bits, without the cryptography of the platform, which needs a native
/// library. Each word changes the state reversibly, so a change of one word is always seen. Not a guard against forgery.
/// </summary>
internal sealed class ContentHash
{
    private ulong _a = 0x9E3779B97F4A7C15;
    private ulong _b = 0xC2B2AE3D27D4EB4F;

    /// <summary>Adds bytes, and how many they are.</summary>
    public void Append(ReadOnlySpan<byte> data)
    {
        Add((ulong)data.Length);
        for (; data.Length >= sizeof(ulong); data = data[sizeof(ulong)..])
        {
            Add(BinaryPrimitives.ReadUInt64LittleEndian(data));
        }

        Span<byte> rest = stackalloc byte[sizeof(ulong)];
        rest.Clear();
        data.CopyTo(rest);
        Add(BinaryPrimitives.ReadUInt64LittleEndian(rest));
    }

    /// <summary>Adds values.</summary>
    public void Append<T>(ReadOnlySpan<T> values)
        where T : unmanaged => Append(MemoryMarshal.AsBytes(values));

    /// <summary>The hash of all that was added, in hexadecimal.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Mix(_a):x16}{Mix(_b ^ _a):x16}");

    private void Add(ulong word)
    {
        _a = BitOperations.RotateLeft((_a ^ word) * 0x9FB21C651E98DF25, 29);
        _b = BitOperations.RotateLeft((_b + word) * 0xD6E8FEB86659FD93, 37);
    }

    private static ulong Mix(ulong x)
    {
        x = (x ^ (x >> 32)) * 0xD6E8FEB86659FD93;
        x = (x ^ (x >> 32)) * 0x9FB21C651E98DF25;
        return x ^ (x >> 32);
    }
}
