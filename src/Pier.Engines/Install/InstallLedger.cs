using System.Text.Json;
using System.Text.Json.Serialization;
using Pier.Engines.Files;
using Pier.Engines.Images;
using Pier.Engines.Mirrors;

namespace Pier.Engines.Install;

/// <summary>Remembers what Pier wrote into which file and what was there before, so that uninstalling gives it back byte for byte.</summary>
internal sealed class InstallLedger
{
    private readonly HostRoot _root;
    private readonly string _path;
    private readonly Dictionary<string, LedgerEntry> _entries;

    /// <summary>Reads what earlier runs remembered.</summary>
    /// <exception cref="EngineException">It cannot be read.</exception>
    public InstallLedger(HostRoot root, string path)
    {
        (_root, _path) = (root, path);
        (_entries, Frontend) = Read(root, path);
    }

    /// <summary>Every entry, in order of path.</summary>
    public IReadOnlyList<LedgerEntry> All => [.. _entries.Values.OrderBy(entry => entry.Path, StringComparer.Ordinal)];

    /// <summary>The frontend's image that was loaded into the Docker Engine; null when none was.</summary>
    public LoadedImage? Frontend { get; private set; }

    /// <summary>What is known of a file, or null.</summary>
    public LedgerEntry? Find(string file) => _entries.GetValueOrDefault(file);

    /// <summary>Remembers a file; kept on disk at once.</summary>
    public void Put(LedgerEntry entry)
    {
        _entries[entry.Path] = entry;
        Save();
    }

    /// <summary>Forgets a file; the document goes with its last entry.</summary>
    public void Remove(string file)
    {
        if (_entries.Remove(file))
        {
            Save();
        }
    }

    /// <summary>Remembers the image that was loaded, or that there is none any more.</summary>
    public void Put(LoadedImage? frontend)
    {
        Frontend = frontend;
        Save();
    }

    private void Save()
    {
        if (_entries.Count == 0 && Frontend is null)
        {
            _root.Delete(_path, [Path.GetDirectoryName(_path)!]);
            return;
        }
        var document = new LedgerDocument(LedgerDocument.Current, All, Frontend);
        // Configurations may hold passwords, of proxies for example.
        _root.Write(_path, JsonSerializer.SerializeToUtf8Bytes(document, LedgerJson.Default.LedgerDocument), FileModes.Secret);
    }

    private static (Dictionary<string, LedgerEntry> Entries, LoadedImage? Frontend) Read(HostRoot root, string path)
    {
        if (root.Read(path) is not { } bytes)
        {
            return (new(StringComparer.Ordinal), null);
        }
        try
        {
            return JsonSerializer.Deserialize(bytes, LedgerJson.Default.LedgerDocument) is { Version: LedgerDocument.Current, Files: { } files } document
                ? (files.ToDictionary(entry => entry.Path, StringComparer.Ordinal), document.Frontend)
                : throw new EngineException($"{path} is of a version that this build does not know.", "Use the build of pier that wrote it.");
        }
        catch (Exception damaged) when (damaged is JsonException or ArgumentException)
        {
            throw new EngineException(
                $"{path} is damaged: {damaged.Message}", "Move it away; what was there before Pier is then no longer known, and uninstalling takes out Pier's own lines.", damaged);
        }
    }
}

/// <summary>What became of one file.</summary>
/// <param name="Path">The file.</param>
/// <param name="Engine">For which engine.</param>
/// <param name="Before">What was there; null when it was not.</param>
/// <param name="Written">What Pier made of it.</param>
/// <param name="Folders">Folders that were made for it, outermost first.</param>
/// <param name="Trace">What helps to take it out of an edited file.</param>
/// <param name="Sharers">Further engines that read the same file; null for none.</param>
/// <param name="Mode">Permissions that it had, where they were changed; null where not.</param>
internal sealed record LedgerEntry(
    string Path, string Engine, byte[]? Before, byte[] Written, IReadOnlyList<string> Folders, MirrorTrace Trace,
    IReadOnlyList<string>? Sharers = null, UnixFileMode? Mode = null)
{
    /// <summary>Every engine that the file tells of Pier.</summary>
    [JsonIgnore]
    public IReadOnlyList<string> Engines => [Engine, .. Sharers ?? []];

    /// <summary>The same without one of its engines; null when none is left.</summary>
    public LedgerEntry? Without(string engine) => Engines.Where(other => other != engine).ToArray() is [var first, .. var rest]
        ? this with { Engine = first, Sharers = rest.Length == 0 ? null : rest }
        : null;
}

/// <summary>The ledger on disk.</summary>
/// <param name="Version">Of this format.</param>
/// <param name="Files">What became of each file.</param>
/// <param name="Frontend">The image that was loaded into the Docker Engine; null for none.</param>
internal sealed record LedgerDocument(int Version, IReadOnlyList<LedgerEntry> Files, LoadedImage? Frontend = null)
{
    /// <summary>The only version so far.</summary>
    public const int Current = 1;
}

/// <summary>Source-generated JSON of the ledger; by metadata, because the fast path writes absent bytes as empty ones.</summary>
[JsonSourceGenerationOptions(GenerationMode = JsonSourceGenerationMode.Metadata, PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(LedgerDocument))]
internal sealed partial class LedgerJson : JsonSerializerContext;
