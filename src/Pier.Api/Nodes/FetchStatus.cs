namespace Pier.Api.Nodes;

/// <summary>One blob that is arriving or has arrived.</summary>
/// <param name="Digest">Its name.</param>
/// <param name="Origin">The repository it was asked for under, or null.</param>
/// <param name="Size">Bytes of the whole.</param>
/// <param name="State">fetching, sealed or failed.</param>
/// <param name="Sources">Bytes by source.</param>
/// <param name="Rate">Bytes per second; 0 once it has ended.</param>
public sealed record FetchStatus(string Digest, string? Origin, long Size, string State, SourceBytes Sources, long Rate);
