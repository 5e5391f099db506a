namespace Pier.Distribution.Wire;

/// <summary>The error codes that the OCI distribution-spec registers.</summary>
public static class ErrorCodes
{
    /// <summary>Blob unknown to the registry.</summary>
    public const string BlobUnknown = "BLOB_UNKNOWN";

    /// <summary>An upload's request breaks the protocol.</summary>
    public const string BlobUploadInvalid = "BLOB_UPLOAD_INVALID";

    /// <summary>No such upload.</summary>
    public const string BlobUploadUnknown = "BLOB_UPLOAD_UNKNOWN";

    /// <summary>A manifest names content that the repository does not have.</summary>
    public const string ManifestBlobUnknown = "MANIFEST_BLOB_UNKNOWN";

    /// <summary>Content has another length than was said, or one that is not taken.</summary>
    public const string SizeInvalid = "SIZE_INVALID";

    /// <summary>Digest does not match, or is no digest.</summary>
    public const string DigestInvalid = "DIGEST_INVALID";

    /// <summary>Manifest unknown.</summary>
    public const string ManifestUnknown = "MANIFEST_UNKNOWN";

    /// <summary>Manifest malformed.</summary>
    public const string ManifestInvalid = "MANIFEST_INVALID";

    /// <summary>Repository name malformed.</summary>
    public const string NameInvalid = "NAME_INVALID";

    /// <summary>Repository unknown.</summary>
    public const string NameUnknown = "NAME_UNKNOWN";

    /// <summary>Credentials are missing.</summary>
    public const string Unauthorized = "UNAUTHORIZED";

    /// <summary>Credentials do not suffice.</summary>
    public const string Denied = "DENIED";

    /// <summary>The operation is not supported.</summary>
    public const string Unsupported = "UNSUPPORTED";

    /// <summary>Too many requests.</summary>
    public const string TooManyRequests = "TOOMANYREQUESTS";
}
