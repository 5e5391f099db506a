using Pier.Content.Uris;

namespace Pier.Content.Contracts;

/// <summary>Content that a build wants.</summary>
/// <param name="Uris">Fallbacks for the same bytes, in this order.</param>
/// <param name="Includes">Patterns of the files that are wanted of a tree; none for all.</param>
public sealed record SupplyRequest(IReadOnlyList<ContentUri> Uris, IReadOnlyList<string> Includes)
{
    /// <summary>The torrent by which the content can be served is wanted as well.</summary>
    public bool WithTorrent { get; init; }

    /// <summary>Of an archive that is compressed in a way that not every engine knows (Zstandard), the tar in it is wanted.</summary>
    public bool Plain { get; init; }
}
