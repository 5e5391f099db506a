namespace Pier.Distribution.Authentication;

/// <summary>
/// Tokens that still hold, bounded in number, and a gate by which only one caller at a time asks for the same one;
/// the others find it when their turn comes.
/// </summary>
internal sealed class TokenCache : IDisposable
{
    private const int MaxTokens = 2048;
    private const int Gates = 16;

    private readonly TimeProvider _time;
    private readonly Lock _lock = new();
    private readonly Dictionary<TokenKey, (string Token, DateTimeOffset Until)> _tokens = [];
    private readonly SemaphoreSlim[] _gates = [.. Enumerable.Range(0, Gates).Select(_ => new SemaphoreSlim(1, 1))];

    public TokenCache(TimeProvider time) => _time = time;

    /// <summary>A token that holds, or null.</summary>
    public string? Find(TokenKey key)
    {
        lock (_lock)
        {
            return _tokens.TryGetValue(key, out var held) && held.Until > _time.GetUtcNow() ? held.Token : null;
        }
    }

    /// <summary>Forgets a token that was refused, unless a newer one took its place.</summary>
    public void Drop(TokenKey key, string token)
    {
        lock (_lock)
        {
            if (_tokens.TryGetValue(key, out var held) && held.Token == token)
            {
                _tokens.Remove(key);
            }
        }
    }

    /// <summary>The token that holds, else the one that <paramref name="ask"/> brings; one asks, the rest wait.</summary>
    public async Task<string> GetAsync(TokenKey key, Func<CancellationToken, Task<(string Token, TimeSpan Lifetime)>> ask, CancellationToken cancellationToken)
    {
        var gate = _gates[(uint)key.GetHashCode() % Gates];
        await gate.WaitAsync(cancellationToken);
        try
        {
            if (Find(key) is { } held)
            {
                return held;
            }

            var (token, lifetime) = await ask(cancellationToken);
            Keep(key, token, lifetime);
            return token;
        }
        finally
        {
            gate.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var gate in _gates)
        {
            gate.Dispose();
        }
    }

    private void Keep(TokenKey key, string token, TimeSpan lifetime)
    {
        var now = _time.GetUtcNow();
        lock (_lock)
        {
            if (_tokens.Count >= MaxTokens)
            {
                foreach (var old in _tokens.OrderBy(entry => entry.Value.Until).Take(MaxTokens / 2).Select(entry => entry.Key).ToList())
                {
                    _tokens.Remove(old);
                }
            }

            // A tenth is left as a margin for requests under way and for clocks that differ.
            _tokens[key] = (token, now + (lifetime * 0.9));
        }
    }
}
