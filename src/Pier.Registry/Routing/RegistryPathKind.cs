namespace Pier.Registry.Routing;

/// <summary>What a path below <c>/v2/</c> is about (OCI distribution-spec v1.1, "Endpoints").</summary>
internal enum RegistryPathKind
{
    /// <summary><c>/v2/</c> itself.</summary>
    Base,

    /// <summary><c>_catalog</c>.</summary>
    Catalog,

    /// <summary><c>&lt;name&gt;/manifests/&lt;reference&gt;</c>.</summary>
    Manifest,

    /// <summary><c>&lt;name&gt;/blobs/&lt;digest&gt;</c>.</summary>
    Blob,

    /// <summary><c>&lt;name&gt;/blobs/uploads/…</c>.</summary>
    Upload,

    /// <summary><c>&lt;name&gt;/tags/list</c>.</summary>
    Tags,

    /// <summary><c>&lt;name&gt;/referrers/&lt;digest&gt;</c>.</summary>
    Referrers,
}
