using Pier.Distribution.Errors;

namespace Pier.Distribution.Transport;

/// <summary>
/// When the next request may go to one address: within the rate that is set for it, and not while it wants to be left
/// alone (429, RFC 6585 §4). Who would wait too long is told so at once, and asks elsewhere.
/// </summary>
internal sealed class RequestPace(RequestRate? rate, TimeProvider time)
{
    /// <summary>Limits are often on some requests only: after this long one may find out.</summary>
    private static readonly TimeSpan LongestRest = TimeSpan.FromMinutes(1);

    private readonly Lock _gate = new();
    private DateTimeOffset _restUntil;
    private DateTimeOffset _spentUntil;

    /// <summary>Waits until a request may go.</summary>
    /// <exception cref="UpstreamException">That would be after <paramref name="latest"/>; tells when.</exception>
    public async Task WaitAsync(string what, DateTimeOffset latest, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        TimeSpan wait;
        lock (_gate)
        {
            var due = Due(now);
            // Whoever comes late, after a slow answer, does not wait any longer.
            if (due > now && due > latest)
            {
                throw new UpstreamException(UpstreamFailure.RateLimited, $"{what}: not asked, since it takes no more requests for {(due - now).TotalSeconds:0} s.")
                {
                    RetryAfter = due - now,
                };
            }

            wait = due - now;
            if (rate is not null)
            {
                _spentUntil = (_spentUntil > now ? _spentUntil : now) + (rate.Period / rate.Count);
            }
        }

        if (wait > TimeSpan.Zero)
        {
            await Task.Delay(wait, time, cancellationToken);
        }
    }

    /// <summary>The address wants to be left alone for some time.</summary>
    public void Rest(TimeSpan rest)
    {
        var until = time.GetUtcNow() + (rest < LongestRest ? rest : LongestRest);
        lock (_gate)
        {
            _restUntil = until > _restUntil ? until : _restUntil;
        }
    }

    /// <summary>The whole of a period's requests may go at once; each comes back after its share of the period.</summary>
    private DateTimeOffset Due(DateTimeOffset now)
    {
        var due = _restUntil > now ? _restUntil : now;
        if (rate is null || _spentUntil <= now)
        {
            return due;
        }

        var paced = _spentUntil - rate.Period + (rate.Period / rate.Count);
        return paced > due ? paced : due;
    }
}
