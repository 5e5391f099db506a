using System.Buffers;
using Pier.BitTorrent.Magnets;

namespace Pier.BitTorrent.Selection;

/// <summary>
/// Names files of a torrent: by index as in BEP 53 (<c>3</c>, <c>0-4,7</c>), or by a glob over their paths, in which <c>*</c>
/// and <c>?</c> stay within a segment and <c>**</c> stands for any number of segments. A glob without a slash is held against
/// the last segment of each path; one that names a folder takes everything below it.
/// </summary>
public sealed class FilePattern
{
    private const int MaxLength = 4096;
    private const string AnySegments = "**";

    private static readonly SearchValues<char> OfIndices = SearchValues.Create("0123456789-,");

    private readonly string _text;
    private readonly IReadOnlyList<FileSelection>? _indices;
    private readonly string[] _glob = [];

    private FilePattern(string text, IReadOnlyList<FileSelection>? indices, string[] glob)
    {
        _text = text;
        _indices = indices;
        _glob = glob;
    }

    /// <summary>Files by index.</summary>
    public static FilePattern Of(FileSelection indices) => new(indices.ToString(), [indices], []);

    /// <summary>Reads a pattern.</summary>
    /// <exception cref="FileChoiceException">Empty, too long, or a malformed run of indices.</exception>
    public static FilePattern Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (text.Length is 0 or > MaxLength)
        {
            throw new FileChoiceException($"a file pattern has 1 to {MaxLength} characters");
        }

        if (!text.AsSpan().ContainsAnyExcept(OfIndices))
        {
            try
            {
                return new FilePattern(text, [.. text.Split(',').Select(run => FileSelection.Parse(run))], []);
            }
            catch (MagnetException)
            {
                throw new FileChoiceException($"'{text}' is neither an index, nor a run of indices like 0-4,7");
            }
        }

        var glob = text.Trim('/').Split('/', StringSplitOptions.RemoveEmptyEntries);
        return glob.Length == 0
            ? throw new FileChoiceException($"'{text}' names no file")
            : new FilePattern(text, null, glob.Length == 1 && !text.Contains('/', StringComparison.Ordinal) ? [AnySegments, .. glob] : glob);
    }

    /// <summary>Whether a file is meant.</summary>
    /// <param name="index">Its index in the torrent's list, padding counted (BEP 53).</param>
    /// <param name="path">Its path segments.</param>
    public bool Matches(int index, IReadOnlyList<string> path)
    {
        ArgumentNullException.ThrowIfNull(path);
        return _indices is { } runs ? runs.Any(run => run.Contains(index)) : MatchesPath(path);
    }

    /// <inheritdoc/>
    public override string ToString() => _text;

    // The classic two-finger match: on a mismatch the last ** takes one segment more. A pattern that is used up on the way has
    // named a folder.
    private bool MatchesPath(IReadOnlyList<string> path)
    {
        var (glob, segment, lastStar, starAt) = (0, 0, -1, 0);
        while (segment < path.Count)
        {
            if (glob == _glob.Length)
            {
                return true;
            }

            if (_glob[glob] == AnySegments)
            {
                (lastStar, starAt) = (glob++, segment);
            }
            else if (MatchesSegment(_glob[glob], path[segment]))
            {
                (glob, segment) = (glob + 1, segment + 1);
            }
            else if (lastStar >= 0)
            {
                (glob, segment) = (lastStar + 1, ++starAt);
            }
            else
            {
                return false;
            }
        }

        while (glob < _glob.Length && _glob[glob] == AnySegments)
        {
            glob++;
        }

        return glob == _glob.Length;
    }

    private static bool MatchesSegment(string glob, string name)
    {
        var (g, n, lastStar, starAt) = (0, 0, -1, 0);
        while (n < name.Length)
        {
            if (g < glob.Length && glob[g] == '*')
            {
                (lastStar, starAt) = (g++, n);
            }
            else if (g < glob.Length && (glob[g] == '?' || glob[g] == name[n]))
            {
                (g, n) = (g + 1, n + 1);
            }
            else if (lastStar >= 0)
            {
                (g, n) = (lastStar + 1, ++starAt);
            }
            else
            {
                return false;
            }
        }

        while (g < glob.Length && glob[g] == '*')
        {
            g++;
        }

        return g == glob.Length;
    }
}
