using System.Buffers;
using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using Pier.BitTorrent.Limits;
using Pier.BitTorrent.Peers;
using Pier.BitTorrent.Pieces;
using Pier.BitTorrent.Swarms;
using Pier.BitTorrent.Torrents;
using Pier.BitTorrent.Trackers;
using Pier.BitTorrent.Wire;

namespace Pier.UnitTests.BitTorrent.Swarms;

/// <summary>How many connections a swarm makes itself, and how many places it keeps for those who come.</summary>
public sealed class PeerTableTests
{
    private const int Places = 30;

    [Theory]
    [InlineData(0, 10, 15)]
    [InlineData(3, 10, 12)]
    [InlineData(10, 10, 10)]
    [InlineData(25, 5, 5)]
    [InlineData(30, 0, 0)]
    public void A_third_of_the_places_are_dialled_and_up_to_half_by_whom_nobody_comes_to(int come, int atOnce, int later)
    {
        using var trackers = new TrackerClient(TimeProvider.System);
        var options = new BitTorrentOptions { MaxConnectionsPerSwarm = Places };
        var services = new EngineServices(
            options, TimeProvider.System, NullLogger.Instance, PeerId.Create(), new PieceMemory(1, ArrayPool<byte>.Shared), new NoVerifier(), new BanList(), new ConnectionCount(Places, Places), trackers);
        using var bandwidth = new TorrentBandwidth(services.Limits, TransferLimits.None, TimeProvider.System);
        var dialler = new CountingDialler();
        var table = new PeerTable(services, dialler, bandwidth);
        for (var number = 1; number <= come; number++)
        {
            table.TryJoin(new QuietLink(Address(200 + number))).ShouldNotBeNull();
        }

        table.Add(Enumerable.Range(1, 80).Select(Address), PeerSource.Tracker);
        table.Connect(seeding: false, isSettled: false);
        dialler.Count.ShouldBe(atOnce);
        table.Connect(seeding: false, isSettled: true);
        dialler.Count.ShouldBe(later);
    }

    private static IPEndPoint Address(int number) => new(new IPAddress([10, 0, (byte)(number / 256), (byte)number]), 5056);

    private sealed class CountingDialler : IPeerDialler
    {
        public int Count { get; private set; }

        public bool Admits(IPAddress address) => true;

        public bool TryDial(IPEndPoint endPoint)
        {
            Count++;
            return true;
        }
    }

    private sealed class NoVerifier : IPieceVerifier
    {
        public bool TryQueue(PieceJob job) => false;
    }
}
