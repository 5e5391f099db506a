using Pier.Content.References;
using Pier.Distribution.Credentials;

namespace Pier.Fetch.Delivery;

/// <summary>For whom a blob is asked for: under which repository, and with whose login there.</summary>
/// <param name="Repository">The repository; null when a digest alone was named.</param>
/// <param name="Login">Tells the client's own login from others; null for this node's.</param>
internal sealed record Asker(RepositoryName? Repository, string? Login)
{
    /// <summary>Who is asking now.</summary>
    public static Asker Of(RepositoryName? repository) => new(repository, repository is null ? null : CallerLogin.For(repository)?.Mark);
}
