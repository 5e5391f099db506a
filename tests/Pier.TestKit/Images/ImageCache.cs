using System.Text.Json;
using Pier.TestKit.Engines;
using Pier.TestKit.Files;
using Pier.TestKit.Network;

namespace Pier.TestKit.Images;

/// <summary>
/// The test images, made once per machine and kept as the files of a registry under the user's cache folder;
/// later runs serve those files and are fast.
/// </summary>
public sealed class ImageCache
{
    /// <summary>Raise when the way images are made changes.</summary>
    private const string Version = "v1";

    private readonly string _root;

    private ImageCache(string root, TestImage debian, TestImage random)
    {
        _root = root;
        Debian = debian;
        Random = random;
    }

    /// <summary>A real image: four layers of Debian packages, over 100 MB compressed, with a shell that runs.</summary>
    public TestImage Debian { get; }

    /// <summary>An image with one layer of 200 MB that nothing can compress, for streaming; it cannot run.</summary>
    public TestImage Random { get; }

    /// <summary>Root folder of the registry's files; serve it read-only.</summary>
    public string RegistryRoot => Path.Combine(_root, "registry");

    /// <summary>Opens the cache, and makes the images first when this machine has none. Waits while another run makes them.</summary>
    public static async Task<ImageCache> OpenAsync(CancellationToken cancellationToken)
    {
        var parent = Path.Combine(Environment.GetEnvironmentVariable("XDG_CACHE_HOME") ?? "/var/cache", "pier-tests");
        Directory.CreateDirectory(parent);
        await using var exclusive = await LockAsync(Path.Combine(parent, "images.lock"), cancellationToken);
        var root = Path.Combine(parent, "images-" + Version);
        var index = Path.Combine(root, "images.json");
        if (!File.Exists(index))
        {
            await MakeAsync(parent, root, cancellationToken);
        }
        var images = JsonSerializer.Deserialize<Index>(await File.ReadAllTextAsync(index, cancellationToken))
            ?? throw new InvalidDataException($"{index} is empty: remove {root}");
        return new ImageCache(root, images.Debian, images.Random);
    }

    private static async Task<FileStream> LockAsync(string path, CancellationToken cancellationToken)
    {
        FileStream? opened = null;
        await Eventually.TrueAsync(
            () =>
            {
                try
                {
                    // FileShare.None is an advisory lock (flock(2)) that ends with the process.
                    opened = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
                    return true;
                }
                catch (IOException)
                {
                    return false;
                }
            },
            $"{path} to be free: another run makes the images",
            TimeSpan.FromMinutes(10),
            cancellationToken);
        return opened!;
    }

    private static async Task MakeAsync(string parent, string root, CancellationToken cancellationToken)
    {
        await using var work = TempFolder.Create("images", parent);
        var registryRoot = work.MakeFolder("made", "registry");
        await using var network = await TestNetwork.CreateAsync(cancellationToken);
        var host = await network.AddHostAsync("library", cancellationToken);
        TestImage debian, random;
        await using (var registry = await UpstreamRegistry.StartAsync(host, registryRoot, writable: true, cancellationToken))
        {
            using var client = host.Namespace.CreateHttpClient();
            var publisher = new ImagePublisher(client, registry.Address);
            debian = await new DebianImage(work.MakeFolder("debian")).PublishAsync(publisher, cancellationToken);
            random = await RandomImage.PublishAsync(publisher, work.MakeFolder("random"), cancellationToken);
        }
        await File.WriteAllTextAsync(work.Below("made", "images.json"), JsonSerializer.Serialize(new Index(debian, random)), cancellationToken);
        if (Directory.Exists(root))
        {
            Directory.Delete(root, recursive: true);
        }
        Directory.Move(work.Below("made"), root);
    }

    private sealed record Index(TestImage Debian, TestImage Random);
}
