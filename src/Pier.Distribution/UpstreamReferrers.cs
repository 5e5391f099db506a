using Pier.Content.Contracts;

namespace Pier.Distribution;

/// <summary>What refers to a manifest, from an upstream.</summary>
/// <param name="Page">The list.</param>
/// <param name="WasAnonymous">True when it was had without credentials.</param>
public sealed record UpstreamReferrers(ReferrersPage Page, bool WasAnonymous);
