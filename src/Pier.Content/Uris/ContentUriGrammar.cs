using Pier.Content.References;

namespace Pier.Content.Uris;

/// <summary>Reads one content URI: finds the scheme, checks what follows, refuses forbidden hosts.</summary>
internal static class ContentUriGrammar
{
    private const int MaxSchemeLength = 64;

    public static ContentUri Read(string text)
    {
        if (text.Length is 0 or > ContentUri.MaxLength)
        {
            throw Fault(text, $"expected 1 to {ContentUri.MaxLength} characters, found {text.Length}.");
        }

        if (text.Any(c => char.IsControl(c) || char.IsWhiteSpace(c)))
        {
            throw Fault(text, "it has white space or control characters; write them as %20 and so on.");
        }

        var colon = text.IndexOf(':', StringComparison.Ordinal);
        if (colon <= 0 || !IsScheme(text.AsSpan(0, colon)))
        {
            throw Fault(text, "it has no scheme; expected magnet:, http:, https:, ipfs:, ipns:, oci:, sha256: or the name of a backend.");
        }

        var rest = text[(colon + 1)..];
        var scheme = text[..colon].ToLowerInvariant();
        return scheme switch
        {
            "magnet" => MagnetGrammar.Read(text, rest),
            "http" or "https" => ReadWeb(text),
            "ipfs" => ReadIpfs(text, rest),
            "ipns" => ReadIpns(text, rest),
            "oci" => ReadOci(text, rest),
            "sha256" or "sha512" => ReadDigest(text),
            _ when rest.Length == 0 => throw Fault(text, "nothing follows the backend's name."),
            _ => ReadBackend(text, scheme, rest),
        };
    }

    public static ContentUriException Fault(string text, string what, Exception? cause = null) =>
        new($"'{RepositoryName.Shorten(text)}' is not a content URI: {what}", cause);

    /// <summary>An absolute http or https address that may be asked; else a fault.</summary>
    public static Uri ReadAddress(string text, string address)
    {
        if (!Uri.TryCreate(address, UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https") || uri.Host.Length == 0)
        {
            throw Fault(text, $"'{RepositoryName.Shorten(address)}' is no http or https address.");
        }

        if (uri.UserInfo.Length > 0)
        {
            throw Fault(text, "user and password in an address end up in logs and build history; configure credentials instead.");
        }

        RefuseForbidden(text, AsciiHost(text, uri));
        return uri;
    }

    public static void RefuseForbidden(string text, string host)
    {
        if (HostRules.IsForbiddenTarget(host))
        {
            throw Fault(text, $"'{host}' is a link-local or metadata address, which Pier never asks.");
        }
    }

    /// <summary>The host as it would be looked up: international names in their ASCII form (RFC 5891).</summary>
    private static string AsciiHost(string text, Uri uri)
    {
        try
        {
            return uri.IdnHost;
        }
        catch (UriFormatException broken)
        {
            throw Fault(text, $"'{uri.Host}' is no host name.", broken);
        }
    }

    /// <summary>What a program will make of its URI is its own affair, but not where Pier never goes: every host that stands in it is looked at.</summary>
    private static BackendUri ReadBackend(string text, string scheme, string rest)
    {
        const string AfterScheme = "://";
        var uri = new BackendUri(text, scheme, rest);
        var plain = Uri.UnescapeDataString(rest);
        RefuseForbidden(uri.Shown, HostIn(plain));
        for (var at = plain.IndexOf(AfterScheme, StringComparison.Ordinal); at >= 0; at = plain.IndexOf(AfterScheme, at + 1, StringComparison.Ordinal))
        {
            RefuseForbidden(uri.Shown, HostIn(plain[(at + AfterScheme.Length)..]));
        }

        return uri;
    }

    /// <summary>The host at the start of a text, without user and password (RFC 3986 §3.2).</summary>
    private static string HostIn(string text)
    {
        var authority = text.TrimStart('/').Split('/', '?', '#', '\\', ',', '|')[0];
        return authority[(authority.LastIndexOf('@') + 1)..];
    }

    private static ContentUri ReadWeb(string text)
    {
        var address = ReadAddress(text, text);
        return address.AbsolutePath.EndsWith(".torrent", StringComparison.OrdinalIgnoreCase)
            ? new TorrentFileUri(text, address)
            : new WebUri(text, address);
    }

    private static IpfsUri ReadIpfs(string text, string rest)
    {
        var (cid, path) = SplitPath(text, rest);
        return CidGrammar.IsCid(cid)
            ? new IpfsUri(text, cid, path)
            : throw Fault(text, $"'{RepositoryName.Shorten(cid)}' is no CID.");
    }

    private static IpnsUri ReadIpns(string text, string rest)
    {
        var (name, path) = SplitPath(text, rest);
        if (!CidGrammar.IsCid(name) && !CidGrammar.IsPeerId(name) && !(ReferenceGrammar.IsRegistry(name) && name.Contains('.', StringComparison.Ordinal)))
        {
            throw Fault(text, $"'{RepositoryName.Shorten(name)}' is neither an IPNS key nor a domain.");
        }

        RefuseForbidden(text, name);
        return new IpnsUri(text, name, path);
    }

    private static OciUri ReadOci(string text, string rest)
    {
        var name = WithoutSlashes(text, rest);
        string? path = null;
        var bang = name.IndexOf("!/", StringComparison.Ordinal);
        if (bang >= 0)
        {
            path = UriPath.Decode(text, name[(bang + 2)..]);
            name = name[..bang];
        }

        try
        {
            var image = ImageReference.Parse(name);
            RefuseForbidden(text, image.Repository.Registry);
            return new OciUri(text, image, path);
        }
        catch (ReferenceFormatException refused)
        {
            throw Fault(text, refused.Message, refused);
        }
    }

    private static DigestUri ReadDigest(string text) =>
        Digest.TryParse(text, out var digest)
            ? new DigestUri(text, digest)
            : throw Fault(text, "expected sha256: and 64, or sha512: and 128, lower-case hex digits.");

    private static (string Name, string Path) SplitPath(string text, string rest)
    {
        var whole = WithoutSlashes(text, rest);
        var slash = whole.IndexOf('/', StringComparison.Ordinal);
        return slash < 0 ? (whole, "") : (whole[..slash], UriPath.Decode(text, whole[(slash + 1)..]));
    }

    private static string WithoutSlashes(string text, string rest) =>
        rest.StartsWith("//", StringComparison.Ordinal) && rest.Length > 2
            ? rest[2..]
            : throw Fault(text, "after the scheme comes '//' and a name.");

    /// <summary>RFC 3986 §3.1, and what makes a safe file name of a backend.</summary>
    private static bool IsScheme(ReadOnlySpan<char> scheme)
    {
        if (scheme.Length > MaxSchemeLength || !char.IsAsciiLetter(scheme[0]))
        {
            return false;
        }

        foreach (var c in scheme)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('+' or '-' or '_'))
            {
                return false;
            }
        }

        return true;
    }
}
