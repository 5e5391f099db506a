using Pier.Content.Uris;

namespace Pier.Content.Contracts;

/// <summary>Asks for a tree.</summary>
/// <param name="Uris">Fallbacks for the same content, tried in this order.</param>
/// <param name="Folder">Where what arrives is kept; each content has a place of its own below.</param>
/// <param name="BytesPerSecond">Most bytes per second from a swarm; null for no limit of its own.</param>
public sealed record TreeRequest(IReadOnlyList<ContentUri> Uris, string Folder, long? BytesPerSecond = null);
