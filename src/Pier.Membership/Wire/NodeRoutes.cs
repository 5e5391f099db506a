namespace Pier.Membership.Wire;

/// <summary>Paths of the node port; the number is the protocol's version.</summary>
internal static class NodeRoutes
{
    public const string Base = "/pier/node/1";
    public const string JoinChallenge = Base + "/join/challenge";
    public const string Join = Base + "/join";
    public const string Heartbeat = Base + "/heartbeat";
    public const string Goodbye = Base + "/goodbye";
    public const string Holdings = Base + "/holdings/";
    public const string Summary = Base + "/summary";
    public const string Provisional = Base + "/provisional/";
    public const string Blobs = Base + "/blobs/";
    public const string Manifests = Base + "/manifests/";
    public const string Tags = Base + "/tags";
    public const string TurnAsk = Base + "/turns/ask";
    public const string TurnRenew = Base + "/turns/renew";
    public const string TurnRelease = Base + "/turns/release";

    /// <summary>Most bytes of a JSON body, either way.</summary>
    public const int MaxJsonBytes = 512 * 1024;

    /// <summary>Most bytes of a manifest (OCI distribution-spec, "Pushing Manifests").</summary>
    public const int MaxManifestBytes = 4 * 1024 * 1024;

    /// <summary>Beside a manifest: anybody may have its repository.</summary>
    public const string PublicHeader = "Pier-Public";
}
