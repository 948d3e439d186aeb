using Microsoft.Build.Utilities;

namespace RnnCodegen.Build;

/// <summary>How the build says what is wrong with device code.</summary>
internal static class DeviceLog
{
    private const string Help = "https://github.com/rnncodegen/rnncodegen/blob/main/docs/diagnostics.md#";

    /// <summary>An error with the page that explains it.</summary>
    public static void Error(TaskLoggingHelper log, string code, string message, string? file = null)
    {
        // Texts of others keep their lines, and nothing else that a terminal would obey.
        var visible = string.Join("\n", message.Split('\n').Select(line => VisibleText.Of(line.TrimEnd('\r'))));
        log.LogError(null, code, null, Help + code.ToLowerInvariant(), file, 0, 0, 0, 0, "{0}", visible);
    }
}
