namespace Pier.Distribution.Credentials;

/// <summary>What proves who asks a registry; never printed.</summary>
/// <param name="User">User name; for an identity token what the registry likes to see, or empty.</param>
/// <param name="Secret">Password, access token, or identity token.</param>
/// <param name="IsIdentityToken">The secret is an OAuth2 refresh token for the token server.</param>
public sealed record RegistryCredential(string User, string Secret, bool IsIdentityToken = false)
{
    /// <summary>The secret is a token for the registry itself, which a client got from its token server: sent as it is, and exchanged for no other.</summary>
    public bool IsBearerToken { get; init; }

    /// <summary>The kind alone.</summary>
    public override string ToString() => IsIdentityToken ? "identity token" : IsBearerToken ? "bearer token" : "user and password";
}
