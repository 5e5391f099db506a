using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Pier.Content.Contracts;
using Pier.Content.References;
using Pier.Daemon.Options;
using Pier.Fetch.Images;
using Pier.Fetch.Status;

namespace Pier.Daemon.Images;

/// <summary>Pulls the images of the warm-up list at start and from time to time, one after the other; one that fails does not stop the rest.</summary>
internal sealed class WarmUpService(WarmUpOptions options, ImagePull pull, TimeProvider clock, ILogger<WarmUpService> log) : BackgroundService
{
    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (options.IsNone)
        {
            return;
        }
        // The first round must not hold up the start.
        await Task.Yield();
        using var timer = new PeriodicTimer(options.Every, clock);
        do
        {
            foreach (var image in Wanted())
            {
                await PullAsync(image, stoppingToken);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private IReadOnlyList<ImageReference> Wanted()
    {
        try
        {
            return options.File is { } file ? [.. options.Images, .. WarmUpReader.ReadFile(file)] : options.Images;
        }
        catch (ConfigurationException unreadable)
        {
            log.WarmUpUnreadable(unreadable.Message);
            return options.Images;
        }
    }

    private async Task PullAsync(ImageReference image, CancellationToken cancellationToken)
    {
        try
        {
            var pulled = await pull.RunAsync(image, options.Scope, Silence.Instance, cancellationToken);
            log.WarmedUp(image.Familiar, pulled.Digest.ToString());
        }
        catch (ContentException failure)
        {
            log.NotWarmedUp(image.Familiar, failure.Message);
        }
    }

    private sealed class Silence : IProgress<PartProgress>
    {
        public static Silence Instance { get; } = new();

        public void Report(PartProgress value)
        {
            // Nobody watches.
        }
    }
}
