using Pier.Content.Contracts;

namespace Pier.Volumes.Whole;

/// <summary>The torrents that could not be had, so that nobody waits again at once for what nobody knows. Thread-safe.</summary>
internal sealed class MissedTorrents(TimeProvider time)
{
    /// <summary>How long it is believed that nobody knows a torrent.</summary>
    public static readonly TimeSpan MissedFor = TimeSpan.FromSeconds(30);

    private const int MaxMissed = 4096;
    private const int KeptFailures = 16;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, (long At, string Reason)> _missed = new(StringComparer.Ordinal);
    private readonly Queue<string> _failures = new();

    /// <summary>Why the latest look-ups failed, newest last.</summary>
    public IReadOnlyList<string> Failures
    {
        get
        {
            lock (_gate)
            {
                return [.. _failures];
            }
        }
    }

    /// <summary>Returns when a torrent may be asked for.</summary>
    /// <exception cref="ContentNotFoundException">Nobody knew it just now; says what was said then.</exception>
    public void Check(string name)
    {
        lock (_gate)
        {
            if (!_missed.TryGetValue(name, out var missed))
            {
                return;
            }

            if (time.GetElapsedTime(missed.At) < MissedFor)
            {
                throw new ContentNotFoundException(missed.Reason);
            }

            _missed.Remove(name);
        }
    }

    /// <summary>A look-up failed.</summary>
    /// <param name="name">The torrent.</param>
    /// <param name="failure">Why; a failure of the disk says nothing of the torrent.</param>
    public void Add(string name, ContentException failure)
    {
        lock (_gate)
        {
            if (failure is not ContentStorageException)
            {
                if (_missed.Count >= MaxMissed)
                {
                    // Who asks for so many at once does not ask for one again.
                    _missed.Clear();
                }

                _missed[name] = (time.GetTimestamp(), failure.Message);
            }

            if (_failures.Count == KeptFailures)
            {
                _failures.Dequeue();
            }

            _failures.Enqueue($"{time.GetUtcNow():yyyy-MM-dd HH:mm:ss}Z {failure.Message}");
        }
    }
}
