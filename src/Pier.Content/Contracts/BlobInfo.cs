namespace Pier.Content.Contracts;

/// <summary>A sealed blob as the store knows it.</summary>
/// <param name="Digest">The name it was asked for by.</param>
/// <param name="Size">Length in bytes.</param>
/// <param name="LastUsed">When it was last opened, to the minute.</param>
/// <param name="Pinned">True when no eviction may take it.</param>
public sealed record BlobInfo(Digest Digest, long Size, DateTimeOffset LastUsed, bool Pinned)
{
    /// <summary>The SHA-256 name of the same bytes, under which swarms know them (design §4); mostly <see cref="Digest"/> itself.</summary>
    public Digest Sha256 { get; init; } = Digest;

    /// <summary>True when its bytes lie in another program's store and are only read from there: they are not this store's to remove or pin.</summary>
    public bool IsBorrowed { get; init; }
}
