using System.Text;
using Pier.Content;
using Pier.Content.Contracts;
using Pier.Content.Manifests;

namespace Pier.UnitTests.Content.Manifests;

public sealed class ManifestParserTests
{
    private const string Hex = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
    private const string Config = """{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef","size":7023}""";
    private const string Layer = """{"mediaType":"application/vnd.oci.image.layer.v1.tar+gzip","digest":"sha256:fedcba9876543210fedcba9876543210fedcba9876543210fedcba9876543210","size":32654}""";

    [Fact]
    public void The_spec_s_example_manifest_is_read()
    {
        var bytes = Bytes(ManifestSamples.OciImage);

        var manifest = ManifestParser.Parse(MediaTypes.OciManifest, bytes).ShouldBeOfType<ImageManifest>();

        manifest.Content.Span.SequenceEqual(bytes).ShouldBeTrue();
        manifest.Config.ShouldBe(new Descriptor(
            MediaTypes.OciConfig, Digest.Parse("sha256:b5b2b2c507a0944348e0303114d8d93aaaa081732b86451d9bce1f432a537bc7"), 7023));
        manifest.Layers.Select(layer => layer.Size).ShouldBe([32654, 16724, 73109]);
        manifest.References.Count.ShouldBe(4);
        manifest.Subject!.Size.ShouldBe(7682);
        manifest.Annotations["com.example.key1"].ShouldBe("value1");
        manifest.ArtifactType.ShouldBeNull();
    }

    [Fact]
    public void The_spec_s_example_index_is_read()
    {
        var index = ManifestParser.Parse(MediaTypes.OciIndex, Bytes(ManifestSamples.OciIndex)).ShouldBeOfType<ImageIndex>();

        index.Manifests.Count.ShouldBe(2);
        index.References.ShouldBe(index.Manifests);
        index.Manifests[0].Platform.ShouldBe(new Platform("linux", "ppc64le"));
        index.Annotations["com.example.key2"].ShouldBe("value2");
    }

    [Fact]
    public void Docker_schema_2_documents_are_read()
    {
        var image = ManifestParser.Parse(null, Bytes(ManifestSamples.DockerImage)).ShouldBeOfType<ImageManifest>();
        var list = ManifestParser.Parse("application/json; charset=utf-8", Bytes(ManifestSamples.DockerList)).ShouldBeOfType<ImageIndex>();

        image.MediaType.ShouldBe(MediaTypes.DockerManifest);
        image.Layers[1].Urls.ShouldBe(["https://example.com/layer"]);
        MediaTypes.IsForeignLayer(image.Layers[1].MediaType).ShouldBeTrue();
        list.MediaType.ShouldBe(MediaTypes.DockerManifestList);
        list.Manifests[1].Platform!.ToString().ShouldBe("linux/arm/v7");
        list.Manifests[1].Platform!.OsVersion.ShouldBe("10.0");
        list.Manifests[1].Platform!.OsFeatures.ShouldBe(["win32k"]);
    }

    [Theory]
    [InlineData(null, """{"schemaVersion":2,"config":C,"layers":[]}""", MediaTypes.OciManifest)]
    [InlineData("text/plain", """{"schemaVersion":2,"manifests":[]}""", MediaTypes.OciIndex)]
    [InlineData("Application/Vnd.OCI.image.manifest.v1+JSON; charset=utf-8", """{"schemaVersion":2,"config":C,"layers":[L]}""", MediaTypes.OciManifest)]
    [InlineData(MediaTypes.DockerManifestList, """{"schemaVersion":2,"manifests":null}""", MediaTypes.DockerManifestList)]
    [InlineData(null, """{"schemaVersion":2,"config":C,"layers":null,"subject":null,"annotations":null,"artifactType":"x/y","extra":{"a":[1,{}]}}""", MediaTypes.OciManifest)]
    public void The_kind_comes_from_header_document_or_shape(string? header, string json, string expected) =>
        Parse(header, json).MediaType.ShouldBe(expected);

