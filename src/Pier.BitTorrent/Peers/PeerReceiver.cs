using System.Buffers;
using Pier.BitTorrent.Limits;
using Pier.BitTorrent.Transports;
using Pier.BitTorrent.Wire;

namespace Pier.BitTorrent.Peers;

/// <summary>
/// The receiving half of a connection: large reads into one buffer, messages parsed in place, blocks copied once into their
/// pieces, and one report to the swarm for all that a read brought.
/// </summary>
internal sealed class PeerReceiver(PeerLink link, Stream stream, ILinkOwner owner)
{
    // Holds the largest piece message, and about what a fast peer's socket has ready; small enough to stay in cache.
    private const int BufferSize = 256 * 1024;

    private readonly PeerMessageHandler _handler = new(link, owner);
    private readonly PeerReports _reports = new(link);

    /// <summary>Receives until the other side closes.</summary>
    /// <exception cref="WireException">The peer broke the protocol.</exception>
    /// <exception cref="IOException">The connection broke.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
        using var bandwidth = new BandwidthWait(owner.Bandwidth.Down, link.Class);
        using var threshold = ReceiveThreshold.Of(stream, owner.Time);
        await using var stopping = cancellationToken.UnsafeRegister(static wait => ((BandwidthWait)wait!).Stop(), bandwidth);
        try
        {
            for (var filled = 0; ;)
            {
                var read = await stream.ReadAsync(buffer.AsMemory(filled, Math.Min(buffer.Length - filled, bandwidth.Quantum)), cancellationToken);
                if (read == 0)
                {
                    return;
                }

                filled += read;
                var before = link.Downloaded;
                var report = _reports.Take();
                try
                {
                    filled = Parse(ref buffer, filled, report.Facts);
                }
                finally
                {
                    // Blocks that came before the peer broke the protocol, or before it is hung up on, are in their pieces: a
                    // report that got lost would leave them neither missing nor here.
                    if (report.Facts.Count > 0)
                    {
                        await owner.ReportAsync(report, CancellationToken.None);
                    }
                    else
                    {
                        _reports.Return(report);
                    }
                }

                threshold?.Came(read, link.Requests.Count * (long)WireLimits.BlockSize);
                if (link.Downloaded > before)
                {
                    await bandwidth.PassAsync(link.Downloaded - before);
                }
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private int Parse(ref byte[] buffer, int filled, List<PeerFact> facts)
    {
        var reader = new WireReader(buffer.AsSpan(0, filled));
        while (reader.TryRead(out var message))
        {
            _handler.Handle(message, facts);
        }

        if (reader.Consumed > 0)
        {
            link.LastReceived = owner.Time.GetTimestamp();
        }

        var rest = buffer.AsSpan(reader.Consumed, filled - reader.Consumed);
        if (reader.NextLength > buffer.Length)
        {
            // Only a bitfield, metadata or hashes can be this long; the bound was checked with the length prefix.
            var larger = ArrayPool<byte>.Shared.Rent(reader.NextLength);
            rest.CopyTo(larger);
            ArrayPool<byte>.Shared.Return(buffer);
            buffer = larger;
        }
        else
        {
            rest.CopyTo(buffer);
        }

        return rest.Length;
    }
}
