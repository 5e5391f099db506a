using Pier.BitTorrent.Magnets;
using Pier.BitTorrent.Torrents;

namespace Pier.BitTorrent.Selection;

/// <summary>Which files of a torrent are wanted and in what order, said before or after the torrent is known. Immutable.</summary>
public sealed class FileChoice
{
    private readonly IReadOnlyList<FilePattern>? _selected;
    private readonly IReadOnlyList<FileRule> _rules;
    private FileChoice? _and;

    private FileChoice(IReadOnlyList<FilePattern>? selected, IReadOnlyList<FileRule> rules)
    {
        _selected = selected;
        _rules = rules;
    }

    /// <summary>Every file.</summary>
    public static FileChoice All { get; } = new(null, []);

    /// <summary>No file: only what readers wait for is fetched.</summary>
    public static FileChoice None { get; } = new([], []);

    /// <summary>Some files, and how soon each is wanted.</summary>
    /// <param name="selected">Which; empty for all.</param>
    /// <param name="rules">Priorities of selected files; later rules win.</param>
    public static FileChoice Of(IReadOnlyList<FilePattern> selected, IReadOnlyList<FileRule> rules)
    {
        ArgumentNullException.ThrowIfNull(selected);
        ArgumentNullException.ThrowIfNull(rules);
        return selected.Count == 0 && rules.Count == 0 ? All : new FileChoice(selected.Count == 0 ? null : selected, rules);
    }

    /// <summary>The choice that a magnet link makes with <c>so=</c> (BEP 53).</summary>
    public static FileChoice Of(MagnetLink magnet)
    {
        ArgumentNullException.ThrowIfNull(magnet);
        return Of([.. magnet.SelectedFiles.Select(FilePattern.Of)], []);
    }

    /// <summary>What either choice wants, each file at the higher priority.</summary>
    public FileChoice With(FileChoice other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return ReferenceEquals(this, other) ? this : new FileChoice(_selected, _rules) { _and = _and is { } more ? more.With(other) : other };
    }

    /// <summary>The priority of every file of a torrent, in the torrent's order; padding is skipped.</summary>
    /// <exception cref="FileChoiceException">A pattern names no file of the torrent.</exception>
    public IReadOnlyList<FilePriority> Resolve(Metainfo metainfo)
    {
        ArgumentNullException.ThrowIfNull(metainfo);
        var files = metainfo.Files;
        var priorities = new FilePriority[files.Count];
        foreach (var pattern in _selected ?? [])
        {
            Apply(metainfo, pattern, index => priorities[index] = FilePriority.Normal);
        }

        for (var index = 0; _selected is null && index < priorities.Length; index++)
        {
            priorities[index] = files[index].IsPadding ? FilePriority.Skip : FilePriority.Normal;
        }

        foreach (var rule in _rules)
        {
            Apply(metainfo, rule.Files, index =>
            {
                // A priority orders what is selected; it selects nothing.
                if (priorities[index] != FilePriority.Skip)
                {
                    priorities[index] = rule.Priority;
                }
            });
        }

        return _and is { } and ? [.. priorities.Zip(and.Resolve(metainfo), (one, two) => one > two ? one : two)] : priorities;
    }

    private static void Apply(Metainfo metainfo, FilePattern pattern, Action<int> take)
    {
        var any = false;
        var indices = FileIndices.Of(metainfo);
        for (var index = 0; index < metainfo.Files.Count; index++)
        {
            var file = metainfo.Files[index];
            if (!file.IsPadding && pattern.Matches(indices[index], file.Path))
            {
                any = true;
                take(index);
            }
        }

        if (!any)
        {
            throw new FileChoiceException($"'{pattern}' names no file of the torrent '{metainfo.Name}'");
        }
    }
}
