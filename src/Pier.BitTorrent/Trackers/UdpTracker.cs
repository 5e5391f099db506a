using System.Buffers;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Pier.BitTorrent.Torrents;

namespace Pier.BitTorrent.Trackers;

/// <summary>
/// A tracker reached over UDP (BEP 15): connection ids live 60 s, an unanswered packet is sent again after 15·2ⁿ s. Requests
/// to one tracker go one after another; its socket is open no longer than a connection id lives.
/// </summary>
public sealed class UdpTracker : ITracker, IDisposable
{
    private const int MaxPacketBytes = 64 << 10;
    private const int MaxUrlDataBytes = 1024;
    private const int FirstTimeoutSeconds = 15;

    private static readonly TimeSpan ConnectionLife = TimeSpan.FromSeconds(60);

    private readonly Uri _address;
    private readonly TimeProvider _time;
    private readonly int _retransmissions;
    private readonly string _urlData;
    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly ITimer _idle;
    private Socket? _socket;
    private long _connection;
    private long? _connectedAt;
    private long? _silentSince;

    /// <param name="address"><c>udp://host:port</c>, with a path and query where the tracker wants them (BEP 41).</param>
    /// <param name="time">The clock of timeouts and connection ids.</param>
    /// <param name="retransmissions">How often an unanswered packet is sent again: 2 give up after 105 s, 8 as BEP 15 ends after more than two hours.</param>
    /// <exception cref="ArgumentException">The address has no port.</exception>
    public UdpTracker(Uri address, TimeProvider time, int retransmissions = 2)
    {
        ArgumentNullException.ThrowIfNull(address);
        if (address.Port <= 0)
        {
            throw new ArgumentException($"a UDP tracker's address names its port; {address.Host} has none", nameof(address));
        }

        _address = address;
        _time = time;
        _retransmissions = retransmissions;
        _urlData = address.PathAndQuery.Length is > 1 and <= MaxUrlDataBytes ? address.PathAndQuery : "";
        Name = string.Create(CultureInfo.InvariantCulture, $"udp://{address.Host}:{address.Port}");
        _idle = time.CreateTimer(_ => CloseWhenIdle(), state: null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <summary>How its host is found.</summary>
    internal HostLookup Lookup { get; init; } = TrackerHosts.System;

    /// <inheritdoc/>
    public async Task<AnnounceAnswer> AnnounceAsync(AnnounceRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        return await AskAsync(
            (packet, connection, transaction) => UdpTrackerPackets.WriteAnnounce(packet, connection, transaction, request, _urlData),
            packet => UdpTrackerAnswer.ReadAnnounce(Name, packet, _socket!.AddressFamily == AddressFamily.InterNetworkV6) with
            {
                TrackerAddress = ((IPEndPoint)_socket.RemoteEndPoint!).Address,
            },
            cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyDictionary<InfoHash, SwarmCounts>> ScrapeAsync(
        IReadOnlyList<InfoHash> infoHashes,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(infoHashes);
        var swarms = new Dictionary<InfoHash, SwarmCounts>();
        foreach (var portion in infoHashes.Chunk(UdpTrackerPackets.MaxScrape))
        {
            await AskAsync(
                (packet, connection, transaction) => UdpTrackerPackets.WriteScrape(packet, connection, transaction, portion),
                packet =>
                {
                    UdpTrackerAnswer.ReadScrape(Name, packet, portion, swarms);
                    return swarms;
                },
                cancellationToken).ConfigureAwait(false);
        }

        return swarms;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _idle.Dispose();
        _socket?.Dispose();
    }

    private async Task<T> AskAsync<T>(PacketWriter write, PacketReader<T> read, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        var buffer = ArrayPool<byte>.Shared.Rent(MaxPacketBytes);
        try
        {
            // Many torrents share a tracker: when it is silent they must not wait for it one after another.
            if (_silentSince is { } since && _time.GetElapsedTime(since) < ConnectionLife)
            {
                throw new TrackerException(Name, "it did not answer within the last minute");
            }

            for (var attempt = 0; attempt <= _retransmissions; attempt++)
            {
                var timeout = TimeSpan.FromSeconds(FirstTimeoutSeconds << attempt);
                if (!IsConnected && !await ConnectAsync(buffer, timeout, cancellationToken).ConfigureAwait(false))
                {
                    continue;
                }

                var transaction = NextTransaction();
                var request = buffer.AsMemory(0, write(buffer, _connection, transaction));
                var length = await ExchangeAsync(request, buffer, transaction, timeout, cancellationToken).ConfigureAwait(false);
                if (length > 0)
                {
                    _silentSince = null;
                    return read(buffer.AsSpan(0, length));
                }
            }

            _silentSince = _time.GetTimestamp();
            throw new TrackerException(Name, $"no answer to {_retransmissions + 1} packets");
        }
        catch (SocketException error)
        {
            Disconnect();
            throw new TrackerException(Name, $"it cannot be asked: {error.Message}", error);
        }
        catch (TrackerException)
        {
            // A refusal may mean that the tracker has forgotten the connection id.
            Disconnect();
            throw;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
            _idle.Change(ConnectionLife, Timeout.InfiniteTimeSpan);
            _turn.Release();
        }
    }

    private bool IsConnected => _connectedAt is { } at && _time.GetElapsedTime(at) < ConnectionLife;

    private async Task<bool> ConnectAsync(byte[] buffer, TimeSpan timeout, CancellationToken cancellationToken)
    {
        Disconnect();
        var addresses = await TrackerHosts.ResolveAsync(_address.IdnHost, Lookup, cancellationToken).ConfigureAwait(false);

        // IPv4 first: most trackers answer there with the peers that most clients can use.
        var address = Array.Find(addresses, one => one.AddressFamily == AddressFamily.InterNetwork) ?? addresses[0];
        var socket = new Socket(address.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        _socket = socket;

        // A connected socket hears only this tracker, and hears at once when nobody is there.
        await socket.ConnectAsync(new IPEndPoint(address, _address.Port), cancellationToken).ConfigureAwait(false);
        var transaction = NextTransaction();
        var request = buffer.AsMemory(0, UdpTrackerPackets.WriteConnect(buffer, transaction));
        var length = await ExchangeAsync(request, buffer, transaction, timeout, cancellationToken).ConfigureAwait(false);
        if (length == 0)
        {
            return false;
        }

        _connection = UdpTrackerAnswer.ReadConnect(Name, buffer.AsSpan(0, length));
        _connectedAt = _time.GetTimestamp();
        return true;
    }

    // Gives the answer's length, or 0 when none came in time.
    private async Task<int> ExchangeAsync(
        ReadOnlyMemory<byte> request,
        byte[] answer,
        int transaction,
        TimeSpan timeout,
        CancellationToken cancellationToken)
    {
        await _socket!.SendAsync(request, SocketFlags.None, cancellationToken).ConfigureAwait(false);
        using var deadline = new CancellationTokenSource(timeout, _time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        try
        {
            while (true)
            {
                var length = await _socket.ReceiveAsync(answer.AsMemory(), SocketFlags.None, both.Token).ConfigureAwait(false);
                if (UdpTrackerAnswer.Answers(answer.AsSpan(0, length), transaction))
                {
                    return length;
                }
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return 0;
        }
    }

    private void CloseWhenIdle()
    {
        if (_turn.Wait(TimeSpan.Zero))
        {
            Disconnect();
            _turn.Release();
        }
    }

    private void Disconnect()
    {
        _socket?.Dispose();
        _socket = null;
        _connectedAt = null;
    }

    // Unguessable, so that a stranger cannot answer in the tracker's name.
    private static int NextTransaction() => RandomNumberGenerator.GetInt32(int.MinValue, int.MaxValue);

    private delegate int PacketWriter(Span<byte> packet, long connection, int transaction);

    private delegate T PacketReader<T>(ReadOnlySpan<byte> packet);
}
