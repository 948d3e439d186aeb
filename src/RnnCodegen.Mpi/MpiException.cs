namespace RnnCodegen;

/// <summary>MPI cannot be started, or a call of it failed.</summary>
public sealed class MpiException : Exception
{
    internal MpiException(string message)
        : base(message)
    {
    }

    internal MpiException(string call, int code, int rank, string text)
        : base($"{call} failed on rank {rank}: {text} (code {code}).") => (Call, Code, Rank) = (call, code, rank);

    /// <summary>The function that failed, e.g. <c>MPI_Allreduce</c>; empty where MPI was not started.</summary>
    public string Call { get; } = "";

    /// <summary>Its error code; 0 where MPI was not started.</summary>
    public int Code { get; }

    /// <summary>The rank it failed on; -1 where MPI was not started.</summary>
    public int Rank { get; } = -1;
}
