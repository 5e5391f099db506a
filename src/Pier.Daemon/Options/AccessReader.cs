using Pier.Registry.Access;

namespace Pier.Daemon.Options;

/// <summary>Reads the key <c>access</c>: for each pattern of repositories, who may pull, push and delete.</summary>
internal static class AccessReader
{
    private static readonly string[] Keys = ["pull", "push", "delete"];

    /// <summary>The rules; a pattern whose entry says nothing of an action lets nobody do it.</summary>
    /// <exception cref="ConfigurationException">A pattern is none, or a key is unknown.</exception>
    public static List<AccessRule> Read(ref ConfigurationReader reader)
    {
        var rules = new List<AccessRule>();
        reader.EnterObject("'access'");
        while (reader.NextKey() is { } pattern)
        {
            if (!RepositoryPattern.IsValid(pattern))
            {
                throw reader.Wrong($"'access' → '{pattern}' is no pattern of repositories; write for example local/team/app, local/team/* or ghcr.io/**");
            }
            rules.Add(new AccessRule([pattern], [], RegistryActions.None));
            reader.EnterObject($"'access' → '{pattern}'");
            while (reader.NextKey() is { } key)
            {
                var action = key switch
                {
                    "pull" => RegistryActions.Pull,
                    "push" => RegistryActions.Push,
                    "delete" => RegistryActions.Delete,
                    _ => throw reader.Unknown(key, Keys),
                };
                rules.Add(new AccessRule([pattern], reader.Texts(key), action));
            }
        }
        return rules;
    }
}