    [Fact]
    public void Embedded_data_is_checked_against_size_and_digest()
    {
        var digest = Digest.Compute("{}"u8);
        var good = $$$"""{"mediaType":"{{{MediaTypes.OciEmpty}}}","digest":"{{{digest}}}","size":2,"data":"e30=","artifactType":"a/b","annotations":{"k":"v"}}""";

        var config = Parse(null, $$"""{"schemaVersion":2,"config":{{good}},"layers":[]}""").ShouldBeOfType<ImageManifest>().Config;

        config.Data!.Value.ToArray().ShouldBe("{}"u8.ToArray());
        config.ArtifactType.ShouldBe("a/b");
        config.Annotations["k"].ShouldBe("v");
    }

    [Theory]
    [InlineData("", "$")]
    [InlineData("[]", "$: expected an object, found an array")]
    [InlineData("\"x\"", "$: expected an object, found a string")]
    [InlineData("{", "line 1")]
    [InlineData("""{"schemaVersion":2,"config":C,"layers":[]} x""", "not valid JSON")]
    [InlineData("""{"schemaVersion":2,"config":C,"layers":[],}""", "not valid JSON")]
    [InlineData("""{"schemaVersion":2,"x":[}""", "$.*")]
    [InlineData("""{"config":C,"layers":[]}""", "$.schemaVersion")]
    [InlineData("""{"schemaVersion":1,"config":C,"layers":[]}""", "schema 1")]
    [InlineData("""{"schemaVersion":2,"fsLayers":[],"config":C,"layers":[]}""", "schema 1")]
    [InlineData("""{"schemaVersion":2,"mediaType":"application/vnd.docker.distribution.manifest.v1+prettyjws"}""", "schema 1")]
    [InlineData("""{"schemaVersion":2,"mediaType":"text/html","config":C,"layers":[]}""", "'text/html' is no manifest")]
    [InlineData("""{"schemaVersion":2.5,"config":C,"layers":[]}""", "$.schemaVersion: expected a whole number")]
    [InlineData("""{"schemaVersion":"2","config":C,"layers":[]}""", "expected a number, found a string")]
    [InlineData("""{"schemaVersion":2,"layers":[]}""", "$.config")]
    [InlineData("""{"schemaVersion":2,"config":C}""", "$.layers")]
    [InlineData("""{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json"}""", "$.manifests")]
    [InlineData("""{"schemaVersion":2,"manifests":[],"layers":[]}""", "two ways")]
    [InlineData("""{"schemaVersion":2,"manifests":[],"config":C}""", "two ways")]
    [InlineData("""{"schemaVersion":2,"config":C,"config":C,"layers":[]}""", "$.config: the property appears twice")]
    [InlineData("""{"schemaVersion":2,"config":C,"Layers":[],"layers":[]}""", "by case alone")]
    [InlineData("""{"schemaVersion":2,"config":C,"layers":[L,L,{"mediaType":"a","digest":"sha256:00","size":1}]}""", "$.layers[2].digest")]
    [InlineData("""{"schemaVersion":2,"config":C,"layers":[{"mediaType":"a","digest":"D","size":-1}]}""", "$.layers[0].size: a size cannot be negative")]
    [InlineData("""{"schemaVersion":2,"config":C,"layers":[{"mediaType":"a","digest":"D","size":1e30}]}""", "$.layers[0].size")]
    [InlineData("""{"schemaVersion":2,"config":C,"layers":[{"mediaType":"a","digest":"D","size":true}]}""", "found a boolean")]
    [InlineData("""{"schemaVersion":2,"config":C,"layers":[{"mediaType":"a","digest":"D"}]}""", "$.layers[0]: the descriptor has no size")]
    [InlineData("""{"schemaVersion":2,"config":C,"layers":[{"mediaType":"a","size":1}]}""", "no digest")]
    [InlineData("""{"schemaVersion":2,"config":C,"layers":[{"digest":"D","size":1}]}""", "no mediaType")]
    [InlineData("""{"schemaVersion":2,"config":C,"layers":[{"mediaType":null,"digest":"D","size":1}]}""", "no mediaType")]
    [InlineData("""{"schemaVersion":2,"config":C,"layers":[null]}""", "$.layers[0]: expected an object, found null")]
    [InlineData("""{"schemaVersion":2,"config":C,"layers":[{"mediaType":"\ud800","digest":"D","size":1}]}""", "$.layers[0].mediaType: the text is not valid")]
    [InlineData("""{"schemaVersion":2,"config":C,"layers":[{"mediaType":"a","digest":"D","size":1,"urls":"x"}]}""", "$.layers[0].urls: expected an array")]
    [InlineData("""{"schemaVersion":2,"config":C,"layers":[{"mediaType":"a","digest":"D","size":1,"urls":[1]}]}""", "$.layers[0].urls[0]")]
    [InlineData("""{"schemaVersion":2,"config":C,"layers":[{"mediaType":"a","digest":"D","size":1,"annotations":{"k":"1","k":"2"}}]}""", "$.layers[0].annotations['k']: the key appears twice")]
    [InlineData("""{"schemaVersion":2,"config":C,"layers":[{"mediaType":"a","digest":"D","size":1,"annotations":{"k":1}}]}""", "expected a string, found a number")]
    [InlineData("""{"schemaVersion":2,"config":C,"layers":[{"mediaType":"a","digest":"D","size":1,"data":"!"}]}""", "expected base64")]
    [InlineData("""{"schemaVersion":2,"config":C,"layers":[{"mediaType":"a","digest":"D","size":1,"data":"e30="}]}""", "data holds 2 bytes")]
    [InlineData("""{"schemaVersion":2,"config":C,"layers":[{"mediaType":"a","digest":"D","size":2,"data":"e30="}]}""", "data is not what")]
    [InlineData("""{"schemaVersion":2,"manifests":[{"mediaType":"a","digest":"D","size":2,"platform":{"os":"linux"}}]}""", "$.manifests[0].platform: the platform has no architecture")]
    [InlineData("""{"schemaVersion":2,"manifests":[{"mediaType":"a","digest":"D","size":2,"platform":{"architecture":"arm"}}]}""", "no os")]
    public void Malformed_documents_are_refused_with_what_and_where(string json, string expected) =>
        Should.Throw<ContentFormatException>(() => Parse(null, json)).Message.ShouldContain(expected);

