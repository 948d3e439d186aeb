namespace RnnCodegen.Tool.Commands;

/// <summary>The exit code of the process.</summary>
internal enum ExitCode
{
    /// <summary>The command did what it was asked to.</summary>
    Done = 0,

    /// <summary>A model is not what it should be: outputs differ, or it says something that no annotated class can.</summary>
    Refused = 1,

    /// <summary>The command line is wrong, or a file cannot be read or written.</summary>
    Unusable = 2,
}
