namespace RnnCodegen.Aot.Tests;

/// <summary>Weights inside the assembly: read where they are, right by their golden pair, and copied when they are changed.</summary>
static class EmbeddedCheck
{
    /// <summary>Prints a line a check; returns how many failed.</summary>
    public static int Run()
    {
        var report = new Report(nameof(EmbeddedLstm));
        var model = EmbeddedLstm.LoadEmbedded();
        var before = model.Parameters.Values.ToArray();
        report.Require("the weights are read in place", model.Parameters.IsInPlace);
        var golden = model.SelfTest();
        report.Require($"self-test: {golden}", golden.Passed && golden.Results.Count == 2);

        model.Parameters.Edit()[0] += 1;
        report.Require("an edit copies the weights", !model.Parameters.IsInPlace);
        report.Require("the self-test notices a changed weight", !model.SelfTest().Passed);
        report.Equal<float>("another model has the embedded weights still", EmbeddedLstm.LoadEmbedded().Parameters.Values, before);
        report.Require("weights without a normaliser say so", HasNoNormalizer());
        if (!OperatingSystem.IsWindows())
        {
            report.Require("a device is told from a file", RefusesDevice());
        }

        return report.Failures;
    }

    private static bool HasNoNormalizer()
    {
        try
        {
            _ = Normalizer.LoadEmbedded<EmbeddedLstm>();
            return false;
        }
        catch (InvalidDataException e)
        {
            return e.Message.Contains("has no normaliser", StringComparison.Ordinal);
        }
    }

    private static bool RefusesDevice()
    {
        try
        {
            _ = EmbeddedLstm.Load("/dev/zero");
            return false;
        }
        catch (IOException e)
        {
            return e.Message.Contains("is a device, not a file", StringComparison.Ordinal);
        }
    }
}
