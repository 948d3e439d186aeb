using System;
using System.Threading;
using System.Threading.Tasks;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

var builder = Host.CreateApplicationBuilder(args);
builder.Services.AddHostedService<Watcher>();
builder.Build().Run();

/// <summary>Streams a few values, and ends the program.</summary>
internal sealed class Watcher(IHostApplicationLifetime lifetime) : BackgroundService
{
    /// <inheritdoc/>
    protected override Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var stream = Models.Echo.LoadEmbedded().CreateStream();
        Span<float> y = stackalloc float[1];
        stream.Step([0.5f], y);
        Console.WriteLine($"worker: {y[0]}");
        lifetime.StopApplication();
        return Task.CompletedTask;
    }
}
