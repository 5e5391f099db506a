namespace Pier.Content.Contracts;

/// <summary>A source's word that it can supply a blob.</summary>
/// <param name="Source">Who says so; display name such as <c>registry-1.docker.io</c> or a node's name.</param>
/// <param name="Request">What was asked.</param>
/// <param name="Size">Length in bytes by the source's word.</param>
/// <param name="Trust">Whether bytes may be shown to readers before the seal (design §3.6).</param>
public record ContentOffer(string Source, BlobRequest Request, long Size, SourceTrust Trust);
