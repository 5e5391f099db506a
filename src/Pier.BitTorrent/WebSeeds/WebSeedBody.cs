namespace Pier.BitTorrent.WebSeeds;

/// <summary>
/// The bytes of one run of blocks, from as many requests as it takes. Each block has a deadline, so that a server that drips
/// holds nobody up for longer than one that is silent.
/// </summary>
/// <param name="client">Sends requests.</param>
/// <param name="parts">What to ask for, in order.</param>
/// <param name="mayBeNear">Whether the seed itself is nearby.</param>
/// <param name="time">The clock.</param>
internal sealed class WebSeedBody(WebSeedClient client, IEnumerable<WebSeedPart> parts, bool mayBeNear, TimeProvider time) : IAsyncDisposable
{
    /// <summary>How long a server may take for an answer, and for a block.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly IEnumerator<WebSeedPart> _parts = parts.GetEnumerator();
    private readonly CancellationTokenSource _late = new(Timeout.InfiniteTimeSpan, time);
    private HttpResponseMessage? _answer;
    private Stream? _body;
    private long _left;

    /// <summary>Fills a buffer with what comes next.</summary>
    /// <exception cref="WebSeedException">The server does not give it.</exception>
    public async ValueTask ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(_late.Token, cancellationToken);
        _late.CancelAfter(Patience);
        try
        {
            while (buffer.Length > 0)
            {
                if (_left == 0)
                {
                    await NextAsync(linked.Token);
                }

                var read = await ReadPartAsync(buffer[..(int)Math.Min(buffer.Length, _left)], linked.Token);
                _left -= read;
                buffer = buffer[read..];
            }

            _late.CancelAfter(Timeout.InfiniteTimeSpan);
        }
        catch (OperationCanceledException slow) when (!cancellationToken.IsCancellationRequested)
        {
            throw new WebSeedException($"it is too slow: not one block in {Patience.TotalSeconds:0} s", slow);
        }
        catch (Exception broken) when (broken is HttpRequestException or IOException)
        {
            throw new WebSeedException(broken.Message, broken);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await CloseAsync();
        _parts.Dispose();
        _late.Dispose();
    }

    private async ValueTask<int> ReadPartAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        if (_body is not { } body)
        {
            buffer.Span.Clear();
            return buffer.Length;
        }

        var read = await body.ReadAsync(buffer, cancellationToken);
        return read > 0 ? read : throw new WebSeedException($"it ends {_left} bytes too early");
    }

    private async Task NextAsync(CancellationToken cancellationToken)
    {
        await CloseAsync();
        if (!_parts.MoveNext())
        {
            throw new InvalidOperationException("the run has no more bytes");
        }

        var part = _parts.Current;
        _left = part.Length;
        if (part.Address is not null)
        {
            _answer = await client.SendAsync(part, mayBeNear, cancellationToken);
            await WebSeedAnswer.CheckAsync(_answer, part, cancellationToken);
            _body = await _answer.Content.ReadAsStreamAsync(cancellationToken);
        }
    }

    private async ValueTask CloseAsync()
    {
        if (_body is { } body)
        {
            _body = null;
            await body.DisposeAsync();
        }

        _answer?.Dispose();
        _answer = null;
    }
}
