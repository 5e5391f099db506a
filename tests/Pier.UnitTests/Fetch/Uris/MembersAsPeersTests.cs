using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Text;
using System.Threading.Channels;
using Pier.BitTorrent.Magnets;
using Pier.BitTorrent.Swarms;
using Pier.BitTorrent.Torrents;
using Pier.Fetch.Uris;
using Pier.Membership;
using Pier.Membership.Members;
using Pier.TestKit;
using TestEngines = Pier.UnitTests.BitTorrent.Engines;

namespace Pier.UnitTests.Fetch.Uris;

/// <summary>Which members a torrent is asked of: those that live when it is begun, and those that come later.</summary>
public sealed class MembersAsPeersTests : IAsyncDisposable
{
    private readonly TestEngines _engines = new();
    private readonly TcpListener _member = new(IPAddress.Loopback, 0);

    public MembersAsPeersTests() => _member.Start();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private IPEndPoint Member => (IPEndPoint)_member.LocalEndpoint;

    [Fact]
    public async Task Members_that_live_are_asked()
    {
        using var swarms = new SharedSwarms(await _engines.StartAsync(), new LiveCluster(Member));
        await BeginAsync(swarms);
        await ShouldBeAskedAsync();
    }

    [Fact]
    public async Task A_member_that_comes_later_is_asked_too()
    {
        var cluster = new GrowingCluster();
        using var swarms = new SharedSwarms(await _engines.StartAsync(), cluster);
        using var asked = new MembersAsPeers(swarms, cluster);
        await BeginAsync(swarms);
        await asked.StartAsync(Token);

        cluster.Grow(new LiveCluster(Member).Current);

        await ShouldBeAskedAsync();
        await asked.StopAsync(Token);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Of_a_private_torrent_only_its_trackers_tell_of_peers(bool isPrivate)
    {
        byte[] info = [.. Encoding.ASCII.GetBytes("d6:lengthi20000e4:name4:data12:piece lengthi16384e6:pieces40:"), .. new byte[40], .. Encoding.ASCII.GetBytes(isPrivate ? "7:privatei1ee" : "e")];
        var torrent = Metainfo.ParseInfo(info, MetainfoEnvelope.Empty, MetainfoLimits.Default);

        MembersAsPeers.For(torrent, new LiveCluster(Member).Current).ShouldBe(isPrivate ? [] : [Member]);
    }

    public async ValueTask DisposeAsync()
    {
        _member.Dispose();
        await _engines.DisposeAsync();
    }

    private static Task BeginAsync(SharedSwarms swarms)
    {
        var link = MagnetLink.Parse($"magnet:?xt=urn:btih:{new string('a', 40)}");
        return swarms.JoinAsync(SwarmSpec.For(link, (_, _) => throw new NotSupportedException()), Token);
    }

    private async Task ShouldBeAskedAsync()
    {
        using var connection = await _member.AcceptTcpClientAsync(Token).AsTask().WaitAsync(Eventually.Patience, Token);
        var opening = new byte[20];
        await connection.GetStream().ReadExactlyAsync(opening, Token).AsTask().WaitAsync(Eventually.Patience, Token);
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
