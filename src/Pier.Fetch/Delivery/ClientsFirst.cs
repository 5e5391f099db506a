using Pier.Content.Contracts;

namespace Pier.Fetch.Delivery;

/// <summary>
/// Keeps what is fetched ahead from taking the line from what somebody waits for: an engine unpacks the first layer sooner when
/// those that it asked for do not share the line with those that it will ask for.
/// </summary>
internal sealed class ClientsFirst(TimeProvider time)
{
    /// <summary>So much of a blob comes without a pause: round trips are what fetching ahead saves most, and small layers are here whole.</summary>
    private const long Head = 4 << 20;

    /// <summary>A source that pauses longer could be taken for one that stands still.</summary>
    private const int MostPauses = 5;

    private static readonly TimeSpan Recent = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    private long _last;
    private volatile bool _wasAny;

    /// <summary>Whether bytes came a moment ago that somebody waits for.</summary>
    public bool AreServed => _wasAny && time.GetElapsedTime(Volatile.Read(ref _last)) < Recent;

    /// <summary>Bytes came that somebody waits for.</summary>
    public void Note()
    {
        Volatile.Write(ref _last, time.GetTimestamp());
        _wasAny = true;
    }

    /// <summary>Called between two reads from a source: waits a little while others are served and nobody waits for this fetch.</summary>
    /// <param name="fetch">Whose bytes they are.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async ValueTask YieldAsync(BlobFetch fetch, CancellationToken cancellationToken)
    {
        for (var pauses = 0; pauses < MostPauses && fetch.Request.Priority == FetchPriority.Background && fetch.Arrived > Head && AreServed; pauses++)
        {
            await Task.Delay(Pause, time, cancellationToken);
        }
    }
}
