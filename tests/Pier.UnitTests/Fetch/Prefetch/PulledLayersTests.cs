using System.Text;
using Pier.Content;
using Pier.Content.Contracts;
using Pier.Content.Manifests;
using Pier.Content.References;
using Pier.Fetch.Prefetch;

namespace Pier.UnitTests.Fetch.Prefetch;

/// <summary>Which layers follow from what clients take.</summary>
public sealed class PulledLayersTests
{
    private static readonly RepositoryName Repository = new("registry.test", "team/app");
    private static readonly RepositoryName Other = new("registry.test", "team/other");

    private readonly PulledLayers _layers = new();

    [Fact]
    public void The_layers_after_the_one_that_is_taken_follow_in_order_and_once()
    {
        _layers.Note(Repository, Manifest(4));
        _layers.Next().ShouldBeNull();

        _layers.Take(Repository, Layer(1)).ShouldNotBeNull();

        _layers.Next().ShouldBe(new BlobRequest(Layer(2), Repository, 7, FetchPriority.Background));
        _layers.Next()!.Digest.ShouldBe(Layer(3));
        _layers.Next().ShouldBeNull();
        _layers.Take(Repository, Layer(0)).ShouldNotBeNull();
        _layers.Next().ShouldBeNull("what came before, or was fetched already, is not wanted again");
    }

    [Fact]
    public void Nothing_follows_once_nobody_reads_any_more()
    {
        _layers.Note(Repository, Manifest(3));
        var image = _layers.Take(Repository, Layer(0))!;

        image.Readers--;
        _layers.Next().ShouldBeNull();

        _layers.Take(Repository, Layer(1));
        _layers.Next()!.Digest.ShouldBe(Layer(2));
    }

    [Fact]
    public void Configurations_foreign_names_and_what_is_no_image_lead_to_nothing()
    {
        _layers.Note(Repository, Manifest(3));
        var index = """{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[]}"""u8.ToArray();
        _layers.Note(Repository, new ManifestDocument(Digest.Compute(index), MediaTypes.OciIndex, index));
        _layers.Note(Repository, new ManifestDocument(Digest.Compute([1]), MediaTypes.OciManifest, "not json"u8.ToArray()));

        _layers.Take(Repository, Digest.Compute("{}"u8)).ShouldBeNull();
        _layers.Take(Other, Layer(0)).ShouldBeNull();
        _layers.Take(Repository, Layer(9)).ShouldBeNull();
        _layers.Next().ShouldBeNull();
    }

    [Fact]
    public void Only_the_last_images_are_remembered()
    {
        _layers.Note(Repository, Manifest(3));
        for (var image = 0; image < 128; image++)
        {
            _layers.Note(new RepositoryName("registry.test", $"team/app{image}"), Manifest(2));
        }

        _layers.Take(Repository, Layer(0)).ShouldBeNull();
        _layers.Take(new RepositoryName("registry.test", "team/app0"), Layer(0)).ShouldNotBeNull();
    }

    private static Digest Layer(int number) => Digest.Compute(Encoding.UTF8.GetBytes($"layer{number:00}"));

    private static ManifestDocument Manifest(int layers)
    {
        var list = string.Join(',', Enumerable.Range(0, layers).Select(number => $$"""{"mediaType":"{{MediaTypes.OciLayer}}","digest":"{{Layer(number)}}","size":7}"""));
        var content = Encoding.UTF8.GetBytes(
            $$"""
            {"schemaVersion":2,"mediaType":"{{MediaTypes.OciManifest}}",
             "config":{"mediaType":"{{MediaTypes.OciConfig}}","digest":"{{Digest.Compute("{}"u8)}}","size":2},"layers":[{{list}}]}
            """);
        return new ManifestDocument(Digest.Compute(content), MediaTypes.OciManifest, content);
    }
}
