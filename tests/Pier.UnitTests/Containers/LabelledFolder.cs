using System.Security.Cryptography;
using Pier.BitTorrent.Creation;
using Pier.BitTorrent.Torrents;
using Pier.Content;
using Pier.Content.Labels;
using Pier.Daemon.Containers;
using Pier.Engines.Containers;
using Pier.TestKit.Files;

namespace Pier.UnitTests.Containers;

/// <summary>A folder that stands for a container's file system, with labelled content: <c>/data/file</c> and <c>/data/tree</c>.</summary>
internal sealed class LabelledFolder(TempFolder folder)
{
    private const string Magnet = "magnet:?xt=urn:btih:0123456789abcdef0123456789abcdef01234567";

    private int _containers;

    /// <summary>The folder.</summary>
    public string Root { get; } = folder.MakeFolder("container");

    /// <summary>The file on this machine.</summary>
    public string File => Path.Combine(Root, "data", "file");

    /// <summary>The file's torrent.</summary>
    public Metainfo FileTorrent { get; private set; } = null!;

    /// <summary>The folder's torrent.</summary>
    public Metainfo TreeTorrent { get; private set; } = null!;

    public async Task<LabelledFolder> FillAsync(CancellationToken cancellationToken)
    {
        var tree = Directory.CreateDirectory(Path.Combine(Root, "data", "tree", "sub")).Parent!.FullName;
        await System.IO.File.WriteAllBytesAsync(File, RandomNumberGenerator.GetBytes(300_001), cancellationToken);
        await System.IO.File.WriteAllBytesAsync(Path.Combine(tree, "one"), RandomNumberGenerator.GetBytes(50_000), cancellationToken);
        await System.IO.File.WriteAllBytesAsync(Path.Combine(tree, "sub", "two"), RandomNumberGenerator.GetBytes(70_000), cancellationToken);
        FileTorrent = await TorrentBuilder.CreateAsync(File, new TorrentCreationOptions { Name = "original", PieceLength = 32 << 10 }, progress: null, cancellationToken);
        TreeTorrent = await TorrentBuilder.CreateAsync(tree, new TorrentCreationOptions { Format = TorrentFormat.V1, PieceLength = 32 << 10 }, progress: null, cancellationToken);
        return this;
    }

    /// <summary>What a build would say of the file.</summary>
    public DataLabel FileLabel() => new("/data/file", Digest.Compute(System.IO.File.ReadAllBytes(File)), IsTree: false, [Magnet])
    {
        Size = new FileInfo(File).Length,
        InfoHashes = [FileTorrent.Id.V1.ToString()!, FileTorrent.Id.V2.ToString()!],
        Outline = TorrentOutline.Of(FileTorrent),
    };

    /// <summary>What a build would say of the folder.</summary>
    public DataLabel TreeLabel() => new("/data/tree", Digest.Compute("its tar"u8), IsTree: true, [Magnet])
    {
        InfoHashes = [TreeTorrent.Id.V1.ToString()!],
        Outline = TorrentOutline.Of(TreeTorrent),
    };

    /// <summary>The content of a label, as it is read in a container.</summary>
    public ContainerFiles Open(DataLabel label) => new(ContainerRoot.At(Root), label.Path);

    /// <summary>Proves a label's content.</summary>
    public static async Task<ProvedData> ProveAsync(DataLabel label, IDataFiles files, CancellationToken cancellationToken)
    {
        using var proof = await DataProof.BeginAsync(label, files, cancellationToken);
        var data = await proof.RunAsync(cancellationToken);
        data.Weight.ShouldBe(proof.Weight);
        return data;
    }

    /// <summary>A running container with these labels.</summary>
    public HeldContainer Run(params IEnumerable<DataLabel> labels) => new(
        new RunningContainer(FakeEngine.Id(++_containers), $"c{_containers}", 1, "", Labels(labels)), ContainerRoot.At(Root));

    /// <summary>Labels as an engine tells them.</summary>
    public static Dictionary<string, string> Labels(params IEnumerable<DataLabel> labels) => labels
        .Select(label => KeyValuePair.Create(DataLabelText.NameOf(SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(label.Path))), DataLabelText.Write(label)))
        .Append(KeyValuePair.Create(DataLabel.Marker, DataLabel.MarkerValue))
        .ToDictionary(StringComparer.Ordinal);
}
