using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Text;
using System.Threading.Channels;
using Pier.BitTorrent.Magnets;
using Pier.BitTorrent.Swarms;
using Pier.Fetch.Uris;
using Pier.Membership;
using Pier.Membership.Members;
using TestEngines = Pier.UnitTests.BitTorrent.Engines;

namespace Pier.UnitTests.Fetch.Uris;

/// <summary>A torrent that was begun before anybody was known to live, as volumes are at a start.</summary>
public sealed class MembersAsPeersTests : IAsyncDisposable
{
    private readonly TestEngines _engines = new();
    private readonly TcpListener _member = new(IPAddress.Loopback, 0);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_member_that_comes_later_is_asked_too()
    {
        _member.Start();
        using var swarms = new SharedSwarms(await _engines.StartAsync());
        var cluster = new GrowingCluster();
        using var asked = new MembersAsPeers(swarms, cluster);
        var link = MagnetLink.Parse($"magnet:?xt=urn:btih:{new string('a', 40)}");
        var (swarm, _, _) = await swarms.JoinAsync(SwarmSpec.For(link, (_, _) => throw new NotSupportedException()), Token);
        await asked.StartAsync(Token);

        cluster.Grow(new LiveCluster((IPEndPoint)_member.LocalEndpoint).Current);

        using var connection = await _member.AcceptTcpClientAsync(Token).AsTask().WaitAsync(TimeSpan.FromSeconds(60), Token);
        var opening = new byte[20];
        await connection.GetStream().ReadExactlyAsync(opening, Token).AsTask().WaitAsync(TimeSpan.FromSeconds(60), Token);
        await asked.StopAsync(Token);
        await swarms.LeaveAsync(swarm);
    }

    public async ValueTask DisposeAsync()
    {
        _member.Dispose();
        await _engines.DisposeAsync();
    }

    private sealed class GrowingCluster : IMembership
    {
        private readonly Channel<MemberSnapshot> _changes = Channel.CreateBounded<MemberSnapshot>(4);

        public MemberSnapshot Current { get; } = new LiveCluster().Current;

        public ReadOnlyMemory<byte> SwarmKey => default;

        public void Grow(MemberSnapshot snapshot) => _changes.Writer.TryWrite(snapshot).ShouldBeTrue();

        public async IAsyncEnumerable<MemberSnapshot> WatchAsync([EnumeratorCancellation] CancellationToken cancellationToken)
        {
            await foreach (var snapshot in _changes.Reader.ReadAllAsync(cancellationToken))
            {
                yield return snapshot;
            }
        }
    }
}
