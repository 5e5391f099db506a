using System.Text;
using Pier.Content.Contracts;
using Pier.Content.Manifests;

namespace Pier.UnitTests.Content.Manifests;

public sealed class ManifestFuzzTests
{
    private static readonly string[] Seeds =
        [ManifestSamples.OciImage, ManifestSamples.OciIndex, ManifestSamples.DockerImage, ManifestSamples.DockerList];

    private static readonly string[] Dictionary =
    [
        "null", "true", "-1", "1e9", "9223372036854775808", "\"\"", "\"\\ud800\"", "\"\\u0000\"", "{}", "[]", "{", "}", "[", "]", ",", ":",
        "\"layers\"", "\"manifests\"", "\"Layers\"", "\"config\"", "\"data\"", "\"e30=\"", "\"platform\"", "\"annotations\"", "\"fsLayers\"",
        "\"schemaVersion\"", "/*", "\ud800", "é", new string('[', 40),
    ];

    private static readonly string?[] Headers = [null, MediaTypes.OciManifest, MediaTypes.OciIndex, MediaTypes.DockerManifest, "text/html"];

    [Fact]
    public void Any_bytes_are_read_or_refused_within_a_memory_bound()
    {
        var mutation = new TokenMutation(20261122, "{}[],: \n", Dictionary);
        var (read, refused) = (0, 0);
        for (var i = 0; i < 12_000; i++)
        {
            var bytes = Encoding.UTF8.GetBytes(mutation.Next(Seeds));
            var before = GC.GetAllocatedBytesForCurrentThread();
            try
            {
                var manifest = ManifestParser.Parse(Headers[i % Headers.Length], bytes);
                read++;
                manifest.References.ShouldAllBe(reference => reference.Size >= 0 && !reference.Digest.IsEmpty);
            }
            catch (ContentFormatException fault)
            {
                refused++;
                fault.Message.Length.ShouldBeLessThan(2000);
            }

            (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBeLessThan(64 * 1024 + (32L * bytes.Length));
        }

        read.ShouldBeGreaterThan(200);
        refused.ShouldBeGreaterThan(500);
    }

    [Fact]
    public void The_largest_documents_stay_within_the_bound()
    {
        const string entry = """{"mediaType":"a","digest":"sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef","size":1}""";
        var many = ManifestParser.MaxSize / (entry.Length + 1) - 1;
        var bytes = Encoding.UTF8.GetBytes($$"""{"schemaVersion":2,"manifests":[{{string.Join(',', Enumerable.Repeat(entry, many))}}]}""");
        var before = GC.GetAllocatedBytesForCurrentThread();

        var manifest = ManifestParser.Parse(null, bytes);

        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBeLessThan(16L * ManifestParser.MaxSize);
        manifest.References.Count.ShouldBe(many);
    }
}
