using System.Runtime.InteropServices;

namespace RnnCodegen;

/// <summary>How an MPI's binaries spell the few handles and constants that are used here: a row a family.</summary>
internal sealed record MpiAbi
{
    /// <summary>The standard ABI of MPI 5: small integers in pointers (MPI 5.0, chapter 20).</summary>
    public static MpiAbi Standard { get; } = new()
    {
        Name = "the standard ABI of MPI 5",
        Libraries = ["libmpi_abi.so.0", "libmpi_abi.so"],
        Package = "MPICH 4.3 or Open MPI 6, or later",
        World = _ => 0x101,
        ErrorsReturn = _ => 0x142,
        Float = _ => 0x210,
        Byte = _ => 0x247,
        Sum = _ => 0x21,
        InPlace = 1,
        ThreadSerialized = 2048,
    };

    /// <summary>Open MPI: handles are addresses of objects that the library exports.</summary>
    public static MpiAbi OpenMpi { get; } = new()
    {
        Name = "Open MPI",
        Libraries = ["libmpi.so.40"],
        Package = "openmpi-bin (Debian, Ubuntu) or openmpi",
        World = Address("ompi_mpi_comm_world"),
        ErrorsReturn = Address("ompi_mpi_errors_return"),
        Float = Address("ompi_mpi_float"),
        Byte = Address("ompi_mpi_byte"),
        Sum = Address("ompi_mpi_op_sum"),
        InPlace = 1,
        ThreadSerialized = 2,
    };

    /// <summary>MPICH and those that share its ABI (Intel MPI, MVAPICH, Cray): handles are the integers of its mpi.h.</summary>
    public static MpiAbi Mpich { get; } = new()
    {
        Name = "MPICH",
        Libraries = ["libmpich.so.12", "libmpi.so.12"],
        Package = "mpich (Debian, Ubuntu)",
        World = _ => 0x44000000,
        ErrorsReturn = _ => 0x54000001,
        Float = _ => 0x4c00040a,
        Byte = _ => 0x4c00010d,
        Sum = _ => 0x58000003,
        InPlace = -1,
        ThreadSerialized = 2,
    };

    public required string Name { get; init; }

    /// <summary>File names, the likeliest first.</summary>
    public required string[] Libraries { get; init; }

    /// <summary>The package to install.</summary>
    public required string Package { get; init; }

    /// <summary>MPI_COMM_WORLD in a loaded library.</summary>
    public required Func<nint, nint> World { get; init; }

    /// <summary>MPI_ERRORS_RETURN.</summary>
    public required Func<nint, nint> ErrorsReturn { get; init; }

    /// <summary>MPI_FLOAT.</summary>
    public required Func<nint, nint> Float { get; init; }

    /// <summary>MPI_BYTE.</summary>
    public required Func<nint, nint> Byte { get; init; }

    /// <summary>MPI_SUM.</summary>
    public required Func<nint, nint> Sum { get; init; }

    /// <summary>MPI_IN_PLACE.</summary>
    public required nint InPlace { get; init; }

    /// <summary>MPI_THREAD_SERIALIZED: calls from any thread, one at a time.</summary>
    public required int ThreadSerialized { get; init; }

    /// <summary>The row of a library that its user named.</summary>
    public static MpiAbi Of(nint library, string path) =>
        Path.GetFileName(path).Contains("mpi_abi", StringComparison.Ordinal) ? Standard
        : NativeLibrary.TryGetExport(library, "ompi_mpi_comm_world", out _) ? OpenMpi
        : Mpich;

    private static Func<nint, nint> Address(string symbol) => library => NativeLibrary.GetExport(library, symbol);
}
