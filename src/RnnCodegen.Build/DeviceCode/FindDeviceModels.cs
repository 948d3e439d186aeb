using System.Text.RegularExpressions;
using Microsoft.Build.Framework;
using Microsoft.Build.Utilities;

namespace RnnCodegen.Build;

/// <summary>
/// Whether there is device code to be compiled. Where there is no compiler, the build says so, and the text alone ships.
/// </summary>
public sealed class FindDeviceModels : Microsoft.Build.Utilities.Task
{
    private static readonly Regex s_asks = new(@"\bCuda\s*=\s*[^=\s]", RegexOptions.CultureInvariant);

    /// <summary>The project's sources.</summary>
    public ITaskItem[] Sources { get; set; } = [];

    /// <summary>Whether all models have device code: the sources need not be read.</summary>
    public bool IsAll { get; set; }

    /// <summary>The compiler that the project names; empty for none.</summary>
    public string Nvrtc { get; set; } = "";

    /// <summary>Whether the compiler is to make what it can.</summary>
    [Output]
    public bool IsNeeded { get; private set; }

    /// <inheritdoc/>
    public override bool Execute()
    {
        if (!IsAll && !Sources.Any(Asks))
        {
            return true;
        }

        if (NvrtcCompiler.Find(Nvrtc, Environment.GetEnvironmentVariable, out var reason) is not null)
        {
            IsNeeded = true;
        }
        else if (Nvrtc.Length > 0)
        {
            DeviceLog.Error(Log, DeviceCodeException.WrongSetting, $"RnnNvrtc cannot be used: {reason}");
        }
        else
        {
            Log.LogMessage(MessageImportance.High, "{0}",
                "RnnCodegen: the CUDA code of this project's models ships as text, which needs NVRTC on the machines that run it, as " +
                $"here it cannot be compiled. {VisibleText.Of(reason)}. RnnNvrtc or RNNCODEGEN_NVRTC may name it; RnnCudaCompile=false " +
                "is for those who want the text alone.");
        }

        return !Log.HasLoggedErrors;
    }

    private static bool Asks(ITaskItem source)
    {
        try
        {
            return s_asks.IsMatch(DeviceText.Read(source.GetMetadata("FullPath")));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            // The compiler says it.
            return false;
        }
    }
}
