using Pier.Content;
using Pier.Content.References;
using Pier.Fetch;
using Pier.Fetch.Policy;
using Pier.TestKit.Files;
using Pier.TestKit.Logging;

namespace Pier.UnitTests.Fetch.Policy;

/// <summary>To whom blobs may be announced, by the registries that name them.</summary>
public sealed class AnnounceRulesTests
{
    private static readonly Digest Blob = Digest.Compute("blob"u8);

    [Theory]
    [InlineData(AnnounceScope.Cluster, "plain.test", AnnounceScope.Cluster)]
    [InlineData(AnnounceScope.Cluster, "quiet.test", AnnounceScope.Off)]
    [InlineData(AnnounceScope.Cluster, "quiet.test plain.test", AnnounceScope.Cluster)]
    [InlineData(AnnounceScope.Off, "loud.test", AnnounceScope.Public)]
    [InlineData(AnnounceScope.Public, "", AnnounceScope.Public)]
    public async Task The_widest_of_the_registries_that_name_a_blob_counts(AnnounceScope all, string registries, AnnounceScope expected)
    {
        await using var folder = TempFolder.Create("announce");
        using var logs = new CollectedLogs();
        var records = new AccessRecords(folder.Below("access"), logs.CreateLogger<AccessRecords>());
        foreach (var registry in registries.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            records.Put(new RepositoryName(registry, "a/b"), new RepositoryAccess(IsPublic: true, DateTimeOffset.UnixEpoch, IsOurs: true), [Blob]);
        }
        records.Put(new RepositoryName("loud.test", "private/b"), new RepositoryAccess(registries.Contains("loud", StringComparison.Ordinal), DateTimeOffset.UnixEpoch, IsOurs: true), []);
        var options = new FetchOptions
        {
            AccessFolder = folder.Below("access"),
            Announce = all,
            Registries = new Dictionary<string, RegistryPolicy>(StringComparer.Ordinal)
            {
                ["quiet.test"] = new(Announce: AnnounceScope.Off), ["loud.test"] = new(Announce: AnnounceScope.Public),
            },
        };

        AnnounceRules.ScopeOf(Blob, records, options).ShouldBe(expected);
    }
}
