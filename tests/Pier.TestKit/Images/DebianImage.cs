using System.IO.Compression;
using System.Security.Cryptography;
using Pier.TestKit.Processes;

namespace Pier.TestKit.Images;

/// <summary>
/// A real multi-layer image made of Debian packages: apt resolves and downloads each layer's packages with the machine's own
/// sources, they are unpacked, packed as a tar with fixed times and owners, and compressed. Nothing is installed.
/// </summary>
internal sealed class DebianImage(string workFolder)
{
    private const string Repository = "library/pier-debian";

    /// <summary>What each layer adds; dependencies that lower layers hold already are not repeated.</summary>
    private static readonly string[][] Layers =
    [
        ["base-files", "bash", "coreutils", "dash", "grep", "sed", "findutils"],
        ["perl", "python3"],
        ["git"],
        ["vim", "curl", "openssl"],
    ];

    private string Archives => Path.Combine(workFolder, "archives");

    internal async Task<TestImage> PublishAsync(ImagePublisher publisher, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(Path.Combine(Archives, "partial"));
        await File.WriteAllTextAsync(StatusFile, "", cancellationToken);
        var wanted = new List<string>();
        var published = new List<TestLayer>();
        foreach (var (number, packages) in Layers.Index())
        {
            wanted.AddRange(packages);
            var tar = await MakeTarAsync(number, wanted, cancellationToken);
            var (compressed, diffId) = await CompressAsync(tar, cancellationToken);
            published.Add(await publisher.PushLayerAsync(Repository, compressed, diffId, cancellationToken));
        }
        return await publisher.PushImageAsync(Repository, "1", published, cancellationToken);
    }

    private string StatusFile => Path.Combine(workFolder, "status");

    /// <summary>Downloads what the wanted packages need beyond what is downloaded already, and packs just that.</summary>
    private async Task<string> MakeTarAsync(int number, IEnumerable<string> wanted, CancellationToken cancellationToken)
    {
        var known = Directory.GetFiles(Archives, "*.deb").ToHashSet(StringComparer.Ordinal);
        await DownloadAsync(wanted, cancellationToken);
        var root = Directory.CreateDirectory(Path.Combine(workFolder, $"root{number}")).FullName;
        var added = Directory.GetFiles(Archives, "*.deb").Where(package => !known.Contains(package));
        // base-files comes first: on newer releases it holds the links that make /bin a part of /usr.
        foreach (var package in added.OrderBy(package => !Path.GetFileName(package).StartsWith("base-files_", StringComparison.Ordinal)).ThenBy(package => package, StringComparer.Ordinal))
        {
            (await Command.RunAsync("dpkg", ["-x", package, root], cancellationToken)).OrThrow();
        }
        var tar = Path.Combine(workFolder, $"layer{number}.tar");
        (await Command.RunAsync(
            "tar", ["--sort=name", "--mtime=@1", "--owner=0", "--group=0", "--numeric-owner", "-C", root, "-cf", tar, "."], cancellationToken)).OrThrow();
        Directory.Delete(root, recursive: true);
        return tar;
    }

    /// <summary>An empty dpkg status makes apt resolve as if nothing were installed, so that the layers are complete by themselves.</summary>
    private async Task DownloadAsync(IEnumerable<string> packages, CancellationToken cancellationToken) => (await Command.RunAsync(
        "apt-get",
        [
            "-y", "-q", "-o", "Dir::State::status=" + StatusFile, "-o", "Dir::Cache::archives=" + Archives, "-o", "Debug::NoLocking=1",
            "-o", "APT::Sandbox::User=root", "--no-install-recommends", "--download-only", "install", .. packages,
        ],
        cancellationToken)).OrThrow();

    private static async Task<(string File, string DiffId)> CompressAsync(string tar, CancellationToken cancellationToken)
    {
        var compressed = tar + ".gz";
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        await using (var source = File.OpenRead(tar))
        await using (var target = new GZipStream(File.Create(compressed), CompressionLevel.Fastest))
        {
            var buffer = new byte[1 << 20];
            for (int read; (read = await source.ReadAsync(buffer, cancellationToken)) > 0;)
            {
                hash.AppendData(buffer, 0, read);
                await target.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
            }
        }
        File.Delete(tar);
        return (compressed, "sha256:" + Convert.ToHexStringLower(hash.GetHashAndReset()));
    }
}
