using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.Extensions.Logging;
using Pier.Content;
using Pier.Content.Contracts;
using Pier.Content.References;
using Pier.Store.Disk;

namespace Pier.Fetch.Manifests;

/// <summary>The lists of referrers that upstreams gave last, for the time when they are down: one small document each, bounded in number and bytes.</summary>
internal sealed class ReferrersMemory
{
    private const int MostKept = 4096;
    private const int LargestKept = 256 << 10;
    private const long MostBytes = 64 << 20;
    private const long DocumentLimit = 8 << 20;

    private readonly string _folder;
    private readonly ILogger<ReferrersMemory> _log;

    /// <exception cref="ContentStorageException">The folder cannot be made.</exception>
    public ReferrersMemory(FetchOptions options, ILogger<ReferrersMemory> log)
    {
        _folder = Path.Combine(options.AccessFolder, "referrers");
        _log = log;
        DurableFile.MakeFolder(options.AccessFolder);
        DurableFile.MakeFolder(_folder);
        DurableFile.WipeTemporaries(_folder);
    }

    /// <summary>The last answer to a question, and when it was given; null when there is none.</summary>
    public (ReferrersPage Page, DateTimeOffset When)? Find(RepositoryName repository, Digest subject, string query)
    {
        var path = PathOf(repository, subject, query);
        try
        {
            return DurableFile.Read(path, DocumentLimit) is { } bytes
                && JsonSerializer.Deserialize(bytes, ReferrersJson.Default.ReferrersDocument) is { Version: 1, Index: { } index } kept
                    ? (new ReferrersPage(index, kept.IsFiltered, kept.Next), kept.When)
                    : null;
        }
        catch (Exception damage) when (damage is JsonException or ContentException)
        {
            LogMessages.ReferrersNotKept(_log, repository, subject, damage.Message);
            return null;
        }
    }

    /// <summary>Keeps an answer; where the disk refuses, only a later outage will not know it.</summary>
    public void Put(RepositoryName repository, Digest subject, string query, ReferrersPage page, DateTimeOffset when)
    {
        if (page.Index.Length > LargestKept)
        {
            return;
        }
        try
        {
            var kept = new DirectoryInfo(_folder).GetFiles();
            foreach (var old in kept.Length < MostKept && kept.Sum(file => file.Length) < MostBytes ? [] : kept.OrderBy(file => file.LastWriteTimeUtc).Take(MostKept / 8))
            {
                DurableFile.DeleteQuietly(old.FullName);
            }
            var document = new ReferrersDocument(1, page.Index.ToArray(), page.IsFiltered, page.Next, when);
            DurableFile.Replace(PathOf(repository, subject, query), JsonSerializer.SerializeToUtf8Bytes(document, ReferrersJson.Default.ReferrersDocument));
        }
        catch (Exception refusal) when (refusal is ContentStorageException or IOException or UnauthorizedAccessException)
        {
            LogMessages.ReferrersNotKept(_log, repository, subject, refusal.Message);
        }
    }

    private string PathOf(RepositoryName repository, Digest subject, string query) =>
        Path.Combine(_folder, Digest.Compute(System.Text.Encoding.UTF8.GetBytes($"{repository}\n{subject}\n{query}")).Hex + ".json");
}

/// <summary>A list of referrers on disk.</summary>
internal sealed record ReferrersDocument(int Version, byte[] Index, bool IsFiltered, string? Next, DateTimeOffset When);

/// <summary>Source-generated JSON of these documents.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(ReferrersDocument))]
internal sealed partial class ReferrersJson : JsonSerializerContext;
