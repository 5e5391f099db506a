using System.Diagnostics.CodeAnalysis;
using Pier.Content.References;

namespace Pier.Content.Uris;

/// <summary>
/// Where content comes from: the one grammar of <c>PIER</c>, volumes, runs and <c>pier get</c> (design §4). A closed
/// set: each derived record is one kind of source.
/// </summary>
public abstract record ContentUri
{
    /// <summary>Most characters of one URI; magnets with many trackers are the longest.</summary>
    public const int MaxLength = 16 * 1024;

    /// <summary>Most fallbacks in a row.</summary>
    public const int MaxFallbacks = 32;

    private protected ContentUri(string text) => Text = text;

    /// <summary>The URI as written.</summary>
    public string Text { get; }

    /// <summary>Parses one URI.</summary>
    /// <exception cref="ContentUriException">No content URI, or one that points to a forbidden host; says why.</exception>
    public static ContentUri Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return ContentUriGrammar.Read(text);
    }

    /// <summary>As <see cref="Parse"/>; false with the reason when the text is none.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out ContentUri? uri, [NotNullWhen(false)] out string? fault)
    {
        try
        {
            uri = Parse(text);
            fault = null;
            return true;
        }
        catch (ContentUriException refused)
        {
            uri = null;
            fault = refused.Message;
            return false;
        }
    }

    /// <summary>Parses several URIs that are fallbacks for the same bytes, to be tried in this order.</summary>
    /// <exception cref="ContentUriException">None, too many, or one that is refused.</exception>
    public static IReadOnlyList<ContentUri> ParseAll(IReadOnlyCollection<string> texts)
    {
        ArgumentNullException.ThrowIfNull(texts);
        if (texts.Count is 0 or > MaxFallbacks)
        {
            throw new ContentUriException($"Expected 1 to {MaxFallbacks} content URIs, found {texts.Count}.");
        }

        return [.. texts.Select(Parse)];
    }

    /// <inheritdoc/>
    public sealed override string ToString() => Text;
}

/// <summary>A torrent known by its magnet link (BEP 9, BEP 52).</summary>
public sealed record MagnetUri(string Text) : ContentUri(Text);

/// <summary>A torrent whose metainfo lies on the web.</summary>
/// <param name="Text">The URI as written.</param>
/// <param name="Address">Where the <c>.torrent</c> file is.</param>
public sealed record TorrentFileUri(string Text, Uri Address) : ContentUri(Text);

/// <summary>A torrent whose metainfo came with the request: a file on the user's side. The grammar has no such URI.</summary>
/// <param name="Text">The file's name, for messages.</param>
/// <param name="Metainfo">The <c>.torrent</c> file's bytes, as the user gave them.</param>
public sealed record TorrentDocumentUri(string Text, ReadOnlyMemory<byte> Metainfo) : ContentUri(Text);

/// <summary>A file on the web.</summary>
/// <param name="Text">The URI as written.</param>
/// <param name="Address">Where it is.</param>
public sealed record WebUri(string Text, Uri Address) : ContentUri(Text);

/// <summary>Immutable IPFS content.</summary>
/// <param name="Text">The URI as written.</param>
/// <param name="Cid">The content identifier, checked for its alphabet only.</param>
/// <param name="Path">Decoded path below it, without leading slash; empty for the root.</param>
public sealed record IpfsUri(string Text, string Cid, string Path) : ContentUri(Text);

/// <summary>IPFS content under a mutable name.</summary>
/// <param name="Text">The URI as written.</param>
/// <param name="Name">An IPNS key or a DNSLink domain.</param>
/// <param name="Path">Decoded path below it, without leading slash; empty for the root.</param>
public sealed record IpnsUri(string Text, string Name, string Path) : ContentUri(Text);

/// <summary>An image, or a path in an image's file system.</summary>
/// <param name="Text">The URI as written.</param>
/// <param name="Image">The image.</param>
/// <param name="Path">Decoded path in its file system, without leading slash; null for the image itself.</param>
public sealed record OciUri(string Text, ImageReference Image, string? Path) : ContentUri(Text);

/// <summary>A blob by its digest.</summary>
/// <param name="Text">The URI as written.</param>
/// <param name="Digest">The blob.</param>
public sealed record DigestUri(string Text, Digest Digest) : ContentUri(Text);

/// <summary>Something that an external backend fetches (design §6).</summary>
/// <param name="Text">The URI as written, as the backend gets it.</param>
/// <param name="Backend">Name of the backend, lower case.</param>
/// <param name="Rest">What follows the colon.</param>
public sealed record BackendUri(string Text, string Backend, string Rest) : ContentUri(Text)
{
    /// <summary>The URI as messages and logs show it: without user and password, and without a query, which may be a signature.</summary>
    public string Shown
    {
        get
        {
            var plain = Text.Split('?', '#')[0];
            var start = plain.IndexOf("://", StringComparison.Ordinal) is var found and >= 0 ? found + 3 : Backend.Length + 1;
            var end = plain.IndexOf('/', start);
            var at = plain.LastIndexOf('@', (end < 0 ? plain.Length : end) - 1);
            return (at < start ? plain : plain[..start] + plain[(at + 1)..]) + (plain.Length < Text.Length ? "?…" : "");
        }
    }
}
