using System.Text;
using Pier.Content;
using Pier.Content.Manifests;
using Pier.Store.Layout;
using Pier.TestKit.Stores;

namespace Pier.UnitTests.Store;

/// <summary>A two-platform index of which one platform is held: two layers, a configuration, a manifest.</summary>
internal sealed class SampleImage
{
    public SampleImage(MemoryContentStore store)
    {
        Layers = [store.Add("layer one"u8), store.Add(new byte[100_000])];
        Config = store.Add("""{"architecture":"amd64","os":"linux","rootfs":{"type":"layers","diff_ids":[]}}"""u8);
        ManifestText = $$"""
            {"schemaVersion":2,"mediaType":"{{MediaTypes.OciManifest}}",
             "config":{"mediaType":"{{MediaTypes.OciConfig}}","digest":"{{Config}}","size":78},
             "layers":[{"mediaType":"{{MediaTypes.OciLayer}}","digest":"{{Layers[0]}}","size":9},
                       {"mediaType":"{{MediaTypes.OciLayer}}","digest":"{{Layers[1]}}","size":100000},
                       {"mediaType":"{{MediaTypes.DockerForeignLayer}}","digest":"{{Digest.Compute("elsewhere"u8)}}","size":9}]}
            """;
        Manifest = store.Add(Encoding.UTF8.GetBytes(ManifestText));
        var index = $$"""
            {"schemaVersion":2,"mediaType":"{{MediaTypes.OciIndex}}","manifests":[
              {"mediaType":"{{MediaTypes.OciManifest}}","digest":"{{Manifest}}","size":{{Encoding.UTF8.GetByteCount(ManifestText)}},"platform":{"os":"linux","architecture":"amd64"} },
              {"mediaType":"{{MediaTypes.OciManifest}}","digest":"{{Digest.Compute("arm"u8)}}","size":3,"platform":{"os":"linux","architecture":"arm64"} }]}
            """;
        Index = store.Add(Encoding.UTF8.GetBytes(index));
        All = [.. Layers, Config, Manifest, Index];
        Entry = new LayoutImage(Index, MediaTypes.OciIndex, "docker.io/library/sample:1");
    }

    public IReadOnlyList<Digest> Layers { get; }

    public Digest Config { get; }

    public string ManifestText { get; }

    public Digest Manifest { get; }

    public Digest Index { get; }

    public IReadOnlyList<Digest> All { get; }

    public LayoutImage Entry { get; }
}
