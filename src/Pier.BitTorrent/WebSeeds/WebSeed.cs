using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using Pier.BitTorrent.Encryption;
using Pier.BitTorrent.Engine;
using Pier.BitTorrent.Peers;
using Pier.BitTorrent.Pieces;
using Pier.BitTorrent.Swarms;
using Pier.BitTorrent.Swarms.Meeting;
using Pier.BitTorrent.Torrents;
using Pier.BitTorrent.Transports;
using Pier.BitTorrent.Wire;

namespace Pier.BitTorrent.WebSeeds;

/// <summary>
/// One web seed of a swarm. To the swarm it is a peer: it is asked, judged, limited and banned like one, over a connection that
/// ends in this process.
/// </summary>
internal sealed class WebSeed(Uri seed, IWebSeedAddresses addresses, Metainfo metainfo, SwarmPort port, EngineServices services, SwarmConnector connector)
{
    private const int Window = 512 * 1024;
    private static readonly TimeSpan RefusedPause = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan MissingPause = TimeSpan.FromSeconds(1);

    private readonly PieceGrid _grid = PieceGrid.Of(metainfo.Layout, services.BlockSize);
    private readonly HashSet<int> _missing = [];
    private readonly WebSeedPause _pause = new();

    // The same for one address in all swarms' lives, so that a second link to it is noticed.
    private readonly PeerId _id = new([.. "-WS0000-"u8, .. SHA1.HashData(Encoding.UTF8.GetBytes(seed.AbsoluteUri)).AsSpan(0, 12)]);

    /// <summary>Serves the swarm until it is complete, the seed is banned, or cancelled.</summary>
    public async Task RunAsync(Task completion, CancellationToken cancellationToken)
    {
        while (!completion.IsCompleted && !cancellationToken.IsCancellationRequested && await ServeOnceAsync(cancellationToken) is { } pause)
        {
            await Task.WhenAny(completion, Task.Delay(pause, services.Time, cancellationToken));
        }
    }

    /// <summary>Connects once and serves until something ends it.</summary>
    /// <returns>How long to leave it alone; null for ever.</returns>
    private async Task<TimeSpan?> ServeOnceAsync(CancellationToken cancellationToken)
    {
        if (Have() is not { Count: > 0 } has)
        {
            _missing.Clear();
            return Failed(new WebSeedException("none of the files is there") { IsLasting = true });
        }

        PeerLink? link = null;
        try
        {
            var found = await WebSeedHosts.ResolveAsync(seed.IdnHost, mayBeNear: true, cancellationToken);
            var isNear = Array.Exists(found, EncryptionRules.IsNear);
            if (!connector.Admits(found[0]) || (isNear && seed.Query.Length > 0))
            {
                // A query could make a router or a service of this host do things.
                throw new WebSeedException("it is not admitted") { IsLasting = true };
            }

            if (!services.Connections.TryOpen())
            {
                return RefusedPause;
            }

            var (ours, theirs) = PipedStream.Create(Window);
            var handshake = new Handshake(ReservedBits.Fast | ReservedBits.Extensions, metainfo.Id.Primary, _id);
            link = new PeerLink(ours, new IPEndPoint(found[0], seed.Port), isOutgoing: true, handshake, port, isWebSeed: true);
            using var server = new WebSeedServer(theirs, _grid, services.Options.MaxPipeline, (offset, length) => Open(offset, length, isNear), services.Time);
            var serving = server.RunAsync(has, $"web seed {seed.IdnHost}", cancellationToken);
            await connector.RunAsync(link);
            return Judge(link, await serving);
        }
        catch (SocketException unknown)
        {
            return Failed(new WebSeedException(unknown.Message, unknown));
        }
        catch (WebSeedException failure)
        {
            return Failed(failure);
        }
    }

    private WebSeedBody Open(long offset, long length, bool isNear) =>
        new(services.WebSeeds, addresses.PartsOf(offset, length), isNear, services.Time);

    private TimeSpan? Judge(PeerLink link, WebSeedException? failure)
    {
        if (services.Bans.Contains(link.Origin))
        {
            return null;
        }

        if (link.Downloaded > 0)
        {
            _pause.Succeeded();
        }

        if (failure?.MissingFile is { } file && !metainfo.IsSingleFile && _missing.Add(file))
        {
            services.Log.WebSeedFailed(metainfo.Id, seed.IdnHost, $"one file is not there: {failure.Message}");
            return MissingPause;
        }

        return failure is null ? RefusedPause : Failed(failure);
    }

    private TimeSpan Failed(WebSeedException failure)
    {
        var pause = _pause.After(failure);
        services.Log.WebSeedFailed(metainfo.Id, seed.IdnHost, $"{failure.Message}; again in {pause.TotalSeconds:0} s");
        return pause;
    }

    private Bitfield Have()
    {
        var has = new Bitfield(_grid.PieceCount);
        has.Fill();
        foreach (var file in _missing.Select(index => metainfo.Files[index]))
        {
            for (var piece = file.Offset / _grid.PieceLength; piece * _grid.PieceLength < file.End; piece++)
            {
                has.Remove((int)piece);
            }
        }

        return has;
    }
}
