using System.Net;
using Pier.BitTorrent.Peers;
using Pier.BitTorrent.Swarms;
using Pier.BitTorrent.Transports;
using Pier.BitTorrent.Wire;
using Pier.UnitTests.BitTorrent.Storage;
using Pier.UnitTests.BitTorrent.Swarms;

namespace Pier.UnitTests.BitTorrent.Peers;

/// <summary>How a connection ends, and whose fault that is.</summary>
public sealed class PeerLinkTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Who_breaks_the_protocol_and_is_gone_before_he_is_heard_has_still_broken_it()
    {
        using var services = new QuietServices();
        var bytes = Engines.RandomBytes(1000);
        var port = new SwarmPort(SwarmSpec.For(Engines.BlobOf(bytes), Engines.Holding(MemoryStorage.Full(bytes))), services.Engine);
        await using var link = new PeerLink(
            new LastWords("a length prefix of 4 GiB", [0xff, 0xff, 0xff, 0xff, 5]),
            new IPEndPoint(IPAddress.Loopback, 1),
            isOutgoing: false,
            new Handshake(ReservedBits.Fast, Engines.BlobOf(bytes).Id.Primary, PeerId.Create()),
            port);
        link.Outbox.PostKeepAlive();

        var cause = await link.RunAsync(Token).WaitAsync(Engines.Deadline, Token);

        cause.ShouldBeOfType<IOException>("that was seen first");
        link.IsBroken.ShouldBeTrue();
    }

    /// <summary>A connection that cannot be written to; what came over it before is read only once it is being closed.</summary>
    private sealed class LastWords(string name, byte[] words) : DuplexStream
    {
        private readonly TaskCompletionSource _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            await _closed.Task.WaitAsync(Engines.Deadline, CancellationToken.None);
            words.CopyTo(buffer);
            return words.Length;
        }

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
            ValueTask.FromException(new IOException($"reset after {name}"));

        public override ValueTask DisposeAsync()
        {
            _closed.TrySetResult();
            return ValueTask.CompletedTask;
        }
    }
}
