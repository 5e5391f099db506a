using System.Buffers;
using System.Net.Sockets;
using Pier.BitTorrent.Engine;
using Pier.BitTorrent.Peers;
using Pier.BitTorrent.Selection;
using Pier.BitTorrent.Storage;
using Pier.BitTorrent.Torrents;
using Pier.BitTorrent.Wire;

namespace Pier.BitTorrent.Swarms;

/// <summary>The work that a swarm's loop starts and hears back from as events: opening and completing storage, checking metadata.</summary>
internal sealed class SwarmWork(SwarmPort port, SwarmSpec spec, EngineServices services, CancellationToken stopping) : ISwarmWork
{
    private const string ClientName = "Pier";

    /// <summary>Opens the storage and tells it which files are wanted.</summary>
    public void OpenStorage(Metainfo metainfo) => Start(async () =>
    {
        if (ReferenceEquals(spec.Files, FileChoice.All))
        {
            return new SwarmEvent.StorageOpened(metainfo, await spec.Storage(metainfo, stopping));
        }

        var files = spec.Files.Resolve(metainfo);
        var storage = await spec.Storage(metainfo, stopping);
        try
        {
            await storage.SelectAsync(files, stopping);
            return new SwarmEvent.StorageOpened(metainfo, storage) { Files = files };
        }
        catch
        {
            await storage.DisposeAsync();
            throw;
        }
    });

    /// <summary>Tells the storage that other files are wanted; whoever asked for it hears of failures.</summary>
    public void SelectFiles(TorrentContent content, SwarmEvent.FilesChosen chosen) => Start(async () =>
    {
        try
        {
            var files = chosen.Choice.Resolve(content.Metainfo);
            await content.Storage.SelectAsync(files, stopping);
            return new SwarmEvent.FilesSelected(files, chosen.Done);
        }
        catch (Exception failure) when (chosen.Done.TrySetException(failure))
        {
            return null;
        }
    });

    /// <summary>Tells the storage that it is complete.</summary>
    public void CompleteStorage(ITorrentStorage storage) => Start(async () =>
    {
        await storage.CompleteAsync(stopping);
        return new SwarmEvent.Completed();
    });

    /// <summary>Checks an info dictionary that peers sent.</summary>
    public void CheckMetadata(byte[] info, IReadOnlyList<PeerOrigin> contributors) => Start(() =>
    {
        Metainfo? metainfo = null;
        if (spec.Id.Matches(info))
        {
            // The hash agrees, so a refusal is about the torrent and not about who sent it: it ends the swarm.
            metainfo = Metainfo.ParseInfo(info, MetainfoEnvelope.Empty, MetainfoLimits.Default);
        }

        return Task.FromResult<SwarmEvent?>(new SwarmEvent.MetadataChecked(metainfo, contributors));
    });

    /// <summary>The body of our extension handshake on a connection.</summary>
    public ReadOnlyMemory<byte> OurHandshake(IPeerLink link, bool uploadOnly)
    {
        var info = port.InfoOf(link.Remote.InfoHash);
        var output = new ArrayBufferWriter<byte>();
        new ExtensionHandshake
        {
            Ids = OurIds,
            MetadataSize = info.IsEmpty ? null : info.Length,
            RequestQueue = services.Options.MaxQueuedRequests,
            ListenPort = services.ListenPort,
            Client = ClientName,
            UploadOnly = uploadOnly ? true : null,
            YourIp = link.EndPoint.Address,
            IPv4 = services.OwnAddresses.Find(AddressFamily.InterNetwork),
            IPv6 = services.OwnAddresses.Find(AddressFamily.InterNetworkV6),
            Pier = spec.Provisional is { } provisional
                ? PierClaim.Seeking with { Claim = provisional.Claim, Member = provisional.Name }
                : null,
        }.WriteTo(output);
        return output.WrittenMemory;
    }

    private ExtensionIds OurIds =>
        spec.Provisional is not null ? ExtensionIds.Provisional
        : spec.Discovery.HasFlag(Discovery.PeerDiscovery.Pex) && !port.IsPrivate ? ExtensionIds.Ours
        : ExtensionIds.Ours with { Pex = 0 };

    /// <summary>Asks a peer for pieces of the info dictionary.</summary>
    public static void AskForMetadata(IPeerLink link, IReadOnlyList<int> pieces)
    {
        foreach (var piece in pieces)
        {
            var output = new ArrayBufferWriter<byte>();
            new MetadataMessage(MetadataMessageKind.Request, piece, 0).WriteTo(output);
            link.Outbox.PostExtended(link.Ids.Metadata, output.WrittenMemory);
        }
    }

    private void Start(Func<Task<SwarmEvent?>> work) => port.Tasks.Run(async () =>
    {
        try
        {
            if (await work() is not { } outcome)
            {
                return;
            }

            if (!await port.TryPostAsync(outcome, CancellationToken.None))
            {
                await outcome.DropAsync();
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // The swarm is stopping and has no use for the outcome.
        }
        catch (Exception failure) when (failure is not OutOfMemoryException)
        {
            await port.PostAsync(new SwarmEvent.Broken(failure), CancellationToken.None);
        }
    });
}
