using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Pier.Membership.Identity;
using Pier.Membership.Members;
using Pier.Membership.Wire;

namespace Pier.Membership.Joining;

/// <summary>The <c>cluster/</c> folder: which cluster this node is in, and the members it knew last.</summary>
internal sealed class ClusterFolder(string folder, TimeProvider clock)
{
    private const int MaxFileBytes = 1024 * 1024;
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly string clusterFile = Path.Combine(folder, "cluster.json");
    private readonly string membersFile = Path.Combine(folder, "members.json");

    /// <summary>The cluster this node is in, or null.</summary>
    /// <exception cref="ClusterException">The file is unreadable or malformed.</exception>
    public ClusterState? LoadCluster() => Read(clusterFile, NodeJson.Default.ClusterDocument, document =>
    {
        Expect(document.Version == ClusterDocument.CurrentVersion, "version is not one that this pierd knows");
        Expect(document.Secret.Length == JoinToken.SecretSize, "secret has the wrong length");
        Expect(NodeId.TryParse(document.Founder, out var founder), "founder is no node id");
        var joined = default(JoinTarget);
        if (document.Joined is { } node)
        {
            Expect(NodeId.TryParse(node.Node, out var id), "joined.node is no node id");
            Expect(node.Port is > 0 and <= 65535 && Uri.CheckHostName(node.Host) != UriHostNameType.Unknown, "joined.host or joined.port is malformed");
            joined = new JoinTarget(node.Host, node.Port, new JoinToken(document.Secret, id));
        }

        return new ClusterState(document.Secret, founder, joined);
    });

    /// <summary>Keeps which cluster this node is in.</summary>
    /// <exception cref="ClusterException">The disk refused.</exception>
    public void SaveCluster(ClusterState state) => Write(clusterFile, NodeJson.Default.ClusterDocument, new ClusterDocument
    {
        Version = ClusterDocument.CurrentVersion,
        Secret = state.Secret.ToArray(),
        Founder = state.Founder.ToString(),
        Joined = state.Joined is { } joined
            ? new JoinedDocument { Host = joined.Host, Port = joined.Port, Node = joined.Token.Node.ToString() }
            : null,
    });

    /// <summary>The members of the last run, as silent as they were then and have been since.</summary>
    /// <exception cref="ClusterException">The file is unreadable or malformed.</exception>
    public IReadOnlyList<MemberEntry> LoadMembers() => Read(membersFile, NodeJson.Default.MembersDocument, document =>
    {
        Expect(document.Version == MembersDocument.CurrentVersion, "version is not one that this pierd knows");
        Expect(document.Members.Count <= Greeting.MaxMembers, $"members has over {Greeting.MaxMembers} entries");
        var since = clock.GetUtcNow() - document.Saved;
        return document.Members
            .Select(member => member.ToEntry())
            .Select(entry => entry with { Silence = entry.Silence + (since > TimeSpan.Zero ? since : TimeSpan.Zero) })
            .ToList();
    }) ?? [];

    /// <summary>Keeps the member list.</summary>
    /// <exception cref="ClusterException">The disk refused.</exception>
    public void SaveMembers(IReadOnlyList<MemberEntry> members) => Write(membersFile, NodeJson.Default.MembersDocument, new MembersDocument
    {
        Version = MembersDocument.CurrentVersion,
        Saved = clock.GetUtcNow(),
        Members = [.. members.Select(entry => MemberDocument.Of(entry.Record, entry.Silence))],
    });

    private static void Expect(bool holds, string otherwise)
    {
        if (!holds)
        {
            throw new JsonException(otherwise);
        }
    }

    private static T? Read<TDocument, T>(string path, JsonTypeInfo<TDocument> type, Func<TDocument, T> parse)
        where T : class
        where TDocument : class
    {
        try
        {
            var file = new FileInfo(path);
            if (!file.Exists)
            {
                return null;
            }

            Expect(file.Length <= MaxFileBytes, $"it is over {MaxFileBytes} bytes");
            return parse(JsonSerializer.Deserialize(File.ReadAllBytes(path), type) ?? throw new JsonException("it is null"));
        }
        catch (Exception cause) when (cause is JsonException or IOException or UnauthorizedAccessException)
        {
            throw new ClusterException(
                ClusterFailure.State, $"{path} cannot be used: {cause.Message} Restore it; or stop pierd, remove the folder it is in, and join again.", cause);
        }
    }

    private static void Write<TDocument>(string path, JsonTypeInfo<TDocument> type, TDocument document)
    {
        try
        {
            DurableFile.Write(path, JsonSerializer.SerializeToUtf8Bytes(document, type), OwnerOnly);
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException)
        {
            throw new ClusterException(ClusterFailure.State, $"{path} cannot be written: {cause.Message}", cause);
        }
    }
}
