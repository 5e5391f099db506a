using Pier.Content.Contracts;

namespace Pier.Fetch.Ladder;

/// <summary>A source that may be asked, and what it holds while it is at work.</summary>
/// <param name="Name">Unique among the sources of a digest: <c>upstream docker.io</c>, <c>member HOST</c>, <c>swarm INFOHASH</c>.</param>
/// <param name="Source">The source itself.</param>
/// <param name="Turn">The turn under which it may ask the upstream; null when it needs none.</param>
internal sealed record Candidate(string Name, IContentSource Source, ITurn? Turn = null)
{
    /// <summary>Names of those whose word it rests on; they are left out with it when the word was false (design §3.7).</summary>
    public IReadOnlyCollection<string> Tellers { get; init; } = [];

    /// <summary>Whether what it delivers may be shown before the seal; who may not is blamed first for a false whole.</summary>
    public SourceTrust Trust { get; init; } = SourceTrust.AtOnce;

    /// <summary>How long it may be silent; null as its rung may.</summary>
    public LegPatience? Patience { get; init; }
}
