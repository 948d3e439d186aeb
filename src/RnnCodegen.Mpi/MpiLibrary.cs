using System.Runtime.InteropServices;
using System.Text;

namespace RnnCodegen;

/// <summary>A loaded MPI: its entry points and handles.</summary>
internal sealed unsafe class MpiLibrary
{
    // Larger than the longest text of any of them (MPI_MAX_LIBRARY_VERSION_STRING is 8192).
    private const int TextLength = 16 * 1024;

    private readonly delegate* unmanaged[Cdecl]<int*, byte***, int, int*, int> _initThread;
    private readonly delegate* unmanaged[Cdecl]<int*, int> _initialized;
    private readonly delegate* unmanaged[Cdecl]<int> _finalize;
    private readonly delegate* unmanaged[Cdecl]<nint, int*, int> _rank;
    private readonly delegate* unmanaged[Cdecl]<nint, int*, int> _size;
    private readonly delegate* unmanaged[Cdecl]<nint, nint, int> _setErrorHandler;
    private readonly delegate* unmanaged[Cdecl]<int, byte*, int*, int> _errorString;
    private readonly delegate* unmanaged[Cdecl]<byte*, int*, int> _version;
    private readonly delegate* unmanaged[Cdecl]<nint, int, int> _abort;
    private readonly delegate* unmanaged[Cdecl]<void*, int, nint, int, nint, int> _broadcast;
    private readonly delegate* unmanaged[Cdecl]<void*, void*, int, nint, nint, nint, int> _allReduce;
    private readonly delegate* unmanaged[Cdecl]<void*, int, nint, void*, int, nint, nint, int> _allGather;
    private readonly delegate* unmanaged[Cdecl]<void*, int, nint, void*, int, nint, nint, int> _allToAll;
    private readonly MpiAbi _abi;
    private readonly (nint World, nint Float, nint Byte, nint Sum) _handles;
    private readonly nint _errorsReturn;

    private MpiLibrary(nint library, MpiAbi abi)
    {
        _abi = abi;
        _initThread = (delegate* unmanaged[Cdecl]<int*, byte***, int, int*, int>)Entry("MPI_Init_thread");
        _initialized = (delegate* unmanaged[Cdecl]<int*, int>)Entry("MPI_Initialized");
        _finalize = (delegate* unmanaged[Cdecl]<int>)Entry("MPI_Finalize");
        _rank = (delegate* unmanaged[Cdecl]<nint, int*, int>)Entry("MPI_Comm_rank");
        _size = (delegate* unmanaged[Cdecl]<nint, int*, int>)Entry("MPI_Comm_size");
        _setErrorHandler = (delegate* unmanaged[Cdecl]<nint, nint, int>)Entry("MPI_Comm_set_errhandler");
        _errorString = (delegate* unmanaged[Cdecl]<int, byte*, int*, int>)Entry("MPI_Error_string");
        _version = (delegate* unmanaged[Cdecl]<byte*, int*, int>)Entry("MPI_Get_library_version");
        _abort = (delegate* unmanaged[Cdecl]<nint, int, int>)Entry("MPI_Abort");
        _broadcast = (delegate* unmanaged[Cdecl]<void*, int, nint, int, nint, int>)Entry("MPI_Bcast");
        _allReduce = (delegate* unmanaged[Cdecl]<void*, void*, int, nint, nint, nint, int>)Entry("MPI_Allreduce");
        _allGather = (delegate* unmanaged[Cdecl]<void*, int, nint, void*, int, nint, nint, int>)Entry("MPI_Allgather");
        _allToAll = (delegate* unmanaged[Cdecl]<void*, int, nint, void*, int, nint, nint, int>)Entry("MPI_Alltoall");
        _handles = (abi.World(library), abi.Float(library), abi.Byte(library), abi.Sum(library));
        _errorsReturn = abi.ErrorsReturn(library);

        nint Entry(string name) => NativeLibrary.GetExport(library, name);
    }

    /// <summary>The first line of the library's own version text; known before MPI is started.</summary>
    public string Version
    {
        get
        {
            var text = stackalloc byte[TextLength];
            int length;
            return _version(text, &length) == 0 ? Encoding.UTF8.GetString(text, length).Split('\n', 2)[0].Trim('\0', ' ', ',') : _abi.Name;
        }
    }

    /// <summary>The family whose handles it has.</summary>
    public string Family => _abi.Name;

    /// <summary>This process's rank once MPI is started; -1 before.</summary>
    public int Rank { get; private set; } = -1;

    public int Size { get; private set; } = 1;

    /// <summary>Loads a library by name; null where there is none, or it is no MPI.</summary>
    /// <param name="name">A file's name or path.</param>
    /// <param name="abi">Its family; found out where null.</param>
    /// <param name="fault">Why not.</param>
    public static MpiLibrary? TryLoad(string name, MpiAbi? abi, out string fault)
    {
        fault = "";
        try
        {
            var library = NativeLibrary.Load(name);
            return new MpiLibrary(library, abi ?? MpiAbi.Of(library, name));
        }
        catch (Exception e) when (e is DllNotFoundException or BadImageFormatException or EntryPointNotFoundException)
        {
            fault = e.Message.Split('\n')[0];
            return null;
        }
    }

    /// <summary>Starts MPI for calls from any thread, one at a time; errors become exceptions from here on.</summary>
    /// <returns>Whether this call started it, rather than something before it.</returns>
    public bool Start()
    {
        int initialized, provided, rank, size;
        Require("MPI_Initialized", _initialized(&initialized));
        if (initialized == 0)
        {
            Require("MPI_Init_thread", _initThread(null, null, _abi.ThreadSerialized, &provided));
            if (provided < _abi.ThreadSerialized)
            {
                throw new MpiException(
                    $"{Version} takes calls from one thread only, but a trainer may run on any: use an MPI that was built with " +
                    "thread support.");
            }
        }

        Require("MPI_Comm_set_errhandler", _setErrorHandler(_handles.World, _errorsReturn));
        Require("MPI_Comm_rank", _rank(_handles.World, &rank));
        Require("MPI_Comm_size", _size(_handles.World, &size));
        (Rank, Size) = (rank, size);
        return initialized == 0;
    }

    public void Finish() => Require("MPI_Finalize", _finalize());

    public void Abort(int code) => _ = _abort(_handles.World, code);

    public void Broadcast(void* data, int bytes) => Require("MPI_Bcast", _broadcast(data, bytes, _handles.Byte, 0, _handles.World));

    public void AllReduceSum(float* values, int count) =>
        Require("MPI_Allreduce", _allReduce((void*)_abi.InPlace, values, count, _handles.Float, _handles.Sum, _handles.World));

    public void AllGather(void* mine, int bytes, void* all) =>
        Require("MPI_Allgather", _allGather(mine, bytes, _handles.Byte, all, bytes, _handles.Byte, _handles.World));

    public void AllToAll(float* mine, int count, float* received) =>
        Require("MPI_Alltoall", _allToAll(mine, count, _handles.Float, received, count, _handles.Float, _handles.World));

    private void Require(string call, int code)
    {
        if (code == 0)
        {
            return;
        }

        var text = stackalloc byte[TextLength];
        int length;
        var known = _errorString(code, text, &length) == 0;
        throw new MpiException(call, code, Rank, known ? Encoding.UTF8.GetString(text, length).Trim('\0', ' ', '\n') : "an unknown error");
    }
}
