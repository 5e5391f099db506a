using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Pier.Content.Contracts;
using Pier.Content.References;
using Pier.Daemon.Options;
using Pier.Engines;
using Pier.Engines.Images;
using Pier.Registry.Local;
using Pier.Store.Layout;
using Pier.Store.Tags;

namespace Pier.Daemon.Images;

/// <summary>
/// Brings the image that Pier ships, pier/frontend, into the node's own registry at every start: engines whose mirror this is get it by
/// its name or its digest, and no upstream is ever asked for it (<see cref="LocalNames"/>).
/// </summary>
internal sealed class ShippedImage(
    DaemonOptions options, LocalImages local, ImageCatalog images, IContentStore store, TimeProvider clock, ILogger<ShippedImage> log) : BackgroundService
{
    private const string Tag = "latest";

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (options.Frontend is not { } program)
        {
            return;
        }
        // Reading and hashing must not hold up the start.
        await Task.Yield();
        try
        {
            await BringAsync(program, stoppingToken);
        }
        catch (Exception failure) when (failure is EngineException or IOException or UnauthorizedAccessException)
        {
            log.ImageNotShipped(FrontendImage.Name, failure.Message);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The node is stopping.
        }
    }

    private async Task BringAsync(string program, CancellationToken cancellationToken)
    {
        var pack = await FrontendImage.PackAsync(program, cancellationToken);
        await using var archive = pack.Archive;
        var repository = RepositoryName.Parse(FrontendImage.Name);
        foreach (var image in await new OciLayoutImporter(store, new LayoutLimits()).FromTarAsync(archive, cancellationToken))
        {
            await local.AdoptAsync(repository, image.Digest, cancellationToken);
            images.Remember(repository, Tag, new TagRecord(image.Digest, image.MediaType, clock.GetUtcNow()));
        }

        log.ImageShipped(FrontendImage.Name, pack.Digest);
    }
}
