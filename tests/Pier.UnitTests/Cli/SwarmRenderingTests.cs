using Pier.Api.Nodes;
using Pier.Cli.Commands;
using Pier.TestKit.Time;

namespace Pier.UnitTests.Cli;

/// <summary>What people see of torrents and their peers.</summary>
public sealed class SwarmRenderingTests
{
    private const string V1 = "0123456789abcdef0123456789abcdef01234567";
    private const string V2 = "fedcba9876543210fedcba9876543210fedcba9876543210fedcba9876543210";
    private const string Twin = "aaaaaaaaaabbbbbbbbbbccccccccccdddddddddd";

    private static readonly SwarmStatus Downloading =
        new(V1, "data.bin", "downloading", 4 << 20, 1 << 20, 2, 1, 2048, 0, 3 << 20, 1 << 10);

    private static readonly PeerStatus Seed =
        new("10.0.0.2:5056", "libtorrent/2.0.8", "tracker", "world", 16, 2048, 0, 2 << 20, 0, 12, 16384, true, false, false, true, false, true, true, true);

    private static readonly PeerStatus Leech =
        new("[fe80::1%2]:51413", "Transmission 3.00", "incoming", "subnet", 3, 0, 0, 1 << 19, 1 << 10, 0, 0, true, true, true, false, true, false, false, false);

    private static readonly SwarmDetail Detail = new(
        Downloading, V1, V2, Twin, 4 << 20, 3 << 20, 1.509, 1 << 18, 16, 4, Convert.ToBase64String([0b1110_0000, 0b0000_0001]),
        new SwarmWaste(16384, 0, 32768, 16384), 1, 2, new GoneTraffic(1 << 19, 0, 0),
        [new TrackerState("http://10.0.0.1:5055", 0, true, null), new TrackerState("udp://tracker.example:6969", 1, false, "no answer in 15 s")],
        new Dictionary<string, int> { ["tracker"] = 3, ["told"] = 1 }, 1, [], [Seed, Leech]);

    [Fact]
    public void Torrents_are_a_table() =>
        Written(writer => SwarmCommand.Render(
            new SwarmList([Downloading, Downloading with { Name = "seeded", State = "seeding", Have = 4 << 20, Peers = 0, Seeds = 0, DownloadRate = 0 }]), writer)).ShouldBe("""
            INFO-HASH     STATE           SIZE  HAVE  PEERS  SEEDS       DOWN  UP  RECEIVED     SENT  NAME
            0123456789ab  downloading  4.0 MiB   25%      2      1  2.0 KiB/s   -   3.0 MiB  1.0 KiB  data.bin
            0123456789ab  seeding      4.0 MiB  100%      -      -          -   -   3.0 MiB  1.0 KiB  seeded

            """);

    [Fact]
    public void One_torrent_is_a_page_with_its_pieces_waste_bans_and_peers()
    {
        var clock = new ManualTimeProvider();
        var ban = new BanStatus("10.0.0.9:5056", "it sent bad blocks of piece 3", clock.GetUtcNow() - TimeSpan.FromMinutes(2));

        Page(Detail with { Bans = [ban] }, clock: clock).ShouldBe("""
            torrent    data.bin
            info-hash  0123456789abcdef0123456789abcdef01234567  v1
                       fedcba9876543210fedcba9876543210fedcba9876543210fedcba9876543210  v2
                       aaaaaaaaaabbbbbbbbbbccccccccccdddddddddd  v1, for clients that cannot read hybrids
            state      downloading, 25%: 1.0 MiB of 4.0 MiB; 3.0 MiB to come in 25 min 36 s
            pieces     4 of 16, 256.0 KiB each; 1.50 copies among the peers
                       [###............#]
            received   3.0 MiB, now 2.0 KiB/s
            sent       1.0 KiB, 0.00 times its size
            wasted     64.0 KiB, 2% of what came: 16.0 KiB twice, 32.0 KiB in 1 bad piece, 16.0 KiB of pieces given up
            trackers   http://10.0.0.1:5055  answers
                       udp://tracker.example:6969  no answer in 15 s
            known      3 tracker, 1 told
            refused    2 breaches of the protocol, 1 peer banned
                       10.0.0.9:5056, 2 min 0 s ago: it sent bad blocks of piece 3
            peers      2, 1 of them complete
              ADDRESS            FLAGS   HAS       DOWN  UP   RECEIVED     SENT    WASTED  OWES  FROM      CLASS   CLIENT
              10.0.0.2:5056      DOE    100%  2.0 KiB/s   -    2.0 MiB        -  16.0 KiB    12  tracker   world   libtorrent/2.0.8
              [fe80::1%2]:51413  dUS     18%          -   -  512.0 KiB  1.0 KiB         -     -  incoming  subnet  Transmission 3.00
              those who left                                 512.0 KiB        -         -
              flags: D we want of it (d while it chokes us), U it wants of us (u while we choke it), S snubs us, O only uploads, E encrypted

            """);
    }

    [Fact]
    public void A_torrent_of_which_nothing_is_known_says_so() =>
        Page(new SwarmDetail(
            new SwarmStatus(V1, V1, "metadata", 0, 0, 0, 0, 0, 0, 0, 0), V1, null, null, 0, 0, 0, 0, 0, 0, "",
            new SwarmWaste(0, 0, 0, 0), 0, 0, new GoneTraffic(0, 0, 0), [], new Dictionary<string, int>(), 0, [], [])).ShouldBe("""
            torrent    0123456789abcdef0123456789abcdef01234567
            info-hash  0123456789abcdef0123456789abcdef01234567  v1
            state      metadata
            pieces     not known yet
            received   0 B
            sent       0 B
            wasted     nothing
            known      no addresses
            refused    nobody
            peers      0

            """);

    [Theory]
    [InlineData(80, "[####.#..]")]
    [InlineData(21, "[####.#..]")]
    [InlineData(17, "[##+.]")]
    [InlineData(14, "[+]")]
    [InlineData(1, "[+]")]
    public void Pieces_fit_the_terminal(int width, string bar) =>
        Page(Detail with { Pieces = 8, PiecesHave = 5, PieceMap = Convert.ToBase64String([0b1111_0100]) }, width: width)
            .ShouldContain($"           {bar}\n");

    [Fact]
    public void What_strangers_call_themselves_cannot_steer_the_terminal() =>
        Page(Detail with { Summary = Downloading with { Name = "evil\u001b[2J\u202eexe" }, Peers = [Seed with { Client = "a\u001b]0;b\u0007" }] })
            .ShouldSatisfyAllConditions(
                page => page.ShouldContain("torrent    evil.[2J.exe\n"),
                page => page.ShouldContain("  a.]0;b.\n"),
                page => page.ShouldNotContain("\u001b"));

    private static string Page(SwarmDetail swarm, int width = 80, TimeProvider? clock = null) =>
        Written(writer => SwarmPage.Render(swarm, clock ?? TimeProvider.System, width, writer));

    private static string Written(Action<TextWriter> render)
    {
        using var writer = new StringWriter();
        render(writer);
        return writer.ToString();
    }
}
