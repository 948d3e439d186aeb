using System.Globalization;

namespace RnnCodegen.Cuda;

/// <content>Calls of the driver, with the context current and results checked.</content>
internal sealed unsafe partial class CudaDevice
{
    private static void Check(CudaDriver driver, string call, int result, string detail = "", string kernel = "", string log = "")
    {
        if (result != 0)
        {
            var (name, text) = driver.Explain(result);
            throw new CudaException(
                call, result, $"{call} failed: {name}{(text.Length == 0 ? "" : $", {text}")} ({result}){detail}.", kernel, log);
        }
    }

    private static string Spell(long bytes) => bytes.ToString("N0", CultureInfo.InvariantCulture);

    private void Enter()
    {
        ObjectDisposedException.ThrowIf(Volatile.Read(ref _isDisposed) != 0, this);
        Check(_driver, "cuCtxPushCurrent_v2", _driver.CtxPushCurrent(_context));
    }

    // The context is popped whatever the call's result, which is told first.
    private void Leave(string call, int result, string detail = "", string? kernel = null, string log = "")
    {
        nint context;
        var popped = _driver.CtxPopCurrent(&context);
        Check(_driver, call, result, detail, kernel ?? _lastKernel, log);
        Check(_driver, "cuCtxPopCurrent_v2", popped);
    }

    // A failed push would leak what nobody can free any longer, so it is tried once more.
    private bool TryEnter() => _driver.CtxPushCurrent(_context) == 0 || _driver.CtxPushCurrent(_context) == 0;

    private void TryLeave()
    {
        nint context;
        _ = _driver.CtxPopCurrent(&context);
    }
}
