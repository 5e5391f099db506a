using System.Text.Json.Serialization;
using Pier.Content;
using Pier.Content.References;

namespace Pier.Fetch.Policy;

/// <summary>What is known of a repository.</summary>
/// <param name="IsPublic">An anonymous token and HEAD succeeded.</param>
/// <param name="CheckedAt">When that was last found out.</param>
/// <param name="IsOurs">Its upstream once gave something of it to this node itself, not to a client's own login.</param>
internal sealed record RepositoryAccess(bool IsPublic, DateTimeOffset CheckedAt, bool IsOurs);

/// <summary>A repository's access record on disk.</summary>
internal sealed record AccessDocument(
    int Version, string Registry, string Path, bool Public, DateTimeOffset CheckedAt, IReadOnlyList<string> Blobs,
    IReadOnlyList<string>? Proved = null, bool Ours = false, IReadOnlyList<string>? Given = null)
{
    public static AccessDocument Of(
        RepositoryName repository, RepositoryAccess access, IEnumerable<Digest> blobs, IEnumerable<Digest> proved, IEnumerable<Digest> given) =>
        new(1, repository.Registry, repository.Path, access.IsPublic, access.CheckedAt, Texts(blobs), Texts(proved), access.IsOurs, Texts(given));

    private static string[] Texts(IEnumerable<Digest> blobs) => [.. blobs.Select(blob => blob.ToString())];
}

/// <summary>Source-generated JSON of access records.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(AccessDocument))]
internal sealed partial class AccessJson : JsonSerializerContext;
