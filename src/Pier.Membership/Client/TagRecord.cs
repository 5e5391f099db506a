using Pier.Content;

namespace Pier.Membership.Client;

/// <summary>What a tag named when it was last proved upstream (design §3.2).</summary>
/// <param name="Digest">Digest of the manifest.</param>
/// <param name="MediaType">Its media type.</param>
/// <param name="When">When the upstream last said so.</param>
public sealed record TagRecord(Digest Digest, string MediaType, DateTimeOffset When);
