using System.Globalization;
using System.Text;
using Google.Protobuf;
using Pier.Buildkit.Dockerfiles;
using Pier.Buildkit.Llb;
using Pier.Buildkit.Supply;
using Pier.Buildkit.Wire;

namespace Pier.Buildkit.Serving;

/// <summary>
/// Adds to an image what it needs to serve its data: <c>/usr/bin/pierdat</c>, which lies in the frontend's own image,
/// <c>/etc/pier.dat</c> with a line for each, and the torrents below <c>/etc/pier.dat.d</c>.
/// </summary>
internal static class ServingImage
{
    /// <summary>Where the program goes.</summary>
    public const string Program = "/usr/bin/pierdat";

    /// <summary>The file of what is served.</summary>
    public const string List = "/etc/pier.dat";

    private const string TorrentFolder = List + ".d/";
    private const int ProgramMode = 0x1ed; // rwxr-xr-x
    private const int FileMode = 0x1a4; // rw-r--r--
    private const int None = -1;

    /// <summary>What of a definition's result is to be served.</summary>
    /// <param name="definition">The patched definition.</param>
    /// <param name="contentOf">The content that an operation of it brings, or null.</param>
    /// <exception cref="DockerfileException">A line says <c>--serve</c> in a stage that the image does not come from.</exception>
    public static IReadOnlyList<ServedPath> PathsOf(Definition definition, Func<string, SuppliedContent?> contentOf)
    {
        var paths = RootfsWalk.CopiesOf(definition)
            .Select(copy => (Content: contentOf(copy.Digest), copy.Destination))
            .Where(copy => copy.Content is { Torrent: not null })
            .Select(copy => ServedPath.At(copy.Content!, copy.Destination))
            .ToList();
        // The walk goes from the last line to the first.
        paths.Reverse();
        return paths.Find(path => path.Path.Any(char.IsWhiteSpace)) is { } spaced
            ? throw Fault(spaced.Content, $"--serve: '{spaced.Path}' has white space, which {List} has no form for.")
            : paths;
    }

    /// <summary>The definition with all that added.</summary>
    /// <param name="definition">The image.</param>
    /// <param name="paths">What it serves.</param>
    /// <param name="frontend">The frontend's own image, by its full name.</param>
    /// <param name="architecture">For which processor that is.</param>
    /// <param name="before">The lines of an image that this one is built on.</param>
    public static Definition Add(Definition definition, IReadOnlyList<ServedPath> paths, string frontend, string architecture, byte[]? before)
    {
        var result = definition.Clone();
        var (digest, index) = RootfsWalk.ResultOf(definition);
        result.Def.RemoveAt(result.Def.Count - 1);
        var operation = new Op { Inputs = { new Input { Digest = digest, Index = index } }, File = new FileOp(), Constraints = new WorkerConstraints() };
        var program = new Op
        {
            Source = new SourceOp { Identifier = "docker-image://" + frontend, Attrs = { ["image.resolvemode"] = "local" } },
            Platform = new Platform { Architecture = architecture, Os = "linux" },
            Constraints = new WorkerConstraints(),
        };
        Copy(operation, LlbBuilder.Append(result, program, Titled("[pier] pierdat")), "/pierdat", Program, ProgramMode);
        foreach (var content in paths.Select(path => path.Content).DistinctBy(content => content.Torrent))
        {
            var name = NameOf(content);
            var torrent = new Op
            {
                Source = new SourceOp
                {
                    Identifier = content.TorrentAddress,
                    Attrs = { ["http.checksum"] = content.Torrent, ["http.filename"] = name, ["http.perm"] = "0644" },
                },
                Constraints = new WorkerConstraints(),
            };
            // It has its mode from the download: BuildKit since 0.11 gives a copy's mode to the folders that it makes, too, and nobody could go into this one.
            Copy(operation, LlbBuilder.Append(result, torrent, Titled($"[pier] torrent of {content.Filename}")), "/" + name, TorrentFolder + name, None);
        }

        operation.File.Actions.Add(new FileAction
        {
            SecondaryInput = None,
            Mkfile = new FileActionMkFile { Path = List, Mode = FileMode, Data = ByteString.CopyFromUtf8(Lines(before, paths)), Timestamp = None },
        });
        // Now that all inputs are there: actions are numbered after them.
        for (var action = 0; action < operation.File.Actions.Count; action++)
        {
            operation.File.Actions[action].Input = action == 0 ? 0 : operation.Inputs.Count + action - 1;
            operation.File.Actions[action].Output = action == operation.File.Actions.Count - 1 ? 0 : None;
        }

        var last = LlbBuilder.Append(result, operation, Titled(string.Create(CultureInfo.InvariantCulture, $"[pier] serve {paths.Count} by pierdat")));
        LlbBuilder.Append(result, new Op { Inputs = { new Input { Digest = last } } }, new OpMetadata());
        return result;
    }

    /// <summary>A fault of the line that brought the content.</summary>
    public static DockerfileException Fault(SuppliedContent content, string what) => ContentRequest.Fault(content.Request.Instruction, what);

    private static void Copy(Op operation, string from, string source, string destination, int mode)
    {
        operation.Inputs.Add(new Input { Digest = from });
        operation.File.Actions.Add(new FileAction
        {
            SecondaryInput = operation.Inputs.Count - 1,
            Copy = new FileActionCopy { Src = source, Dest = destination, Mode = mode, CreateDestPath = true, Timestamp = None },
        });
    }

    private static OpMetadata Titled(string title) => new() { Description = { ["llb.customname"] = title } };

    private static string NameOf(SuppliedContent content) => content.Torrent![(content.Torrent!.IndexOf(':', StringComparison.Ordinal) + 1)..] + ".torrent";

    private static string Lines(byte[]? before, IReadOnlyList<ServedPath> paths)
    {
        var known = before is null ? [] : Encoding.UTF8.GetString(before).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        var added = paths.Select(path => $"bittorrent {TorrentFolder}{NameOf(path.Content)} {path.Path}");
        return string.Join('\n', known.Concat(added).Distinct(StringComparer.Ordinal)) + "\n";
    }
}
