namespace Pier.Registry.Access;

/// <summary>Who asks.</summary>
/// <param name="User">The user; null for somebody who gave no name.</param>
/// <param name="Scope">What the token is for, which bounds what its user may do; null for a caller without a token.</param>
internal sealed record Caller(string? User, IReadOnlyList<TokenAccess>? Scope)
{
    /// <summary>Somebody who gave no name.</summary>
    public static Caller Anonymous { get; } = new(null, null);

    /// <summary>True when the caller's token, if there is one, was asked for with this in mind.</summary>
    public bool Covers(string repository, RegistryActions action) => Scope is null || Scope.Any(access =>
        access is { Type: "repository", Actions: { } actions } && access.Name == repository && actions.Contains(ScopeGrammar.Word(action), StringComparer.Ordinal));
}
