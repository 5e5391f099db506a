using Pier.Buildkit.Dockerfiles;
using Pier.Content;
using Pier.Content.Uris;

namespace Pier.Buildkit.Supply;

/// <summary>What one PIER line asks for once BuildKit has expanded its variables.</summary>
/// <param name="Instruction">The line.</param>
/// <param name="Uris">Content URIs, fallbacks for the same bytes.</param>
/// <param name="Checksum">What the bytes must be, when that is known beforehand.</param>
/// <param name="IsTree">The checksum is of a tree's tar.</param>
/// <param name="Unpack">An archive is wanted unpacked.</param>
/// <param name="Includes">Patterns of wanted files; none for all.</param>
internal sealed record ContentRequest(
    PierInstruction Instruction, IReadOnlyList<ContentUri> Uris, Digest? Checksum, bool IsTree, bool Unpack, IReadOnlyList<string> Includes)
{
    private const string ChecksumFlag = "--checksum=";
    private const string IncludeFlag = "--include=";
    private const string TreeScheme = "tree:";

    /// <summary>Reads the words of a marker.</summary>
    /// <exception cref="DockerfileException">A word is not what it must be; points at the line.</exception>
    public static ContentRequest Read(PierInstruction instruction, IReadOnlyList<string> words)
    {
        var flags = words.Take(instruction.ContentFlags.Count).ToList();
        string[] sources = [.. words.Skip(flags.Count)];
        if (Array.Exists(sources, source => source.Length == 0))
        {
            throw Fault(instruction, "a source is empty: is its ARG declared after FROM, and given a value?");
        }

        var checksum = flags.Find(flag => flag.StartsWith(ChecksumFlag, StringComparison.Ordinal))?[ChecksumFlag.Length..];
        var isTree = checksum?.StartsWith(TreeScheme, StringComparison.Ordinal) ?? false;
        var unpack = flags.Contains("--unpack");
        string[] includes = [.. flags.Where(flag => flag.StartsWith(IncludeFlag, StringComparison.Ordinal)).Select(flag => flag[IncludeFlag.Length..])];
        if (unpack && (isTree || includes.Length > 0))
        {
            throw Fault(instruction, "--unpack is for archives, which are one file: --include and checksums of trees do not go with it.");
        }

        try
        {
            var uris = ContentUri.ParseAll(sources);
            var digest = checksum is null ? Named(uris) : ReadChecksum(instruction, isTree ? checksum[TreeScheme.Length..] : checksum);
            return new ContentRequest(instruction, uris, digest, isTree, unpack, includes);
        }
        catch (ContentUriException refused)
        {
            throw Fault(instruction, refused.Message, refused);
        }
    }

    /// <summary>An archive that engines before BuildKit 0.10 cannot unpack, by its name: the node has to, whatever is known beforehand.</summary>
    public bool NeedsNode => Unpack && (GuessName().EndsWith(".zst", StringComparison.OrdinalIgnoreCase) || GuessName().EndsWith(".tzst", StringComparison.OrdinalIgnoreCase));

    /// <summary>A name for the file when no node says one: what the first source shows of it.</summary>
    public string GuessName() => SourceNames.Guess(Uris[0]);

    /// <summary>A fault of this line.</summary>
    public static DockerfileException Fault(PierInstruction instruction, string what, Exception? cause = null) =>
        new(instruction.Line, instruction.EndLine, what, cause);

    private static Digest ReadChecksum(PierInstruction instruction, string text) =>
        Digest.TryParse(text, out var digest) && digest.Algorithm == DigestAlgorithm.Sha256
            ? digest
            : throw Fault(instruction, $"--checksum={text}: sha256: and 64 lower-case hex digits are expected, or tree:sha256:… for a folder.");

    /// <summary>A digest among the sources is the checksum of them all.</summary>
    private static Digest? Named(IReadOnlyList<ContentUri> uris) =>
        uris.OfType<DigestUri>().FirstOrDefault(uri => uri.Digest.Algorithm == DigestAlgorithm.Sha256)?.Digest;
}
