using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Pier.BitTorrent.Selection;
using Pier.Content.Contracts;
using Pier.Content.Uris;
using Pier.Daemon.Http;
using Pier.Fetch.Images;
using Pier.Store.Images;
using Pier.Fetch.Status;
using Pier.Fetch.Uris;

namespace Pier.Daemon.Downloads;

/// <summary>
/// Keeps what <c>pier get</c> fetched until the CLI has taken it away as its own user, an hour at most; the daemon itself
/// writes nowhere but in its state folder. What a torrent brought before it broke off waits a day for the next attempt.
/// </summary>
internal sealed class DownloadDesk(string folder, UriFetch fetch, IContentStore store, TimeProvider clock, ILogger<DownloadDesk> logger) : BackgroundService
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromHours(1);
    private static readonly TimeSpan UnfinishedLifetime = TimeSpan.FromDays(1);
    private static readonly TimeSpan SweepEvery = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<string, Kept> _kept = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, bool> _inUse = new(StringComparer.Ordinal);

    /// <summary>Fetches; the files wait under the id.</summary>
    public async Task<(string Id, Download Download)> AddAsync(
        IReadOnlyList<ContentUri> uris, FileChoice files, IProgress<PartProgress> progress, CancellationToken cancellationToken)
    {
        var id = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8));
        // The same URIs come back to the same place, where an attempt that broke off may have left something.
        var name = NameOf(uris);
        name = _inUse.TryAdd(name, true) ? name : id;
        _inUse[name] = true;
        var place = Path.Combine(folder, name);
        try
        {
            var download = await fetch.RunAsync(uris, new DownloadPlan(place, files), progress, cancellationToken);
            _kept[id] = new Kept(name, download, clock.GetTimestamp());
            return (id, download);
        }
        catch
        {
            if (!IsUnfinished(place))
            {
                Clear(place);
            }
            _inUse.TryRemove(name, out _);
            throw;
        }
    }

    /// <summary>Opens one file.</summary>
    /// <exception cref="ControlException">There is no such download, or no such file in it.</exception>
    public async ValueTask<Stream> OpenAsync(string id, int index, CancellationToken cancellationToken)
    {
        if (!_kept.TryGetValue(id, out var kept) || index < 0 || index >= kept.Download.Files.Count)
        {
            throw ControlException.NotFound($"There is no file {index} of a download {id} here.", "Downloads wait for an hour; run 'pier get' again.");
        }
        var file = kept.Download.Files[index];
        if (file.Blob is { } digest)
        {
            return await store.OpenAsync(digest, cancellationToken) is { } blob
                ? new ReaderStream(blob, ownsReader: true)
                : throw ControlException.NotFound($"The blob {digest}, which is {file.Path}, is not held any more.", "Run 'pier get' again.");
        }
        return new FileStream(Path.Combine(folder, kept.Name, file.Path), FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
    }

    /// <summary>The files have been taken.</summary>
    public void Remove(string id)
    {
        if (_kept.TryRemove(id, out var kept))
        {
            kept.Download.Dispose();
            Clear(Path.Combine(folder, kept.Name));
            _inUse.TryRemove(kept.Name, out _);
        }
    }

    /// <inheritdoc/>
    public override Task StartAsync(CancellationToken cancellationToken)
    {
        ClearLeftovers();
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
                ClearLeftovers();
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Stopping; what is left is looked at at the next start.
        }
    }

    private static string NameOf(IReadOnlyList<ContentUri> uris)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var uri in uris)
        {
            hash.AppendData(uri is TorrentDocumentUri { Metainfo: var torrent } ? SHA256.HashData(torrent.Span) : Encoding.UTF8.GetBytes(uri.Text + "\n"));
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset())[..16];
    }

    /// <summary>What earlier runs and failed attempts left: torrents may still be resumed, for a while.</summary>
    private void ClearLeftovers()
    {
        if (!Directory.Exists(folder))
        {
            return;
        }
        foreach (var place in Directory.EnumerateFileSystemEntries(folder))
        {
            if (!_inUse.ContainsKey(Path.GetFileName(place))
                && (!IsUnfinished(place) || clock.GetUtcNow().UtcDateTime - Directory.GetLastWriteTimeUtc(place) > UnfinishedLifetime))
            {
                Clear(place);
            }
        }
    }

    private static bool IsUnfinished(string place) =>
        Directory.Exists(place) && Directory.EnumerateFiles(place, "*.pier-resume").Any();

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

    private sealed record Kept(string Name, Download Download, long Since);
}
