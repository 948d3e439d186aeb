namespace RnnCodegen.Interchange;

/// <summary>One file of a zip archive.</summary>
/// <param name="Name">Its path in the archive, with slashes; relative, without '..'.</param>
/// <param name="Length">Its bytes once unpacked, as declared; reading holds it to that.</param>
/// <param name="Offset">Where its bytes start in the archive.</param>
/// <param name="StoredLength">The bytes it takes in the archive.</param>
/// <param name="IsDeflated">Whether those are compressed.</param>
/// <param name="CheckSum">Its CRC-32.</param>
internal sealed record SafeZipEntry(string Name, long Length, long Offset, long StoredLength, bool IsDeflated, uint CheckSum);
