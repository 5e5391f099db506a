using System.Net;
using System.Net.Sockets;
using Pier.BitTorrent.WebSeeds;
using Pier.TestKit;
using Pier.TestKit.Time;

namespace Pier.UnitTests.BitTorrent.WebSeeds;

/// <summary>Servers that are silent or drip, on a clock moved by hand.</summary>
public sealed class WebSeedBodyTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("")]
    [InlineData("HTTP/1.1 206 Partial Content\r\nContent-Range: bytes 0-99999/100000\r\nContent-Length: 100000\r\n\r\nfew bytes")]
    public async Task A_server_that_gives_no_whole_block_in_time_is_given_up(string said)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var serving = SayAsync(listener, said);
        var clock = new ManualTimeProvider();
        using var client = new WebSeedClient();
        var part = new WebSeedPart(new Uri($"http://{listener.LocalEndpoint}/file"), 100_000) { From = 0, FileLength = 100_000 };
        await using var body = new WebSeedBody(client, [part], mayBeNear: true, clock);

        var reading = body.ReadAsync(new byte[16_384], Token).AsTask();
        using var connection = await serving;
        clock.Advance(WebSeedBody.Patience - TimeSpan.FromSeconds(1));
        reading.IsCompleted.ShouldBeFalse();
        clock.Advance(TimeSpan.FromSeconds(1));

        (await Should.ThrowAsync<WebSeedException>(() => reading.WaitAsync(Eventually.Patience, Token))).Message.ShouldContain("too slow");
    }

    private static async Task<TcpClient> SayAsync(TcpListener listener, string said)
    {
        var connection = await listener.AcceptTcpClientAsync(Token);
        _ = await connection.GetStream().ReadAtLeastAsync(new byte[4096], 1, cancellationToken: Token);
        await connection.GetStream().WriteAsync(System.Text.Encoding.ASCII.GetBytes(said), Token);
        return connection;
    }
}
