namespace Pier.Registry.Access;

/// <summary>Who may do what with some repositories.</summary>
/// <param name="Repositories">Patterns of <see cref="RepositoryPattern"/>.</param>
/// <param name="Users">Names; <c>*</c> is any user, <see cref="Anonymous"/> everybody.</param>
/// <param name="Allow">What they may do.</param>
public sealed record AccessRule(IReadOnlyList<string> Repositories, IReadOnlyList<string> Users, RegistryActions Allow)
{
    /// <summary>The word for everybody, with or without a name.</summary>
    public const string Anonymous = "anonymous";
}
