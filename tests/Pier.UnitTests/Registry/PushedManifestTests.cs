using System.Text;
using Pier.Content;
using Pier.Content.Manifests;
using Pier.Registry.Errors;
using Pier.Registry.Local;

namespace Pier.UnitTests.Registry;

public sealed class PushedManifestTests
{
    private static readonly Digest Config = Digest.Compute("config"u8);
    private static readonly Digest Layer = Digest.Compute("layer"u8);
    private static readonly Digest Subject = Digest.Compute("subject"u8);

    private static string Image => $$$"""
        {"schemaVersion":2,"config":{"mediaType":"a/c","digest":"{{{Config}}}","size":1},
         "layers":[{"mediaType":"a/l","digest":"{{{Layer}}}","size":2},
                   {"mediaType":"{{{MediaTypes.DockerForeignLayer}}}","digest":"{{{Subject}}}","size":3,"urls":["https://example.com/"]}],
         "subject":{"mediaType":"a/m","digest":"{{{Subject}}}","size":4}}
        """;

    [Theory]
    [InlineData(MediaTypes.OciManifest, MediaTypes.OciManifest)]
    [InlineData("Application/Vnd.OCI.image.manifest.v1+json; charset=utf-8", MediaTypes.OciManifest)]
    [InlineData(null, MediaTypes.OciManifest)]
    [InlineData("", MediaTypes.OciManifest)]
    [InlineData("application/json", MediaTypes.OciManifest)]
    public void An_image_needs_its_blobs_but_not_those_that_live_elsewhere(string? type, string expected)
    {
        var manifest = PushedManifest.Read(type, Encoding.UTF8.GetBytes(Image));

        manifest.MediaType.ShouldBe(expected);
        manifest.Subject.ShouldBe(Subject);
        manifest.Blobs.ShouldBe([Config, Layer]);
    }

    [Fact]
    public void An_index_needs_nothing() =>
        PushedManifest.Read(null, Encoding.UTF8.GetBytes($$"""{"schemaVersion":2,"manifests":[{"mediaType":"a/m","digest":"{{Layer}}","size":1}]}""")).Blobs.ShouldBeEmpty();

    [Theory]
    [InlineData("{}", null)]
    [InlineData("""{"mediaType":"application/vnd.x+json","subject":null}""", null)]
    [InlineData("""{"mediaType":"APPLICATION/vnd.x+json","subject":{"digest":"sha256:DIGEST","more":1}}""", "DIGEST")]
    [InlineData("""{"mediaType":7}""", null)]
    public void Of_a_type_that_nobody_knows_only_the_subject_is_read(string text, string? subject)
    {
        var manifest = PushedManifest.Read("application/vnd.x+json", Encoding.UTF8.GetBytes(text.Replace("DIGEST", Subject.Hex, StringComparison.Ordinal)));

        manifest.MediaType.ShouldBe("application/vnd.x+json");
        manifest.Subject.ShouldBe(subject is null ? null : Subject);
        manifest.Blobs.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("application/vnd.x+json", "[]")]
    [InlineData("application/vnd.x+json", "")]
    [InlineData("application/vnd.x+json", "{")]
    [InlineData("application/vnd.x+json", "{\"mediaType\":\"application/vnd.y+json\"}")]
    [InlineData("application/vnd.x+json", "{\"subject\":7}")]
    [InlineData("application/vnd.x+json", "{\"subject\":{}}")]
    [InlineData("application/vnd.x+json", "{\"subject\":{\"digest\":7}}")]
    [InlineData("application/vnd.x+json", "{\"subject\":{\"digest\":\"sha256:x\"}}")]
    [InlineData("application", "{}")]
    [InlineData("a/b/c", "{}")]
    [InlineData("a/", "{}")]
    [InlineData("/b", "{}")]
    [InlineData("a/b c", "{}")]
    [InlineData("a/b\u00e9", "{}")]
    [InlineData(MediaTypes.OciManifest, "{}")]
    [InlineData(MediaTypes.DockerSchema1, "{}")]
    [InlineData(MediaTypes.DockerSchema1Signed, "{}")]
    [InlineData(null, "{}")]
    [InlineData("text/plain", "hello")]
    public void What_is_no_manifest_is_refused(string? type, string text)
    {
        var refusal = Should.Throw<RegistryRefusal>(() => PushedManifest.Read(type, Encoding.UTF8.GetBytes(text)));

        (refusal.Status, refusal.Code).ShouldBe((400, "MANIFEST_INVALID"));
        refusal.Message.ShouldNotBeEmpty();
    }

    [Fact]
    public void A_type_is_no_longer_than_headers_take() =>
        Should.Throw<RegistryRefusal>(() => PushedManifest.Read("a/" + new string('b', 254), "{}"u8.ToArray()));

    [Fact]
    public void Depth_is_bounded_for_types_that_nobody_knows() =>
        Should.Throw<RegistryRefusal>(() => PushedManifest.Read("a/b", Encoding.UTF8.GetBytes("{\"a\":" + new string('[', 40) + new string(']', 40) + "}")));

    [Fact]
    public void Whatever_comes_it_is_read_or_refused()
    {
        var random = new Random(20261121);
        var valid = Encoding.UTF8.GetBytes(Image);
        for (var round = 0; round < 5_000; round++)
        {
            var bytes = valid.ToArray();
            for (var change = random.Next(1, 6); change > 0; change--)
            {
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            }

            var type = (round % 3) switch { 0 => MediaTypes.OciManifest, 1 => "application/vnd.x+json", _ => null };
            try
            {
                PushedManifest.Read(type, bytes.AsMemory(0, random.Next(bytes.Length + 1))).MediaType.ShouldNotBeEmpty();
            }
            catch (RegistryRefusal refusal)
            {
                refusal.Status.ShouldBe(400);
            }
        }
    }
}
