using Microsoft.Extensions.Logging;
using Pier.Content.Contracts;
using Pier.Volumes.Shelf;
using Pier.Volumes.Specs;

namespace Pier.Volumes.Whole;

/// <summary>The content of a volume that shows every torrent there is: what was looked up so far.</summary>
internal sealed class WholeContent : IOpenContent
{
    private static readonly TimeSpan LongestName = TimeSpan.FromMinutes(1);

    private readonly TorrentLookups _torrents;
    private readonly TorrentNumbers _numbers;
    private readonly string _folder;

    private WholeContent(TorrentLookups torrents, TorrentNumbers numbers, string folder, IContentTree tree)
    {
        _torrents = torrents;
        _numbers = numbers;
        _folder = folder;
        Tree = tree;
    }

    /// <inheritdoc/>
    public IContentTree Tree { get; }

    /// <inheritdoc/>
    public string? Folder => null;

    /// <summary>The folders in which what is open is kept.</summary>
    public IReadOnlyList<string> Folders => [.. _torrents.Open.Select(torrent => torrent.Folder).OfType<string>()];

    /// <summary>Why the latest look-ups failed, newest last.</summary>
    public IReadOnlyList<string> Failures => _torrents.Failures;

    /// <inheritdoc/>
    public TreeArrival Arrival => _torrents.Open.Select(torrent => torrent.Arrival).Aggregate(
        new TreeArrival(0, 0, 0, 0, "every torrent, by its info-hash"),
        static (sum, one) => sum with { Length = sum.Length + one.Length, Nodes = sum.Nodes + one.Nodes, Here = sum.Here + one.Here, Peers = sum.Peers + one.Peers });

    /// <summary>Opens it; what an earlier run knew is looked for again meanwhile.</summary>
    /// <param name="spec">The volume's options.</param>
    /// <param name="folder">Where what arrives is kept.</param>
    /// <param name="document">Where it is kept which torrents are known.</param>
    /// <param name="trees">Where torrents come from.</param>
    /// <param name="remove">Removes the folder of a torrent that was forgotten, unless others need it.</param>
    /// <param name="time">The clock.</param>
    /// <param name="log">The log.</param>
    /// <exception cref="ContentException">What was kept of it cannot be read.</exception>
    public static WholeContent Open(VolumeSpec spec, string folder, string document, ITreeFetcher trees, Action<string> remove, TimeProvider time, ILogger log)
    {
        var numbers = TorrentNumbers.Open(document);
        var torrents = new TorrentLookups(spec, folder, trees, numbers, remove, time, log);
        foreach (var name in numbers.Known)
        {
            torrents.Begin(name);
        }

        // Half of the time after which a torrent is forgotten: the kernel tells in between that its name is used.
        var last = spec.ForgetAfter / 2 < LongestName ? spec.ForgetAfter / 2 : LongestName;
        return new WholeContent(torrents, numbers, folder, new WholeTree(torrents, numbers, last));
    }

    /// <inheritdoc/>
    public async Task WantAsync(string? pattern, CancellationToken cancellationToken)
    {
        var parts = pattern?.Split('/', 2) ?? [];
        if (parts.Length == 0 || !TorrentName.Is(parts[0]))
        {
            throw new ContentNotFoundException("Which torrent? Name it and, if not all of it, the files: 'INFO-HASH' or 'INFO-HASH/GLOB'.");
        }

        using var torrent = await _torrents.TakeAsync(parts[0], cancellationToken);
        await torrent.Content.WantAsync(parts is [_, { Length: > 0 } files] ? files : null, cancellationToken);
    }

    /// <summary>Closes it.</summary>
    /// <returns>Where what is known was kept, now or by an earlier run, that nobody else uses.</returns>
    public async Task<IReadOnlyList<string>> CloseAsync()
    {
        var parts = _torrents.Open;
        var (used, known) = (Folders, _numbers.Known.Select(name => Path.Combine(_folder, TorrentName.FolderOf(name))).ToArray());
        await DisposeAsync();
        return [.. known.Except(used).Concat(parts.Select(part => part.Folder).OfType<string>())];
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _torrents.DisposeAsync();
}
