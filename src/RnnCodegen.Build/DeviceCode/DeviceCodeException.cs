namespace RnnCodegen.Build;

/// <summary>Why a build cannot compile device code, as it reports it.</summary>
internal sealed class DeviceCodeException(string code, string message) : Exception(message)
{
    /// <summary>What the project asks for is not there or makes no sense.</summary>
    public const string WrongSetting = "RNN0305";

    /// <summary>The compiler refuses a text.</summary>
    public const string WrongText = "RNN0306";

    /// <summary>The rule, which docs/diagnostics.md explains.</summary>
    public string Code => code;
}
