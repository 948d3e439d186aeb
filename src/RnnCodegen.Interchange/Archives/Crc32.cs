namespace RnnCodegen.Interchange;

/// <summary>The check sum of zip archives (CRC-32 of IEEE 802.3), four bytes per step.</summary>
internal static class Crc32
{
    private const uint Polynomial = 0xEDB88320;
    private const int Slices = 4;

    /// <summary>Entry [s, b]: what byte b, followed by s zero bytes, does to the sum.</summary>
    private static readonly uint[] Table = MakeTable();

    /// <summary>The sum of some bytes, or of bytes that continue others.</summary>
    /// <param name="bytes">The bytes.</param>
    /// <param name="before">The sum of the bytes before them.</param>
    public static uint Of(ReadOnlySpan<byte> bytes, uint before = 0)
    {
        var sum = ~before;
        while (bytes.Length >= Slices)
        {
            sum ^= System.Buffers.Binary.BinaryPrimitives.ReadUInt32LittleEndian(bytes);
            sum = Table[0x300 + (sum & 0xFF)] ^ Table[0x200 + (sum >> 8 & 0xFF)] ^ Table[0x100 + (sum >> 16 & 0xFF)] ^ Table[sum >> 24];
            bytes = bytes[Slices..];
        }

        foreach (var value in bytes)
        {
            sum = Table[(sum ^ value) & 0xFF] ^ (sum >> 8);
        }

        return ~sum;
    }

    private static uint[] MakeTable()
    {
        var table = new uint[Slices * 256];
        for (var i = 0u; i < 256; i++)
        {
            var sum = i;
            for (var bit = 0; bit < 8; bit++)
            {
                sum = (sum & 1) == 0 ? sum >> 1 : (sum >> 1) ^ Polynomial;
            }

            table[i] = sum;
        }

        for (var i = 256; i < table.Length; i++)
        {
            table[i] = (table[i - 256] >> 8) ^ table[table[i - 256] & 0xFF];
        }

        return table;
    }
}
