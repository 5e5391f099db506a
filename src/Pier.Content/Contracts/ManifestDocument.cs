namespace Pier.Content.Contracts;

/// <summary>A manifest's bytes as they were published, never re-serialised.</summary>
/// <param name="Digest">Digest of <paramref name="Content"/>.</param>
/// <param name="MediaType">The media type under which the registry served it.</param>
/// <param name="Content">At most 4 MiB.</param>
/// <param name="Warning">Text for a <c>Warning</c> header when the answer is the last known one, else null.</param>
public sealed record ManifestDocument(Digest Digest, string MediaType, ReadOnlyMemory<byte> Content, string? Warning = null)
{
    /// <summary>A member that gave it says that its repository is public.</summary>
    public bool IsVouched { get; init; }
}
