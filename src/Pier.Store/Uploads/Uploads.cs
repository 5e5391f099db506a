using System.Collections.Concurrent;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Pier.Content;
using Pier.Content.Contracts;
using Pier.Content.References;
using Pier.Store.Blobs;
using Pier.Store.Disk;

namespace Pier.Store.Uploads;

/// <summary>
/// Blobs that clients are pushing, each under a session (OCI distribution-spec, "Pushing blobs"):
/// <c>&lt;id&gt;.json</c> and <c>&lt;id&gt;.data</c>. What has arrived outlives the process, however that ends.
/// </summary>
public sealed class Uploads
{
    private const long DocumentLimit = 4 << 10;

    private readonly string _folder;
    private readonly FileContentStore _store;
    private readonly UploadOptions _options;
    private readonly TimeProvider _clock;
    private readonly ILogger<Uploads> _log;
    private readonly ConcurrentDictionary<string, Upload> _sessions = new(StringComparer.Ordinal);

    /// <summary>Opens the sessions that earlier runs left; a damaged one is dropped.</summary>
    /// <exception cref="ContentStorageException">The folder cannot be made or read.</exception>
    public Uploads(string folder, FileContentStore store, UploadOptions options, TimeProvider clock, ILogger<Uploads> log)
    {
        _folder = folder;
        _store = store;
        _options = options;
        _clock = clock;
        _log = log;
        try
        {
            DurableFile.MakeFolder(folder);
            DurableFile.WipeTemporaries(folder);
            foreach (var path in Directory.EnumerateFiles(folder, "*.json").ToArray())
            {
                Load(path);
            }

            foreach (var orphan in Directory.EnumerateFiles(folder, "*.data").Where(path => !_sessions.ContainsKey(Path.GetFileNameWithoutExtension(path))).ToArray())
            {
                File.Delete(orphan);
            }
        }
        catch (Exception e) when (StorageFault.Is(e))
        {
            throw StorageFault.Describe("open the uploads in", folder, e);
        }
    }

    /// <summary>Uploads under way.</summary>
    public int Count => _sessions.Count;

    /// <summary>Begins an upload.</summary>
    /// <param name="repository">Where the blob is to go; no other repository sees the session.</param>
    /// <param name="algorithm">The algorithm in which the client is going to name the blob; another one costs a second reading.</param>
    /// <exception cref="ContentUnavailableException">Too many are under way.</exception>
    /// <exception cref="ContentStorageException">The disk refused.</exception>
    public Upload Create(RepositoryName repository, DigestAlgorithm algorithm)
    {
        ArgumentNullException.ThrowIfNull(repository);
        if (_sessions.Count >= _options.MostSessions)
        {
            throw new ContentUnavailableException(
                $"{_options.MostSessions} uploads are under way here, which is the bound. Try again later; unfinished ones end after {_options.Lifetime.TotalHours:0} hours.");
        }

        var id = Guid.NewGuid().ToString("D");
        var upload = new Upload(id, repository, algorithm, DataOf(id), _clock.GetUtcNow());
        var document = new UploadDocument(1, repository.Path, algorithm.ToString());
        try
        {
            File.Create(upload.Path).Dispose();
        }
        catch (Exception e) when (StorageFault.Is(e))
        {
            throw StorageFault.Describe("make", upload.Path, e);
        }

        DurableFile.Replace(DocumentOf(id), JsonSerializer.SerializeToUtf8Bytes(document, StoreJson.Default.UploadDocument));
        _sessions[id] = upload;
        return upload;
    }

    /// <summary>An upload under way to this repository, or null.</summary>
    public Upload? Find(RepositoryName repository, string id) =>
        _sessions.TryGetValue(id, out var upload) && upload.Repository == repository ? upload : null;

    /// <summary>Takes the right to write; whoever had it loses it, for their connection is most likely dead.</summary>
    /// <exception cref="ContentNotFoundException">The upload has ended meanwhile.</exception>
    /// <exception cref="ContentStorageException">The disk refused.</exception>
    public async ValueTask<UploadTurn> TakeTurnAsync(Upload upload, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(upload);
        var turn = await upload.EnterAsync(cancellationToken);
        try
        {
            return _sessions.ContainsKey(upload.Id)
                ? turn.Open(this, _store)
                : throw new ContentNotFoundException($"The upload {upload.Id} has ended.");
        }
        catch
        {
            turn.Dispose();
            throw;
        }
    }

    /// <summary>Drops an upload and its bytes; false when it had ended.</summary>
    public bool Remove(Upload upload)
    {
        ArgumentNullException.ThrowIfNull(upload);
        var known = _sessions.TryRemove(upload.Id, out _);
        DurableFile.DeleteQuietly(DocumentOf(upload.Id));
        DurableFile.DeleteQuietly(upload.Path);
        return known;
    }

    /// <summary>Drops the uploads that lie without a byte for too long.</summary>
    /// <returns>How many.</returns>
    public int Expire()
    {
        var now = _clock.GetUtcNow();
        var expired = 0;
        foreach (var upload in _sessions.Values.Where(upload => !upload.IsBeingWritten && now - upload.LastWritten > _options.Lifetime))
        {
            expired += Remove(upload) ? 1 : 0;
        }

        if (expired > 0)
        {
            _log.UploadsExpired(expired, _options.Lifetime.TotalHours);
        }

        return expired;
    }

    internal DateTimeOffset Now => _clock.GetUtcNow();

    private string DataOf(string id) => Path.Combine(_folder, id + ".data");

    private string DocumentOf(string id) => Path.Combine(_folder, id + ".json");

    private void Load(string path)
    {
        var id = Path.GetFileNameWithoutExtension(path);
        var data = new FileInfo(DataOf(id));
        if (data.Exists && Parse(path) is { } document
            && Enum.TryParse<DigestAlgorithm>(document.Algorithm, out var algorithm))
        {
            _sessions[id] = new Upload(
                id, new RepositoryName(RepositoryName.DockerHub, document.Repository), algorithm, data.FullName, new DateTimeOffset(data.LastWriteTimeUtc, TimeSpan.Zero))
            {
                Offset = data.Length,
            };
            return;
        }

        _log.DamagedRecord(path, "no upload, or one without bytes");
        File.Delete(path);
    }

    private static UploadDocument? Parse(string path)
    {
        try
        {
            return JsonSerializer.Deserialize(DurableFile.Read(path, DocumentLimit), StoreJson.Default.UploadDocument) is { Version: 1, Repository: not null } document
                ? document
                : null;
        }
        catch (Exception e) when (e is JsonException or ContentFormatException)
        {
            return null;
        }
    }
}
