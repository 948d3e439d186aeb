namespace RnnCodegen.Cuda;

/// <summary>Device code as the driver loads it.</summary>
/// <param name="Bytes">Machine code, or PTX as UTF-8.</param>
/// <param name="Origin">Where it is from, for people.</param>
internal sealed record CudaImage(byte[] Bytes, string Origin);
