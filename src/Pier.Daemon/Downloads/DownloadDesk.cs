using System.Collections.Concurrent;
using System.Security.Cryptography;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Pier.Content.Uris;
using Pier.Daemon.Http;
using Pier.Fetch.Status;
using Pier.Fetch.Uris;

namespace Pier.Daemon.Downloads;

/// <summary>
/// Keeps what <c>pier get</c> fetched until the CLI has taken it away as its own user, an hour at most; the daemon itself
/// writes nowhere but in its state folder.
/// </summary>
internal sealed class DownloadDesk(string folder, UriFetch fetch, TimeProvider clock, ILogger<DownloadDesk> logger) : BackgroundService
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromHours(1);
    private static readonly TimeSpan SweepEvery = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<string, Kept> _kept = new(StringComparer.Ordinal);

    /// <summary>Fetches; the files wait under the id.</summary>
    public async Task<(string Id, Download Download)> AddAsync(
        IReadOnlyList<ContentUri> uris, IProgress<PartProgress> progress, CancellationToken cancellationToken)
    {
        var id = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8));
        var place = Path.Combine(folder, id);
        try
        {
            var download = await fetch.RunAsync(uris, place, progress, cancellationToken);
            _kept[id] = new Kept(place, download, clock.GetTimestamp());
            return (id, download);
        }
        catch
        {
            Clear(place);
            throw;
        }
    }

    /// <summary>Opens one file.</summary>
    /// <exception cref="ControlException">There is no such download, or no such file in it.</exception>
    public FileStream Open(string id, int index)
    {
        if (!_kept.TryGetValue(id, out var kept) || index < 0 || index >= kept.Download.Files.Count)
        {
            throw ControlException.NotFound($"There is no file {index} of a download {id} here.", "Downloads wait for an hour; run 'pier get' again.");
        }
        return new FileStream(Path.Combine(kept.Folder, kept.Download.Files[index].Path), FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
    }

    /// <summary>The files have been taken.</summary>
    public void Remove(string id)
    {
        if (_kept.TryRemove(id, out var kept))
        {
            Clear(kept.Folder);
        }
    }

    /// <inheritdoc/>
    public override Task StartAsync(CancellationToken cancellationToken)
    {
        Clear(folder);
        return base.StartAsync(cancellationToken);
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var tick = new PeriodicTimer(SweepEvery, clock);
        try
        {
            while (await tick.WaitForNextTickAsync(stoppingToken))
            {
                foreach (var (id, _) in _kept.Where(entry => clock.GetElapsedTime(entry.Value.Since) > Lifetime))
                {
                    Remove(id);
                }
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Stopping; what is left is cleared at the next start.
        }
    }

    private void Clear(string place)
    {
        try
        {
            if (Directory.Exists(place))
            {
                Directory.Delete(place, recursive: true);
            }
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            logger.DownloadNotRemoved(place, refused.Message);
        }
    }

    private sealed record Kept(string Folder, Download Download, long Since);
}
