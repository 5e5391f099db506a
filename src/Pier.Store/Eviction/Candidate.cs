using Pier.Content;

namespace Pier.Store.Eviction;

/// <summary>Something that eviction may take.</summary>
/// <param name="Digest">The blob.</param>
/// <param name="Sha256">Its SHA-256 name.</param>
/// <param name="Size">Bytes that its removal frees.</param>
/// <param name="LastUsed">When it was last opened, or, for what an ended fetch left, last written.</param>
/// <param name="IsPartial">True for what an ended fetch left.</param>
internal sealed record Candidate(Digest Digest, Digest Sha256, long Size, DateTimeOffset LastUsed, bool IsPartial);