    [Fact]
    public void A_document_that_contradicts_its_header_is_refused() =>
        Should.Throw<ContentFormatException>(() => Parse(MediaTypes.DockerManifest, ManifestSamples.OciImage))
            .Message.ShouldContain("it was served as");

    [Fact]
    public void Schema_1_is_refused_by_its_header() =>
        Should.Throw<ContentFormatException>(() => Parse(MediaTypes.DockerSchema1Signed, "{}")).Message.ShouldContain("schema 1");

    [Fact]
    public void Invalid_UTF8_is_refused()
    {
        var bytes = Bytes("""{"schemaVersion":2,"mediaType":"X","config":1}""");
        bytes[bytes.AsSpan().IndexOf((byte)'X')] = 0xff;

        Should.Throw<ContentFormatException>(() => ManifestParser.Parse(null, bytes)).Message.ShouldContain("$.mediaType");
    }

    [Fact]
    public void Depth_ends_at_32()
    {
        static string Nested(int depth) => $$"""{"schemaVersion":2,"manifests":[],"x":{{new string('[', depth)}}{{new string(']', depth)}}}""";

        Parse(null, Nested(31)).ShouldBeOfType<ImageIndex>();
        Should.Throw<ContentFormatException>(() => Parse(null, Nested(32))).Message.ShouldContain("nested too deep");
        Should.Throw<ContentFormatException>(() => Parse(null, Nested(1_000_000))).Message.ShouldContain("nested too deep");
    }

    [Fact]
    public void Four_MiB_are_read_and_one_byte_more_is_not()
    {
        var document = """{"schemaVersion":2,"manifests":[]}""";
        var full = document.PadRight(ManifestParser.MaxSize);

        Parse(null, full).ShouldBeOfType<ImageIndex>();
        Should.Throw<ContentFormatException>(() => Parse(null, full + " ")).Message.ShouldContain("at most 4194304");
    }

    private static Manifest Parse(string? mediaType, string json) =>
        ManifestParser.Parse(mediaType, Bytes(json.Replace(":C", $":{Config}", StringComparison.Ordinal)
            .Replace("[L", $"[{Layer}", StringComparison.Ordinal).Replace(",L", $",{Layer}", StringComparison.Ordinal)
            .Replace("\"D\"", $"\"sha256:{Hex}\"", StringComparison.Ordinal)));

    private static byte[] Bytes(string json) => Encoding.UTF8.GetBytes(json);
}
