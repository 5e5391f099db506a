using Google.Protobuf;
using Pier.Buildkit.Dockerfiles;
using Pier.Buildkit.Supply;
using Pier.Buildkit.Wire;

namespace Pier.Buildkit.Llb;

/// <summary>
/// Puts real content in the place of markers: in the definition that BuildKit's own frontend made of a rewritten Dockerfile, each
/// marker becomes a download with a checksum. Operations that depend on none keep their very bytes, hence their cache.
/// </summary>
internal sealed class DefinitionPatch
{
    private const string CustomName = "llb.customname";

    private readonly Definition _from;
    private readonly SourceInfo _dockerfile;
    private readonly Func<string, SuppliedContent?> _supplied;
    private readonly Definition _to = new();
    private readonly Dictionary<string, string> _renamed = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (SuppliedContent Content, string Unpacked)> _downloads = new(StringComparer.Ordinal);

    private DefinitionPatch(Definition from, SourceInfo dockerfile, Func<string, SuppliedContent?> supplied)
    {
        _from = from;
        _dockerfile = dockerfile;
        _supplied = supplied;
    }

    /// <summary>The markers in a definition.</summary>
    public static IEnumerable<string> MarkersIn(Definition definition) => definition.Def
        .Select(bytes => Op.Parser.ParseFrom(bytes))
        .Where(operation => operation.Source?.Identifier.StartsWith(SourceMarker.Prefix, StringComparison.Ordinal) == true)
        .Select(operation => operation.Source.Identifier);

    /// <summary>Makes the patched definition.</summary>
    /// <param name="definition">What BuildKit's frontend made.</param>
    /// <param name="dockerfile">The Dockerfile as the user wrote it, for BuildKit's excerpts.</param>
    /// <param name="supplied">The content of a marker.</param>
    public static PatchedDefinition Apply(Definition definition, SourceInfo dockerfile, Func<string, SuppliedContent?> supplied)
    {
        var patch = new DefinitionPatch(definition, dockerfile, supplied);
        foreach (var bytes in definition.Def)
        {
            patch.Take(bytes);
        }

        patch.MapSources();
        return new PatchedDefinition(
            patch._to,
            patch._downloads.Values.GroupBy(download => download.Unpacked, StringComparer.Ordinal)
                .ToDictionary(group => group.Key, group => group.First().Content, StringComparer.Ordinal));
    }

    private void Take(ByteString bytes)
    {
        var operation = Op.Parser.ParseFrom(bytes);
        var digest = Sha256.Text(bytes.Span);
        var metadata = _from.Metadata.TryGetValue(digest, out var known) ? known.Clone() : new OpMetadata();
        if (operation.Source is { } source && _supplied(source.Identifier) is { } content)
        {
            Download(digest, operation, metadata, content);
            return;
        }

        if (metadata.Description.TryGetValue(CustomName, out var title))
        {
            metadata.Description[CustomName] = SourceMarker.Restore(title);
        }

        if (!operation.Inputs.Any(input => _renamed.ContainsKey(input.Digest)))
        {
            _to.Def.Add(bytes);
            _to.Metadata[digest] = metadata;
            return;
        }

        Follow(operation);
        foreach (var input in operation.Inputs)
        {
            input.Digest = _renamed.GetValueOrDefault(input.Digest, input.Digest);
        }

        _renamed[digest] = LlbBuilder.Append(_to, operation, metadata);
    }

    /// <summary>The marker's operation with another address and a checksum; a tar and what it holds are two operations.</summary>
    private void Download(string digest, Op operation, OpMetadata metadata, SuppliedContent content)
    {
        operation.Source = new SourceOp
        {
            Identifier = content.Address,
            Attrs =
            {
                ["http.checksum"] = content.Digest,
                ["http.filename"] = content.Filename,
                ["http.perm"] = content.IsExecutable ? "0755" : "0644",
            },
        };
        var title = Title(content);
        metadata.Description[CustomName] = title;
        var download = LlbBuilder.Append(_to, operation, metadata);
        var last = download;
        if (content.IsTree || content.Request.Unpack)
        {
            var unpack = LlbBuilder.UnpackOf(content.Filename);
            unpack.Inputs.Add(new Input { Digest = download });
            unpack.Platform = operation.Platform?.Clone();
            unpack.Constraints = new WorkerConstraints();
            last = LlbBuilder.Append(_to, unpack, new OpMetadata { Description = { [CustomName] = title.Replace("] ", "] unpack, ", StringComparison.Ordinal) } });
        }

        _renamed[digest] = last;
        _downloads[digest] = (content, last);
    }

    private string Title(SuppliedContent content)
    {
        var size = content.Size is { } bytes ? $" ({ByteText.Of(bytes)})" : "";
        var unsure = content is { IsMutable: true, Request.Checksum: null } ? $"; may change, add {content.ChecksumFlag}" : "";
        var name = content.IsTree ? content.Request.GuessName() : content.Filename;
        return $"[pier] {_dockerfile.Filename}:{content.Request.Instruction.Line}: {name}{size}{unsure}";
    }

    /// <summary>Copies that took a marker's file take what is there now: the file under its name, or all of a tree.</summary>
    private void Follow(Op operation)
    {
        foreach (var action in operation.File?.Actions ?? [])
        {
            if (action.Copy is not { } copy || action.SecondaryInput < 0 || action.SecondaryInput >= operation.Inputs.Count
                || !_downloads.TryGetValue(operation.Inputs[(int)action.SecondaryInput].Digest, out var download))
            {
                continue;
            }

            var isWhole = download.Content.IsTree || download.Content.Request.Unpack;
            copy.Src = isWhole ? "/" : "/" + download.Content.Filename;
            copy.DirCopyContents = isWhole;
            copy.AllowWildcard = false;
            copy.AttemptUnpackDockerCompatibility = false;
            copy.CreateDestPath = true;
            if (copy.Mode < 0 && download.Content.Request.Instruction.Mode is { } mode)
            {
                // BuildKit 0.8 leaves --chmod out when it adds from an address.
                copy.Mode = mode;
            }
        }
    }

    /// <summary>BuildKit points errors at lines: those of the user's Dockerfile, also for the operations that are new.</summary>
    private void MapSources()
    {
        if (_from.Source is not { } from)
        {
            return;
        }

        _to.Source = from.Clone();
        foreach (var info in _to.Source.Infos.Where(info => info.Filename == _dockerfile.Filename))
        {
            info.Data = _dockerfile.Data;
        }

        foreach (var (before, after) in _renamed)
        {
            if (from.Locations.TryGetValue(before, out var locations))
            {
                _to.Source.Locations.Remove(before);
                _to.Source.Locations[after] = locations.Clone();
            }
        }

        var index = from.Infos.TakeWhile(info => info.Filename != _dockerfile.Filename).Count();
        if (index == from.Infos.Count)
        {
            return;
        }

        foreach (var (_, (content, digest)) in _downloads)
        {
            var (line, end) = (content.Request.Instruction.Line, content.Request.Instruction.EndLine);
            _to.Source.Locations[digest] = new Locations
            {
                Locations_ = { new Location { SourceIndex = index, Ranges = { new Wire.Range { Start = new Position { Line = line }, End = new Position { Line = end } } } } },
            };
        }
    }
}
