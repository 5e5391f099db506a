using Pier.BitTorrent;
using Pier.BitTorrent.Discovery;
using Pier.BitTorrent.Engine;
using Pier.BitTorrent.Selection;
using Pier.BitTorrent.Storage;
using Pier.BitTorrent.Swarms;
using Pier.BitTorrent.Torrents;

namespace Pier.Dat.Serving;

/// <summary>A line that names a torrent: what is there of it and unchanged is served; nothing is fetched or written.</summary>
/// <param name="engine">Serves.</param>
/// <param name="say">Told what is served.</param>
internal sealed class TorrentService(BitTorrentEngine engine, Action<string> say)
{
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(1);

    /// <summary>Serves it; ends only when it fails.</summary>
    /// <exception cref="DatException">The torrent or its content is not there.</exception>
    public async Task<string> RunAsync(ServeLine line, TimeProvider time, CancellationToken cancellationToken)
    {
        var (torrent, path) = (line.Words[1], line.Words[2]);
        if (!Path.Exists(path))
        {
            throw new DatException("it is not there");
        }

        var metainfo = await ReadAsync(torrent, cancellationToken);
        await using var swarm = await engine.AddAsync(SpecOf(metainfo, path), cancellationToken);
        await OpenedAsync(swarm, time, cancellationToken);
        var have = swarm.Statistics.HaveBytes;
        if (have == 0 && metainfo.TotalLength > 0)
        {
            throw new DatException("nothing of it is what the torrent says");
        }

        say($"{path}: {have} of {metainfo.TotalLength} bytes are served as {metainfo.Id.Primary}");
        var stopped = Task.Delay(Timeout.InfiniteTimeSpan, time, cancellationToken);
        await await Task.WhenAny(stopped, FailedAsync(swarm, time, cancellationToken));
        return "the torrent ended";
    }

    /// <summary>What the engine is asked for. No file is wanted: a file that somebody changed is his, and is not mended.</summary>
    internal static SwarmSpec SpecOf(Metainfo metainfo, string path) => SwarmSpec.For(
        metainfo,
        (known, cancel) => FileTreeStorage.OpenAsync(known, path, new FileTreeOptions { IsReadOnly = true }, cancel)) with
    {
        Files = FileChoice.None,
        Discovery = PeerDiscovery.All,
    };

    private static async Task<Metainfo> ReadAsync(string torrent, CancellationToken cancellationToken)
    {
        try
        {
            return Metainfo.Parse(await File.ReadAllBytesAsync(torrent, cancellationToken));
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException or BitTorrentException)
        {
            throw new DatException($"{torrent}: {refused.Message}", refused);
        }
    }

    private static async Task OpenedAsync(Swarm swarm, TimeProvider time, CancellationToken cancellationToken)
    {
        using var tick = new PeriodicTimer(Look, time);
        while (swarm.Statistics.State is SwarmState.FetchingMetadata or SwarmState.Opening)
        {
            await tick.WaitForNextTickAsync(cancellationToken);
        }

        await ThrowIfFailedAsync(swarm);
    }

    private static async Task FailedAsync(Swarm swarm, TimeProvider time, CancellationToken cancellationToken)
    {
        using var tick = new PeriodicTimer(Look, time);
        while (!swarm.Completion.IsFaulted)
        {
            await tick.WaitForNextTickAsync(cancellationToken);
        }

        await ThrowIfFailedAsync(swarm);
    }

    private static async Task ThrowIfFailedAsync(Swarm swarm)
    {
        if (swarm.Completion.IsFaulted)
        {
            await swarm.Completion;
        }
    }
}
