namespace RnnCodegen.Numerics.Tests.Engines;

/// <summary>A case cannot be judged: rounding decides what any input makes of it.</summary>
public sealed class NoSuchInputException(string message) : Exception(message);
