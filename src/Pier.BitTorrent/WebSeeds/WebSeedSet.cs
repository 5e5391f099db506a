using Pier.BitTorrent.Engine;
using Pier.BitTorrent.Swarms;
using Pier.BitTorrent.Swarms.Meeting;
using Pier.BitTorrent.Torrents;

namespace Pier.BitTorrent.WebSeeds;

/// <summary>The web seeds of a swarm, from the moment its torrent is known.</summary>
internal sealed class WebSeedSet(SwarmPort port, SwarmSpec spec, EngineServices services, SwarmConnector connector, SwarmOutcome outcome)
{
    // Torrents list hundreds of mirrors; a few fill any line.
    private const int MaxSeeds = 16;

    /// <summary>Runs all of them until the swarm is complete or cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            var metainfo = await outcome.Metainfo.WaitAsync(cancellationToken);
            await Task.WhenAll(SeedsOf(metainfo).Take(MaxSeeds).Select(seed => seed.RunAsync(outcome.Completion, cancellationToken)));
        }
        catch (Exception ended) when (ended is OperationCanceledException or SwarmException)
        {
            // The swarm ended, or will never know its torrent.
        }
    }

    private IEnumerable<WebSeed> SeedsOf(Metainfo metainfo)
    {
        foreach (var seed in Addresses(spec.WebSeeds))
        {
            yield return new WebSeed(seed, new FileAddresses(seed, metainfo), metainfo, port, services, connector);
        }

        if (metainfo.Id.V1 is not { } infoHash)
        {
            yield break;
        }

        foreach (var seed in Addresses(spec.HttpSeeds))
        {
            var addresses = new PieceAddresses(seed, infoHash, metainfo.PieceLength);
            yield return new WebSeed(seed, addresses, metainfo, port, services, connector);
        }
    }

    private static IEnumerable<Uri> Addresses(IReadOnlyList<string> texts) => texts
        .Select(text => Uri.TryCreate(text, UriKind.Absolute, out var address) ? address : null)
        .OfType<Uri>()
        .Where(address => address.Scheme is "http" or "https")
        .Distinct();
}
