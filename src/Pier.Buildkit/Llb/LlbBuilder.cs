using Google.Protobuf;
using Pier.Buildkit.Wire;

namespace Pier.Buildkit.Llb;

/// <summary>Makes the few definitions that the frontend asks for itself (solver/pb/ops.proto).</summary>
internal static class LlbBuilder
{
    private const int FileMode = 0x1a4; // rw-r--r--
    private const int None = -1;

    /// <summary>A file by HTTP, fetched by the engine's own process.</summary>
    /// <param name="address">Where.</param>
    /// <param name="filename">What the file is called.</param>
    /// <param name="title">For the output.</param>
    public static LlbNode Http(string address, string filename, string title) =>
        new(new Op { Source = new SourceOp { Identifier = address, Attrs = { ["http.filename"] = filename } } }, title);

    /// <summary>Some files of a folder of the client's.</summary>
    public static LlbNode Local(string name, string session, IReadOnlyList<string> paths, string title) => new(
        new Op
        {
            Source = new SourceOp
            {
                Identifier = "local://" + name,
                Attrs =
                {
                    ["local.followpaths"] = Dockerfiles.JsonWords.Write(paths),
                    ["local.session"] = session,
                    ["local.sharedkeyhint"] = name,
                },
            },
        },
        title);

    /// <summary>A small file system of these files.</summary>
    public static LlbNode Files(IReadOnlyList<(string Path, byte[] Content)> files, string title)
    {
        var operation = new FileOp();
        for (var file = 0; file < files.Count; file++)
        {
            operation.Actions.Add(new FileAction
            {
                Input = file - 1,
                SecondaryInput = None,
                Output = file == files.Count - 1 ? 0 : None,
                Mkfile = new FileActionMkFile
                {
                    Path = "/" + files[file].Path.TrimStart('/'),
                    Mode = FileMode,
                    Data = ByteString.CopyFrom(files[file].Content),
                    Timestamp = None,
                },
            });
        }

        return new LlbNode(new Op { File = operation }, title);
    }

    /// <summary>An archive's content as a file system of its own; what is no archive is copied as it is.</summary>
    public static LlbNode Unpacked(LlbNode archive, string filename, string title) => new(UnpackOf(filename), title, archive);

    /// <summary>The operation alone: its one input has the archive.</summary>
    public static Op UnpackOf(string filename) => new()
    {
        File = new FileOp
        {
            Actions =
            {
                new FileAction
                {
                    Input = None,
                    SecondaryInput = 0,
                    Copy = new FileActionCopy
                    {
                        Src = "/" + filename,
                        Dest = "/",
                        Mode = None,
                        FollowSymlink = true,
                        DirCopyContents = true,
                        AttemptUnpackDockerCompatibility = true,
                        CreateDestPath = true,
                        Timestamp = None,
                    },
                },
            },
        },
    };

    /// <summary>The definition that ends in a node: operations with their inputs first, the last entry names the result.</summary>
    public static Definition Define(LlbNode root)
    {
        var definition = new Definition();
        var digest = Add(definition, root, new Dictionary<LlbNode, string>(ReferenceEqualityComparer.Instance));
        Append(definition, new Op { Inputs = { new Input { Digest = digest } } }, new OpMetadata());
        return definition;
    }

    /// <summary>Adds an operation to a definition; returns its digest.</summary>
    public static string Append(Definition definition, Op operation, OpMetadata metadata)
    {
        var bytes = operation.ToByteString();
        var digest = Sha256.Text(bytes.Span);
        definition.Def.Add(bytes);
        definition.Metadata[digest] = metadata;
        return digest;
    }

    private static string Add(Definition definition, LlbNode node, Dictionary<LlbNode, string> added)
    {
        if (added.TryGetValue(node, out var digest))
        {
            return digest;
        }

        var operation = node.Op.Clone();
        operation.Inputs.AddRange(node.Inputs.Select(input => new Input { Digest = Add(definition, input, added) }));
        // Present and empty, as in the operations of BuildKit's own frontend: equal operations must have equal bytes.
        operation.Constraints ??= new WorkerConstraints();
        return added[node] = Append(definition, operation, new OpMetadata { Description = { ["llb.customname"] = node.Title } });
    }
}
