using System.Net;
using Pier.BitTorrent.Transports;

namespace Pier.UnitTests.BitTorrent.Swarms;

/// <summary>A transport over which one peer comes, whose every byte the test gives when it is asked for; none of them begins a handshake.</summary>
internal sealed class DrippedConnection : DuplexStream, IPeerTransport, IPeerAcceptor
{
    private readonly SemaphoreSlim _asked = new(0);
    private readonly SemaphoreSlim _given = new(0);
    private readonly TaskCompletionSource _hungUp = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _hasCome;

    public IPEndPoint EndPoint { get; } = new(IPAddress.Loopback, 5056);

    /// <summary>Ends when the engine hangs up.</summary>
    public Task HungUp => _hungUp.Task;

    /// <summary>Waits until the engine asks for a byte, and gives it.</summary>
    public async Task GiveAsync(CancellationToken cancellationToken)
    {
        await AskedAsync(cancellationToken);
        _given.Release();
    }

    /// <summary>Waits until the engine asks for a byte.</summary>
    public async Task AskedAsync(CancellationToken cancellationToken) =>
        (await _asked.WaitAsync(Engines.Deadline, cancellationToken)).ShouldBeTrue("the engine to listen");

    public ValueTask<Stream> ConnectAsync(IPEndPoint endPoint, CancellationToken cancellationToken) => throw new IOException("nobody is there");

    public IPeerAcceptor Listen(IPEndPoint endPoint) => this;

    public async ValueTask<AcceptedPeer> AcceptAsync(CancellationToken cancellationToken)
    {
        if (_hasCome)
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
        }

        _hasCome = true;
        return new AcceptedPeer(this, EndPoint);
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        _asked.Release();
        await _given.WaitAsync(cancellationToken);
        buffer.Span[0] = 9;
        return 1;
    }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) => ValueTask.CompletedTask;

    // Of the connection and of the listener; whichever comes first.
    public override ValueTask DisposeAsync()
    {
        _hungUp.TrySetResult();
        return ValueTask.CompletedTask;
    }
}
