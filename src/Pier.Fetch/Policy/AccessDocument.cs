using System.Text.Json.Serialization;
using Pier.Content;
using Pier.Content.References;

namespace Pier.Fetch.Policy;

/// <summary>What is known of a repository.</summary>
/// <param name="IsPublic">An anonymous token and HEAD succeeded.</param>
/// <param name="CheckedAt">When that was last found out.</param>
internal sealed record RepositoryAccess(bool IsPublic, DateTimeOffset CheckedAt);

/// <summary>A repository's access record on disk.</summary>
internal sealed record AccessDocument(
    int Version, string Registry, string Path, bool Public, DateTimeOffset CheckedAt, IReadOnlyList<string> Blobs,
    IReadOnlyList<string>? Proved = null)
{
    public static AccessDocument Of(
        RepositoryName repository, bool isPublic, DateTimeOffset checkedAt, IEnumerable<Digest> blobs, IEnumerable<Digest> proved) =>
        new(1, repository.Registry, repository.Path, isPublic, checkedAt, Texts(blobs), Texts(proved));

    private static string[] Texts(IEnumerable<Digest> blobs) => [.. blobs.Select(blob => blob.ToString())];
}

/// <summary>Source-generated JSON of access records.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(AccessDocument))]
internal sealed partial class AccessJson : JsonSerializerContext;
