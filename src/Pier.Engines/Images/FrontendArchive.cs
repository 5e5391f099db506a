using System.Formats.Tar;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace Pier.Engines.Images;

/// <summary>
/// The image pier/frontend as engines load it (the form of <c>docker save</c>, image-spec v1.2 of moby): the one program, and what
/// plugins/buildkit-frontend/Dockerfile says of it. The same program always gives the same image.
/// </summary>
internal static class FrontendArchive
{
    /// <summary>What syntax lines call it.</summary>
    public const string Name = "pier/frontend";

    private const string Program = "pier-frontend";
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

    /// <summary>Makes the archive in memory from the program's bytes.</summary>
    public static MemoryStream Make(byte[] program)
    {
        using var layer = Tar((Program, program, Executable));
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
