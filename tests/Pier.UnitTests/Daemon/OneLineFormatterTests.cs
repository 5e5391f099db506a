using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Pier.Daemon.Logging;
using Pier.TestKit.Time;

namespace Pier.UnitTests.Daemon;

/// <summary>One event, one line, whatever a peer writes into it.</summary>
public sealed class OneLineFormatterTests
{
    [Fact]
    public void Line_breaks_and_escapes_of_others_do_not_reach_the_terminal()
    {
        var line = Format("Pier.Fetch.Delivery.BlobFetch", "peer said \"a\nfatal b\x1b[31m\"", new IOException("outer", new TimeoutException("inner\r\nx")));

        line.TrimEnd('\n').ShouldNotContain('\n');
        line.ShouldNotContain('\x1b');
        line.ShouldContain("warn  fetch      peer said \"a fatal b [31m\" | IOException: outer | TimeoutException: inner  x");
    }

    [Theory]
    [InlineData("Pier.Fetch.Delivery.BlobFetch", "fetch")]
    [InlineData("Pier.BitTorrent.Swarms.BitTorrentEngine", "bittorrent")]
    [InlineData("Microsoft.AspNetCore.Server.Kestrel", "microsoft.aspnetcore")]
    public void A_category_becomes_its_room(string category, string room) => OneLineFormatter.Room(category).ShouldBe(room);

    private static string Format(string category, string message, Exception exception)
    {
        using var writer = new StringWriter();
        var entry = new LogEntry<string>(LogLevel.Warning, category, new EventId(1), message, exception, (state, _) => state);
        new OneLineFormatter(new ManualTimeProvider()).Write(in entry, scopeProvider: null, writer);
        return writer.ToString();
    }
}
