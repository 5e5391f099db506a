using System.Formats.Tar;
using System.Text;
using Pier.Content.Contracts;
using Pier.Content.Manifests;
using Pier.Fetch.Images;
using Pier.Store.Blobs;
using Pier.TestKit.Files;
using Pier.TestKit.Logging;

namespace Pier.UnitTests.Fetch.Images;

/// <summary>A store of layers that the test writes entry by entry.</summary>
public abstract class LayerSetting : IAsyncDisposable
{
    private readonly CollectedLogs _logs = new();

    protected LayerSetting() =>
        Store = new FileContentStore(Folder.MakeFolder("blobs"), TimeProvider.System, _logs.CreateLogger<FileContentStore>());

    private protected static CancellationToken Token => TestContext.Current.CancellationToken;

    private protected TempFolder Folder { get; } = TempFolder.Create("layers");

    private protected FileContentStore Store { get; }

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        await Folder.DisposeAsync();
        _logs.Dispose();
    }

    private protected async Task<Descriptor> AddAsync(byte[] content, string type)
    {
        await using var ingest = await Store.IngestAsync(null, null, Token);
        await ingest.WriteAsync(content, Token);
        return new Descriptor(type, (await ingest.SealAsync(Token)).Digest, content.Length);
    }

    private protected async Task<IReadOnlyList<Descriptor>> LayersAsync(params TarEntry[][] layers)
    {
        var descriptors = new List<Descriptor>();
        foreach (var entries in layers)
        {
            descriptors.Add(await AddAsync(Tar(entries), MediaTypes.OciLayer));
        }

        return descriptors;
    }

    /// <summary>Unpacks an image into a folder of its own.</summary>
    private protected async Task<string> UnpackAsync(IReadOnlyList<Descriptor> layers)
    {
        var folder = Folder.Below(Path.GetRandomFileName());
        await new ImageUnpack(null!, new ImageFiles(Store), Store).UnpackAsync(layers, folder, Token);
        return folder;
    }

    private protected static byte[] Tar(params TarEntry[] entries)
    {
        var buffer = new MemoryStream();
        using (var tar = new TarWriter(buffer, leaveOpen: true))
        {
            foreach (var entry in entries)
            {
                tar.WriteEntry(entry);
            }
        }

        return buffer.ToArray();
    }

    /// <summary>A layer of files.</summary>
    private protected static byte[] Layer(params (string Path, string Text)[] files) => Tar([.. files.Select(file => Plain(file.Path, file.Text))]);

    private protected static PaxTarEntry Plain(string path, string text) =>
        new(TarEntryType.RegularFile, path) { DataStream = new MemoryStream(Encoding.UTF8.GetBytes(text)) };

    private protected static PaxTarEntry Symbolic(string path, string target) => new(TarEntryType.SymbolicLink, path) { LinkName = target };

    private protected static PaxTarEntry Hard(string path, string target) => new(TarEntryType.HardLink, path) { LinkName = target };

    /// <summary>Hides what lower layers have at a path.</summary>
    private protected static PaxTarEntry Whiteout(string path) =>
        Plain(path.LastIndexOf('/') is var slash and >= 0 ? $"{path[..slash]}/.wh.{path[(slash + 1)..]}" : $".wh.{path}", "");
}
