using Pier.Content.Uris;

namespace Pier.Content.Labels;

/// <summary>Content URIs as labels carry them: anybody who gets the image reads them.</summary>
public static class LabelSources
{
    /// <summary>
    /// The URI without what could be a secret: of a magnet link its hashes and name alone, since trackers may carry passkeys.
    /// Null when nothing is left that means anything elsewhere, as of a web address with a user, a password or a query: that may
    /// be a signature, without which nobody gets the content.
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
    /// True when a source brings the content to whoever names it, without a login: what came by it may be given to others. Images
    /// and digests may be private, and so may web servers of private networks and, unless the outline is there to tell, torrents (BEP 27).
    /// </summary>
    public static bool IsOpen(DataLabel label)
    {
        ArgumentNullException.ThrowIfNull(label);
        return label.Sources.Any(source => ContentUri.TryParse(source, out var uri, out _) && uri switch
        {
            MagnetUri => !label.Outline.IsEmpty,
            TorrentFileUri { Address: var address } => !label.Outline.IsEmpty && IsPublic(address),
            WebUri { Address: var address } => IsPublic(address),
            _ => false,
        });
    }

    private static string Magnet(string text) => "magnet:?" + string.Join('&', text[(text.IndexOf('?', StringComparison.Ordinal) + 1)..].Split('&')
        .Where(part => part.StartsWith("xt=", StringComparison.Ordinal) || part.StartsWith("dn=", StringComparison.Ordinal)));

    private static string? Web(Uri address) =>
        IsPlain(address) ? new UriBuilder(address) { Fragment = "" }.Uri.AbsoluteUri : null;

    private static bool IsPublic(Uri address) => IsPlain(address) && !PrivateHosts.Has(address.DnsSafeHost);

    private static bool IsPlain(Uri address) => address is { Query.Length: 0, UserInfo.Length: 0 };
}
