using System.Net;
using System.Text;
using Pier.BitTorrent.Torrents;
using Pier.Content.Uris;
using Pier.Fetch;
using Pier.Fetch.Uris;
using WebClient = Pier.Fetch.Uris.WebClient;

namespace Pier.UnitTests.Fetch.Uris;

/// <summary>Whom a torrent is asked of: what its link or file says, and the members of the cluster.</summary>
public sealed class TorrentSpecsTests : IDisposable
{
    private static readonly IPEndPoint Member = new(IPAddress.Parse("10.0.0.2"), 5056);

    private readonly WebClient _web = new(new FetchOptions { AccessFolder = "none" });

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Members_are_asked_beside_the_peers_of_a_link()
    {
        (await PeersOfAsync(ContentUri.Parse($"magnet:?xt=urn:btih:{new string('a', 40)}"))).ShouldBe([Member]);
        (await PeersOfAsync(ContentUri.Parse($"magnet:?xt=urn:btih:{new string('a', 40)}&x.pe=10.0.0.9:7000&x.pe=10.0.0.2:5056")))
            .ShouldBe([new IPEndPoint(IPAddress.Parse("10.0.0.9"), 7000), Member]);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Of_a_private_torrent_only_its_trackers_tell_of_peers(bool isPrivate)
    {
        byte[] info = [.. Encoding.ASCII.GetBytes("d6:lengthi20000e4:name4:data12:piece lengthi16384e6:pieces40:"), .. new byte[40], .. Encoding.ASCII.GetBytes(isPrivate ? "7:privatei1ee" : "e")];
        var torrent = Metainfo.ParseInfo(info, MetainfoEnvelope.Empty, MetainfoLimits.Default);

        (await PeersOfAsync(new TorrentDocumentUri("a torrent at hand", torrent.ToTorrentFile()))).ShouldBe(isPrivate ? [] : [Member]);
    }

    public void Dispose() => _web.Dispose();

    private async Task<IReadOnlyList<IPEndPoint>> PeersOfAsync(ContentUri uri) =>
        (await new TorrentSpecs(_web, new LiveCluster(Member), new FetchOptions { AccessFolder = "none" }).ReadAsync(uri, (_, _) => throw new NotSupportedException(), Token)).Peers;
}
