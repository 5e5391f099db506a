using Pier.Content.Uris;

namespace Pier.Content.Labels;

/// <summary>Content URIs as labels carry them: anybody who gets the image reads them.</summary>
public static class LabelSources
{
    /// <summary>
    /// The URI without what could be a secret: of a magnet link its hashes and name alone, since trackers may carry passkeys; of
    /// a web address no user, password or query. Null when nothing is left that means anything elsewhere.
    /// </summary>
    public static string? Of(ContentUri uri) => uri switch
    {
        MagnetUri => Magnet(uri.Text),
        TorrentFileUri { Address: var address } => Web(address),
        WebUri { Address: var address } => Web(address),
        OciUri or DigestUri or IpfsUri or IpnsUri => uri.Text,
        _ => null,
    };

    /// <summary>
    /// True for a source that brings its content to whoever names it, without a login: what came by it may be given to others.
    /// Images and digests may be private.
    /// </summary>
    public static bool IsOpen(string source) =>
        ContentUri.TryParse(source, out var uri, out _) && uri is MagnetUri or TorrentFileUri or WebUri;

    private static string Magnet(string text) => "magnet:?" + string.Join('&', text[(text.IndexOf('?', StringComparison.Ordinal) + 1)..].Split('&')
        .Where(part => part.StartsWith("xt=", StringComparison.Ordinal) || part.StartsWith("dn=", StringComparison.Ordinal)));

    private static string Web(Uri address) => new UriBuilder(address) { UserName = "", Password = "", Query = "", Fragment = "" }.Uri.AbsoluteUri;
}
