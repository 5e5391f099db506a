using System.Formats.Tar;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using Pier.Content;
using Pier.Content.Contracts;
using Pier.Content.Manifests;
using Pier.Store.Layout;
using Pier.TestKit.Stores;

namespace Pier.InteropTests.Store;

/// <summary>A small image that other programs accept, held in a store in memory: two gzip layers, a configuration, a manifest.</summary>
internal sealed class StoredImage
{
    public const string Name = "example.test/pier/sample:1";

    public StoredImage(MemoryContentStore store)
    {
        var layers = new[] { ("hello.txt", 20), ("random.bin", 2_000_000) }.Select(file => Layer(store, file.Item1, file.Item2)).ToArray();
        var config = Encoding.UTF8.GetBytes(
            $$$"""{"architecture":"amd64","os":"linux","config":{},"rootfs":{"type":"layers","diff_ids":["{{{layers[0].DiffId}}}","{{{layers[1].DiffId}}}"]}}""");
        var manifest = "{\"schemaVersion\":2,\"mediaType\":\"" + MediaTypes.OciManifest + "\",\"config\":"
            + Describe(MediaTypes.OciConfig, store.Add(config), config.Length) + ",\"layers\":["
            + string.Join(',', layers.Select(layer => Describe(MediaTypes.OciLayerGzip, layer.Digest, layer.Size))) + "]}";
        var bytes = Encoding.UTF8.GetBytes(manifest);
        LargeLayer = layers[1].Digest;
        LargeLayerSize = layers[1].Size;
        Manifest = new ManifestDocument(store.Add(bytes), MediaTypes.OciManifest, bytes);
        Entry = new LayoutImage(Manifest.Digest, MediaTypes.OciManifest, Name);
    }

    public ManifestDocument Manifest { get; }

    public LayoutImage Entry { get; }

    public Digest LargeLayer { get; }

    public int LargeLayerSize { get; }

    private static string Describe(string mediaType, Digest digest, int size) =>
        $$"""{"mediaType":"{{mediaType}}","digest":"{{digest}}","size":{{size}} }""";

    private static (Digest Digest, Digest DiffId, int Size) Layer(MemoryContentStore store, string name, int size)
    {
        var plain = new MemoryStream();
        using (var tar = new TarWriter(plain, TarEntryFormat.Ustar, leaveOpen: true))
        {
            tar.WriteEntry(new UstarTarEntry(TarEntryType.RegularFile, name) { DataStream = new MemoryStream(RandomNumberGenerator.GetBytes(size)) });
        }

        var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            gzip.Write(plain.ToArray());
        }

        return (store.Add(packed.ToArray()), Digest.Compute(plain.ToArray()), (int)packed.Length);
    }
}
