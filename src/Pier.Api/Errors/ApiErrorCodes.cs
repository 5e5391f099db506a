namespace Pier.Api.Errors;

/// <summary>The closed list of error codes; each has one HTTP status and one exit code of <c>pier</c> (docs/cli.md).</summary>
public static class ApiErrorCodes
{
    /// <summary>The request is malformed: 400.</summary>
    public const string BadRequest = "bad_request";

    /// <summary>A control token is needed: 401.</summary>
    public const string TokenRequired = "token_required";

    /// <summary>Credentials or policy forbid it: 403.</summary>
    public const string Denied = "denied";

    /// <summary>No such image, blob, seed or path: 404.</summary>
    public const string NotFound = "not_found";

    /// <summary>It is pinned, leased or already there: 409.</summary>
    public const string Conflict = "conflict";

    /// <summary>The Host header names somebody else: 421.</summary>
    public const string WrongHost = "wrong_host";

    /// <summary>Bytes are not what their name says: 502.</summary>
    public const string Mismatch = "mismatch";

    /// <summary>No source could be reached: 503.</summary>
    public const string Unavailable = "unavailable";

    /// <summary>The disk refused: 507.</summary>
    public const string Storage = "storage";

    /// <summary>A fault of the daemon itself; its log says more: 500.</summary>
    public const string Internal = "internal";
}
