using System.Formats.Tar;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace Pier.Engines.Images;

/// <summary>
/// The image pier/frontend as engines load it (the form of <c>docker save</c>, image-spec v1.2 of moby): the program, pierdat for images
/// that serve, and what plugins/buildkit-frontend/Dockerfile says of it. The same programs always give the same image.
/// </summary>
internal static class FrontendArchive
{
    /// <summary>What syntax lines call it.</summary>
    public const string Name = "pier/frontend";

    /// <summary>The frontend's program, in the image and as it is delivered.</summary>
    public const string Program = "pier-frontend";

    /// <summary>What images that serve their data carry; it lies beside the frontend's program.</summary>
    public const string Seeder = "pierdat";

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
    public static MemoryStream Make(byte[] program, byte[]? seeder)
    {
        using var layer = seeder is null ? Tar((Program, program, Executable)) : Tar((Program, program, Executable), (Seeder, seeder, Executable));
        var bytes = layer.ToArray();
        var config = Encoding.UTF8.GetBytes(Config(Hex(bytes)).ToJsonString());
        var configName = Hex(config) + ".json";
        var layerName = Hex(bytes) + "/layer.tar";
        var manifest = new JsonArray(new JsonObject
        {
            ["Config"] = configName,
            ["RepoTags"] = new JsonArray(Name + ":latest"),
            ["Layers"] = new JsonArray(layerName),
        });
        const UnixFileMode plain = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;
        return Tar((layerName, bytes, plain), (configName, config, plain), ("manifest.json", Encoding.UTF8.GetBytes(manifest.ToJsonString()), plain));
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
            ["rootfs"] = new JsonObject { ["type"] = "layers", ["diff_ids"] = new JsonArray("sha256:" + diffId) },
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

    private static string Hex(byte[] content) => Convert.ToHexStringLower(SHA256.HashData(content));
}
