using RnnCodegen.Tests.Training;

namespace RnnCodegen.Tests;

/// <summary>The processes that tests start; running the tests themselves is the test host's affair.</summary>
internal static class Program
{
    public static int Main(string[] arguments)
    {
        if (arguments is [KilledTraining.Command, var path])
        {
            KilledTraining.Run(path);
            return 0;
        }

        Console.Error.WriteLine("Use dotnet test.");
        return 1;
    }
}
