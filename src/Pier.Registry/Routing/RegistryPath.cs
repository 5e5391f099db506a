namespace Pier.Registry.Routing;

/// <summary>A path of the distribution protocol, taken apart; names are not judged here.</summary>
/// <param name="Kind">What it is about.</param>
/// <param name="Name">The repository as the client wrote it; empty for <c>/v2/</c> and the catalogue.</param>
/// <param name="Reference">Tag, digest or upload session; empty where there is none.</param>
internal readonly record struct RegistryPath(RegistryPathKind Kind, string Name, string Reference)
{
    private const string Prefix = "/v2";

    /// <summary>Takes a request's path apart, from the right, because names may contain any of the words; false when it is none.</summary>
    public static bool TryParse(string path, out RegistryPath parsed)
    {
        parsed = default;
        if (path is Prefix or Prefix + "/")
        {
            parsed = new RegistryPath(RegistryPathKind.Base, "", "");
            return true;
        }

        // By spans: each request comes through here, and a name is the only text that is needed of most.
        if (!path.StartsWith(Prefix + "/", StringComparison.Ordinal))
        {
            return false;
        }

        var rest = path.AsSpan(Prefix.Length + 1);
        if (rest is "_catalog")
        {
            parsed = new RegistryPath(RegistryPathKind.Catalog, "", "");
            return true;
        }

        if (!TrySplit(rest, out var head, out var last) || !TrySplit(head, out var name, out var word))
        {
            return false;
        }

        if (word is "uploads" && TrySplit(name, out var above, out var blobs) && blobs is "blobs")
        {
            parsed = new RegistryPath(RegistryPathKind.Upload, above.ToString(), last.ToString());
            return true;
        }

        RegistryPathKind? kind = word switch
        {
            "blobs" => last is "uploads" ? RegistryPathKind.Upload : RegistryPathKind.Blob,
            "manifests" => RegistryPathKind.Manifest,
            "referrers" => RegistryPathKind.Referrers,
            "tags" => last is "list" ? RegistryPathKind.Tags : null,
            _ => null,
        };
        if (kind is { } found)
        {
            parsed = new RegistryPath(found, name.ToString(), found is RegistryPathKind.Tags or RegistryPathKind.Upload ? "" : last.ToString());
        }

        return kind is not null;
    }

    /// <summary>Splits at the last slash.</summary>
    private static bool TrySplit(ReadOnlySpan<char> path, out ReadOnlySpan<char> before, out ReadOnlySpan<char> after)
    {
        var slash = path.LastIndexOf('/');
        before = slash < 0 ? default : path[..slash];
        after = path[(slash + 1)..];
        return slash >= 0;
    }
}
