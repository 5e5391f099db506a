using Pier.Content;
using Pier.Content.Contracts;

namespace Pier.Fetch.Delivery;

/// <summary>Remembers the last failure of each leg and makes of them the one exception that clients see.</summary>
internal sealed class LegFailures
{
    private const int Most = 16;

    private readonly Dictionary<string, ContentException> _last = [];

    /// <summary>Keeps a leg's failure in place of its earlier one.</summary>
    public void Add(string leg, ContentException cause)
    {
        if (_last.Count < Most || _last.ContainsKey(leg))
        {
            _last[leg] = cause;
        }
    }

    /// <summary>The failure of the whole: its kind is that of the legs when they agree, its message names each of them.</summary>
    public ContentException Summarize(Digest digest)
    {
        if (_last.Count == 0)
        {
            return new ContentUnavailableException(
                $"Nobody to ask for {digest}: no member claims it and no repository was named. Ask for it under its repository.");
        }

        var legs = string.Join("; ", _last.Select(entry => $"{entry.Key}: {entry.Value.Message}"));
        var cause = _last.Count == 1 ? (Exception)_last.Values.First() : new AggregateException(_last.Values);
        var message = $"No source delivers {digest}. {legs}";
        if (_last.Values.FirstOrDefault(failure => failure is ContentStorageException) is { } storage)
        {
            return storage;
        }
        if (_last.Values.Any(failure => failure is ContentDeniedException))
        {
            return new ContentDeniedException(message, cause);
        }
        if (_last.Values.Any(failure => failure is ContentMismatchException))
        {
            return new ContentMismatchException(message, cause);
        }
        return _last.Values.All(failure => failure is ContentNotFoundException)
            ? new ContentNotFoundException(message, cause)
            : new ContentUnavailableException(message, cause);
    }
}
