namespace RnnCodegen.Cuda;

/// <content>What is on the device alone, and how it comes back.</content>
internal sealed unsafe partial class CudaTraining
{
    private bool Holds => Array.Exists(_trainees, static trainee => trainee.Holds);

    /// <inheritdoc/>
    public void BringBack()
    {
        using var turn = Begin();
        try
        {
            Fetch();
        }
        catch (CudaException failure)
        {
            throw _engine.Failed(failure, null);
        }
    }

    /// <summary>Before the device's memory is given back after a failure: brings back what is here alone, if that can be done.</summary>
    /// <returns>What became of it, as a sentence; null where the host had the newest.</returns>
    public string? Rescue()
    {
        if (!Holds)
        {
            return null;
        }

        if (!_isStepping)
        {
            try
            {
                Fetch();
                var whose = _trainees.Length == 1
                    ? "Its parameters and the optimizer's state"
                    : "Their parameters and the optimizers' state";
                return $"{whose} were brought back as they are after {Last.Optimizer.StepCount} updates";
            }
            catch (CudaException)
            {
                // What the device had cannot be read any more.
            }
        }

        var lost = 0L;
        foreach (var trainee in _trainees)
        {
            lost = trainee.GiveUp();
        }

        return $"The last {lost} updates were on the device alone and are lost; parameters and optimizer's state are as they were after " +
            $"{Last.Optimizer.StepCount} updates";
    }

    // All of it together, see the remarks above: nobody gets any until all is on the host.
    private void Fetch()
    {
        if (!Holds)
        {
            return;
        }

        foreach (var trainee in _trainees)
        {
            trainee.EnqueueFetch();
        }

        _engine.Device.Synchronize();
        foreach (var trainee in _trainees)
        {
            trainee.Receive();
        }
    }
}
