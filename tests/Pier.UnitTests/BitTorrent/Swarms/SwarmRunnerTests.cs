using System.Net;
using Pier.BitTorrent.Peers;
using Pier.BitTorrent.Storage;
using Pier.BitTorrent.Swarms;
using Pier.BitTorrent.Swarms.Meeting;
using Pier.BitTorrent.Torrents;
using Pier.TestKit;
using Pier.UnitTests.BitTorrent.Storage;

namespace Pier.UnitTests.BitTorrent.Swarms;

/// <summary>For how long a swarm's loop keeps the thread of whoever brings it news.</summary>
public sealed class SwarmRunnerTests
{
    private const int News = 200;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Who_lends_his_thread_has_it_back_after_a_few_events_however_many_come()
    {
        using var services = new QuietServices();
        var bytes = Engines.RandomBytes(1000);
        var spec = SwarmSpec.For(Engines.BlobOf(bytes), Engines.Holding(MemoryStorage.Full(bytes))) with { Metainfo = null };
        var port = new SwarmPort(spec, services.Engine);
        var trail = new Trail(port);
        var loop = new SwarmLoop(port, spec, services.Engine, trail, trail, trail, new SwarmOutcome());
        var box = await Task.Run(() => new Box(SwarmRunner.RunAsync(port, loop)), Token);

        var lent = trail.Lend();
        var before = trail.Seen();
        (await lent).ShouldBeTrue();
        before.ShouldBe(32, "the thread is back");

        await Eventually.TrueAsync(() => trail.Seen(ofLender: false) == News, "all news is applied", Engines.Deadline, Token);
        await port.PostAsync(new SwarmEvent.Stop(), Token);
        await box.Running.WaitAsync(Engines.Deadline, Token);
    }

    /// <summary>Brings the next news while the last is applied, and notes on whose thread that is.</summary>
    private sealed class Trail(SwarmPort port) : IPeerDialler, ISwarmAnnouncer, ISwarmWork
    {
        private readonly Lock _gate = new();
        private readonly List<int> _threads = [];
        private int _lender;

        public ValueTask<bool> Lend()
        {
            _lender = Environment.CurrentManagedThreadId;
            return port.Events.TryPostAsync(Next(1), lendsThread: true, Token);
        }

        public int Seen(bool ofLender = true)
        {
            lock (_gate)
            {
                return ofLender ? _threads.Count(thread => thread == _lender) : _threads.Count;
            }
        }

        public bool Admits(IPAddress address)
        {
            int seen;
            lock (_gate)
            {
                _threads.Add(Environment.CurrentManagedThreadId);
                seen = _threads.Count;
            }

            if (seen < News)
            {
                port.TryPost(Next(seen + 1)).ShouldBeTrue();
            }

            return false;
        }

        public bool TryDial(IPEndPoint endPoint) => false;

        public void Complete()
        {
        }

        public void WantPeers()
        {
        }

        public void OpenStorage(Metainfo metainfo) => throw new NotSupportedException();

        public void SelectFiles(TorrentContent content, SwarmEvent.FilesChosen chosen) => throw new NotSupportedException();

        public void CompleteStorage(ITorrentStorage storage) => throw new NotSupportedException();

        public void CheckMetadata(byte[] info, IReadOnlyList<PeerOrigin> contributors) => throw new NotSupportedException();

        public ReadOnlyMemory<byte> OurHandshake(IPeerLink link, bool uploadOnly) => throw new NotSupportedException();

        private static SwarmEvent.PeersFound Next(int port) => new([new IPEndPoint(IPAddress.Loopback, port)], PeerSource.Told);
    }

    // A task within a task would be waited for.
    private sealed record Box(Task Running);
}
