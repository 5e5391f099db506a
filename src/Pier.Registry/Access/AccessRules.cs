using Pier.Content.References;

namespace Pier.Registry.Access;

/// <summary>What each user may do with a repository.</summary>
internal sealed class AccessRules(MirrorOptions options)
{
    private readonly AccessOptions _access = options.Access;

    /// <summary>False when nobody is asked for a name.</summary>
    public bool IsEnforced => _access.Users.Count > 0;

    /// <summary>True when everybody may pull from the repository: only then is what it has public (design §4).</summary>
    public bool IsPublic(RepositoryName repository) => Allowed(user: null, repository).HasFlag(RegistryActions.Pull);

    /// <summary>What a user, or with null anybody, may do with a repository.</summary>
    public RegistryActions Allowed(string? user, RepositoryName repository)
    {
        if (!IsEnforced)
        {
            return RegistryActions.All;
        }

        var (named, allowed) = (false, RegistryActions.None);
        foreach (var rule in _access.Rules.Where(rule => rule.Repositories.Any(pattern => RepositoryPattern.Matches(pattern, repository))))
        {
            named = true;
            if (rule.Users.Any(name => name == AccessRule.Anonymous || (user is not null && (name == "*" || name == user))))
            {
                allowed |= rule.Allow;
            }
        }

        // Where there are users, pushing is theirs; reading stays open unless a rule closes it.
        return named ? allowed : user is null ? RegistryActions.Pull : RegistryActions.All;
    }
}
