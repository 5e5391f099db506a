using System.Formats.Tar;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace Pier.Engines.Images;

/// <summary>
/// The image pier/frontend as engines load it and nodes import it (the form of <c>docker save</c> since Docker 25: an OCI image layout, and
/// the <c>manifest.json</c> that older engines read): the program, pierdat for images that serve, and what
/// plugins/buildkit-frontend/Dockerfile says of it. The same programs always give the same image.
/// </summary>
internal static class FrontendArchive
{
    /// <summary>What syntax lines call it.</summary>
    public const string Name = "pier/frontend";

    /// <summary>The frontend's program, in the image and as it is delivered.</summary>
    public const string Program = "pier-frontend";

    /// <summary>What images that serve their data carry; it lies beside the frontend's program.</summary>
    public const string Seeder = "pierdat";

    private const string Tag = "latest";

    private const UnixFileMode Plain = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    private const UnixFileMode Executable = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
        | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;

    /// <summary>The image's labels: what BuildKit asks of a frontend before it runs it.</summary>
    public static IReadOnlyList<(string Name, string Value)> ImageLabels { get; } =
    [
        ("moby.buildkit.frontend.caps", "moby.buildkit.frontend.inputs,moby.buildkit.frontend.subrequests,moby.buildkit.frontend.contexts"),
        ("moby.buildkit.frontend.network.none", "true"),
        ("org.opencontainers.image.title", Name),
        ("org.opencontainers.image.licenses", "MIT"),
    ];

    /// <summary>Makes the archive in memory from the bytes of the programs.</summary>
    /// <param name="program">The frontend.</param>
    /// <param name="seeder">pierdat; null leaves it out, and <c>PIER --serve</c> fails then.</param>
    public static FrontendPack Make(byte[] program, byte[]? seeder)
    {
        using var tar = seeder is null ? Tar((Program, program, Executable)) : Tar((Program, program, Executable), (Seeder, seeder, Executable));
        var layer = new Blob("application/vnd.oci.image.layer.v1.tar", tar.ToArray());
        var config = new Blob("application/vnd.oci.image.config.v1+json", Bytes(Config(layer.Digest)));
        var manifest = new Blob("application/vnd.oci.image.manifest.v1+json", Bytes(new JsonObject
        {
            ["schemaVersion"] = 2,
            ["mediaType"] = "application/vnd.oci.image.manifest.v1+json",
            ["config"] = config.Descriptor,
            ["layers"] = new JsonArray(layer.Descriptor),
        }));
        var named = manifest.Descriptor;
        named["annotations"] = new JsonObject { ["io.containerd.image.name"] = $"docker.io/{Name}:{Tag}", ["org.opencontainers.image.ref.name"] = Tag };
        var index = new JsonObject
        {
            ["schemaVersion"] = 2, ["mediaType"] = "application/vnd.oci.image.index.v1+json", ["manifests"] = new JsonArray(named),
        };
        // What engines without a content store read in place of the index.
        var saved = new JsonArray(new JsonObject
        {
            ["Config"] = config.Path, ["RepoTags"] = new JsonArray($"{Name}:{Tag}"), ["Layers"] = new JsonArray(layer.Path),
        });
        var archive = Tar(
            ("oci-layout", """{"imageLayoutVersion":"1.0.0"}"""u8.ToArray(), Plain),
            (layer.Path, layer.Content, Plain),
            (config.Path, config.Content, Plain),
            (manifest.Path, manifest.Content, Plain),
            ("index.json", Bytes(index), Plain),
            ("manifest.json", Bytes(saved), Plain));
        return new FrontendPack(archive, manifest.Digest, config.Digest, seeder is not null);
    }

    private static JsonObject Config(string diffId)
    {
        var labels = new JsonObject();
        foreach (var (name, value) in ImageLabels)
        {
            labels[name] = value;
        }
        return new JsonObject
        {
            ["architecture"] = "amd64",
            ["os"] = "linux",
            ["created"] = "1970-01-01T00:00:00Z",
            ["config"] = new JsonObject { ["Entrypoint"] = new JsonArray("/" + Program), ["Labels"] = labels },
            ["rootfs"] = new JsonObject { ["type"] = "layers", ["diff_ids"] = new JsonArray(diffId) },
            ["history"] = new JsonArray(new JsonObject { ["created"] = "1970-01-01T00:00:00Z", ["created_by"] = "pier install docker" }),
        };
    }

    private static MemoryStream Tar(params IReadOnlyList<(string Name, byte[] Content, UnixFileMode Mode)> files)
    {
        var tar = new MemoryStream();
        using (var writer = new TarWriter(tar, TarEntryFormat.Ustar, leaveOpen: true))
        {
            foreach (var (name, content, mode) in files)
            {
                writer.WriteEntry(new UstarTarEntry(TarEntryType.RegularFile, name)
                {
                    DataStream = new MemoryStream(content), Mode = mode, ModificationTime = DateTimeOffset.UnixEpoch,
                });
            }
        }
        tar.Position = 0;
        return tar;
    }

    private static byte[] Bytes(JsonNode document) => Encoding.UTF8.GetBytes(document.ToJsonString());

    /// <summary>A part of the image under its digest.</summary>
    private sealed record Blob(string MediaType, byte[] Content)
    {
        public string Digest { get; } = "sha256:" + Convert.ToHexStringLower(SHA256.HashData(Content));

        public string Path => "blobs/" + Digest.Replace(':', '/');

        public JsonObject Descriptor => new() { ["mediaType"] = MediaType, ["digest"] = Digest, ["size"] = Content.Length };
    }
}
