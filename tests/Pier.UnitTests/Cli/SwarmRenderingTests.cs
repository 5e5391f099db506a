using Pier.Api.Nodes;
using Pier.Cli.Commands;
using Pier.TestKit.Time;

namespace Pier.UnitTests.Cli;

/// <summary>What people see of torrents and their peers.</summary>
public sealed class SwarmRenderingTests
{
    private static readonly SwarmStatus Summary =
        new("0123456789abcdef0123456789abcdef01234567", "data.bin", "downloading", 4 << 20, 1 << 20, 1, 1, 2048, 0, 3 << 20, 1 << 10);

    [Fact]
    public void Torrents_are_a_table()
    {
        using var writer = new StringWriter();

        SwarmCommand.Render(new SwarmList([Summary]), writer);

        writer.ToString().ShouldBe("""
            INFO-HASH     STATE           SIZE  HAVE  PEERS  SEEDS       DOWN     UP  RECEIVED     SENT  NAME
            0123456789ab  downloading  4.0 MiB   25%      1      1  2.0 KiB/s  0 B/s   3.0 MiB  1.0 KiB  data.bin

            """);
    }

    [Fact]
    public void One_torrent_is_a_page_with_its_pieces_waste_bans_and_peers()
    {
        var clock = new ManualTimeProvider();
        var now = clock.GetUtcNow();
        var swarm = new SwarmDetail(
            Summary, 1 << 18, 16, 4, Convert.ToBase64String([0b1110_0000, 0b0000_0001]), new SwarmWaste(16384, 0, 32768), 1, 2,
            new Dictionary<string, int> { ["tracker"] = 3, ["told"] = 1 }, 1,
            [new BanStatus("10.0.0.9:5056", "it sent bad blocks of piece 3", now - TimeSpan.FromMinutes(2))],
            [new PeerStatus("10.0.0.2:5056", "libtorrent/2.0.8", "tracker", 16, 2048, 0, 3 << 20, 1 << 10, 12, 16384, true, false, false, true, false, true)]);
        using var writer = new StringWriter();

        SwarmCommand.Render(swarm, clock, writer);

        writer.ToString().ShouldBe("""
            torrent    data.bin
            info-hash  0123456789abcdef0123456789abcdef01234567
            state      downloading: 1.0 MiB of 4.0 MiB, 25%
            pieces     4 of 16, 256.0 KiB each
                       [###............#]
            received   3.0 MiB; now 2.0 KiB/s
            sent       1.0 KiB; now 0 B/s
            wasted     16.0 KiB twice, 0 B unasked, 32.0 KiB of 1 bad pieces
            known      3 tracker, 1 told
            refused    2 breaches of the protocol, 1 bans
                       10.0.0.9:5056 2 min 0 s ago: it sent bad blocks of piece 3
            peers      1
              ADDRESS        FLAGS   HAS       DOWN     UP  RECEIVED     SENT  OWES  FROM     CLIENT
              10.0.0.2:5056  DO     100%  2.0 KiB/s  0 B/s   3.0 MiB  1.0 KiB    12  tracker  libtorrent/2.0.8
              flags: D we want of it (d: it chokes us), U it wants of us (u: we choke it), S snubbing, O upload only

            """);
    }
}
