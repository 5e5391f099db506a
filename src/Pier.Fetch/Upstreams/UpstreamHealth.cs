using System.Collections.Concurrent;

namespace Pier.Fetch.Upstreams;

/// <summary>
/// Remembers for a few seconds which registries could not be reached, so that the requests of one pull do not wait
/// for a dead upstream one after the other (design §3.2).
/// </summary>
internal sealed class UpstreamHealth(FetchOptions options, TimeProvider time)
{
    private readonly ConcurrentDictionary<string, DateTimeOffset> _downUntil = new(StringComparer.Ordinal);

    /// <summary>True while the registry is not worth waiting for.</summary>
    public bool IsDown(string registry) =>
        _downUntil.TryGetValue(registry, out var until) && until > time.GetUtcNow();

    /// <summary>It could not be reached.</summary>
    public void MarkDown(string registry) => _downUntil[registry] = time.GetUtcNow() + options.UpstreamPause;

    /// <summary>It answered.</summary>
    public void MarkUp(string registry) => _downUntil.TryRemove(registry, out _);
}
