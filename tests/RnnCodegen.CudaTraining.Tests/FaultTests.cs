using RnnCodegen.Cuda;
using RnnCodegen.Cuda.Tests;
using RnnCodegen.PtxMachine;
using Xunit;

namespace RnnCodegen.CudaTraining.Tests;

/// <summary>Each call of the driver that a training makes fails once: what is left is whole, and what is lost is said.</summary>
public class FaultTests
{
    [NvrtcTheory]
    [InlineData(SoftwareError.InvalidValue)]
    [InlineData(SoftwareError.LaunchFailed)]
    public void Model_and_optimizer_are_those_after_some_update(int error)
    {
        // Parameters after each update of a training that nothing befell.
        List<float[]> moments = [];
        Dictionary<string, int> before, calls;
        using (var driver = new SoftwareDriver())
        {
            var cpu = OnDevice.Model<Rows>();
            moments.Add(cpu.Parameters.Values.ToArray());
            var model = OnDevice.Place(cpu, driver);
            before = new(driver.Calls);
            Train(model, new Adam(0.02), []);
            calls = new(driver.Calls);
            OnDevice.End(model);
        }

        using (var driver = new SoftwareDriver())
        {
            var cpu = OnDevice.Model<Rows>();
            var model = OnDevice.Place(cpu, driver);
            Train(model, new Adam(0.02), [TrainingCallback.AtUpdate(_ => moments.Add(cpu.Parameters.Values.ToArray()))]);
            OnDevice.End(model);
        }

        var messages = "";
        SoftwareSweep.EachCall(before, calls, 5, (entry, call) => messages += FailAt(entry, call, error, moments));

        // After an error that is a call's alone the device is asked; what it computed with a kernel that failed nobody trusts.
        var isLost = error == SoftwareError.LaunchFailed;
        Assert.Contains(isLost ? " are lost; " : " were brought back ", messages, StringComparison.Ordinal);
    }

    private static string FailAt(string entry, int call, int error, List<float[]> moments)
    {
        using var driver = new SoftwareDriver();
        var cpu = OnDevice.Model<Rows>();
        var model = OnDevice.Place(cpu, driver);
        driver.Fail(entry, call, error);
        var (place, optimizer, message) = ($"{entry}, call {call}, error {error}", new Adam(0.02), "");
        try
        {
            Train(model, optimizer, []);
        }
        catch (CudaException e)
        {
            message = e.Message;
        }

        Assert.True(driver.LaunchedBeforeFailure is not null, place);
        Assert.True(optimizer.Holder is null && cpu.Parameters.Holder is null, place);

        // A failure that was told, or was met by the host's path, or befell what gives something back.
        var after = moments[(int)optimizer.StepCount];
        OnDevice.Near(after, cpu.Parameters.Values, 2e-5);
        if (message.Contains("are lost", StringComparison.Ordinal) || message.Contains("brought back", StringComparison.Ordinal))
        {
            Assert.Contains($" after {optimizer.StepCount} updates: the next call begins anew", message, StringComparison.Ordinal);
        }

        // Both are of use on the CPU.
        var set = OnDevice.RowSet(samples: 2);
        new Trainer<Rows>(cpu, Loss.MeanSquaredError, optimizer).Fit(set, null, 1);
        OnDevice.End(model);
        Assert.True(driver.Held().Length == 0, $"{place}: {driver.Held()}");
        Assert.True(driver.Complaints.Count == 0, $"{place}: {string.Join(", ", driver.Complaints)}");
        return message;
    }

    private static void Train(Rows model, Adam optimizer, TrainingCallback[] callbacks) =>
        new Trainer<Rows>(model, Loss.MeanSquaredError, optimizer) { BatchSize = 3, Callbacks = callbacks }
            .Fit(OnDevice.RowSet(samples: 3), null, 3);
}
