using Pier.Api.Cluster;
using Pier.Api.Nodes;
using Pier.Api.Progress;
using Pier.Cli.Commands;
using Pier.Cli.Output;
using Pier.TestKit.Time;

namespace Pier.UnitTests.Cli;

/// <summary>What people see.</summary>
public sealed class RenderingTests
{
    [Fact]
    public void Status_fits_on_a_page_and_tells_sources()
    {
        var clock = new ManualTimeProvider();
        var status = new NodeStatus(
            "node1", "0.1.0", clock.GetUtcNow() - TimeSpan.FromMinutes(3), "/var/lib/pier", null,
            [new ListenerStatus("registry", "127.0.0.1:5055", false), new ListenerStatus("peers", "0.0.0.0:5056", true)],
            new StorageStatus(3, 5 << 20, 1L << 40),
            new TransferStatus(new SourceBytes(0, 3 << 20, 0, 0, 1 << 20), 1 << 10, 0, 2048),
            [new SwarmStatus("00", "abc", "seeding", 1 << 20, 1 << 20, 2, 1, 0, 2048, 0, 4096)],
            [new FetchStatus("sha256:0123456789abcdef", "docker.io/library/debian", 4 << 20, "sealed", new SourceBytes(0, 3 << 20, 0, 0, 1 << 20), 0)],
            [new MemberStatus("node1abcdefghijk", "a", "10.0.0.1:5059", true, true, default), new MemberStatus("b", "b", "10.0.0.2:5059", false, false, default)],
            new DhtStatus(120, 3, 41, "84.124.73.14", 1000, 2000, 5));
        using var writer = new StringWriter();

        StatusCommand.Render(status, clock, writer);

        writer.ToString().ShouldBe("""
            node       node1  (pierd 0.1.0, up 3 min 0 s)
            state      /var/lib/pier: 3 blobs, 5.0 MiB; 1.0 TiB free
            registry   127.0.0.1:5055
            peers      0.0.0.0:5056  (other hosts can reach it)
            received   peers 3.0 MiB, upstream 1.0 MiB; now 0 B/s from swarms
            sent       1.0 KiB to swarms; now 2.0 KiB/s
            dht        120 nodes; 3 names announced; seen as 84.124.73.14
            cluster    2 members, 1 alive
              NODE          NAME  ADDRESS        STATE
              node1abcdefg  a     10.0.0.1:5059  this node
              b             b     10.0.0.2:5059  dead
            swarms     1
              TORRENT  STATE       SIZE  HAVE  PEERS   DOWN         UP     SENT
              abc      seeding  1.0 MiB  100%      2  0 B/s  2.0 KiB/s  4.0 KiB
            blobs      by source
              DIGEST                  SIZE  STATE     PEERS  IPFS  UPSTREAM  CACHE  RATE  FROM
              sha256:0123456789ab  4.0 MiB  sealed  3.0 MiB   0 B   1.0 MiB    0 B     -  docker.io/library/debian

            """);
    }

    [Fact]
    public async Task Plain_progress_tells_each_part_once_and_a_sum_now_and_then()
    {
        var clock = new ManualTimeProvider();
        using var writer = new StringWriter();

        await new PlainProgress(writer, clock).ShowAsync(report =>
        {
            report(Update(ProgressState.Running, 0));
            clock.Advance(TimeSpan.FromSeconds(6));
            report(Update(ProgressState.Running, 512));
            report(Update(ProgressState.Done, 1024));
            report(Update(ProgressState.Done, 1024));
            return Task.FromResult(0);
        });

        writer.ToString().ShouldBe("50%  512 B of 1.0 KiB  85 B/s  6.0 s left  peers 100%\nlayer.  1.0 KiB  done  peers 100%\n");
    }

    [Theory]
    [InlineData(0, "0 B")]
    [InlineData(1023, "1023 B")]
    [InlineData(1536, "1.5 KiB")]
    [InlineData(1L << 50, "1.0 PiB")]
    public void Sizes_have_one_digit(long bytes, string text) => Sizes.Bytes(bytes).ShouldBe(text);

    [Fact]
    public void Shares_come_largest_first_and_without_zeros()
    {
        SourceSplit.Shares(new SourceBytes(0, 60, 20, 0, 20)).ShouldBe("peers 80% upstream 20%");
        SourceSplit.Shares(SourceBytes.None).ShouldBeEmpty();
        SourceSplit.Amounts(SourceBytes.None).ShouldBe("nothing");
    }

    private static ProgressUpdate Update(ProgressState state, long done) =>
        new([new ProgressItem("a", "layer\u001b", state, 1024, done, new SourceBytes(0, done, 0, 0, 0))]);
}
