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

        var parts = path.Split('/');
        RegistryPath? found = parts switch
        {
            ["", "v2", "_catalog"] => new(RegistryPathKind.Catalog, "", ""),
            ["", "v2", .. { Length: > 0 } name, "blobs", "uploads", var session] => new(RegistryPathKind.Upload, Join(name), session),
            ["", "v2", .. { Length: > 0 } name, "blobs", "uploads"] => new(RegistryPathKind.Upload, Join(name), ""),
            ["", "v2", .. { Length: > 0 } name, "manifests", var reference] => new(RegistryPathKind.Manifest, Join(name), reference),
            ["", "v2", .. { Length: > 0 } name, "blobs", var digest] => new(RegistryPathKind.Blob, Join(name), digest),
            ["", "v2", .. { Length: > 0 } name, "tags", "list"] => new(RegistryPathKind.Tags, Join(name), ""),
            ["", "v2", .. { Length: > 0 } name, "referrers", var digest] => new(RegistryPathKind.Referrers, Join(name), digest),
            _ => null,
        };
        parsed = found ?? default;
        return found is not null;
    }

    private static string Join(string[] parts) => string.Join('/', parts);
}
