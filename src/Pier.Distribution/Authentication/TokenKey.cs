namespace Pier.Distribution.Authentication;

/// <summary>What a cached token is good for. A registry may name another's token server, so its own address is part of the key.</summary>
/// <param name="Endpoint">The address that the token is sent to.</param>
/// <param name="Realm">The token server.</param>
/// <param name="Service">The registry as the token server calls it.</param>
/// <param name="Repository">Path of the repository.</param>
/// <param name="Anonymous">True for a token got without credentials.</param>
/// <param name="Caller">Tells whose login got it; null for this node's own.</param>
internal sealed record TokenKey(Uri Endpoint, Uri Realm, string? Service, string Repository, bool Anonymous, string? Caller = null);
