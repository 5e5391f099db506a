using Pier.Content;
using Pier.Content.Contracts;
using Pier.Content.Manifests;
using Pier.Fetch.Manifests;

namespace Pier.UnitTests.Fetch.Manifests;

public sealed class RecentManifestsTests
{
    private readonly RecentManifests _recent = new();

    [Fact]
    public void What_was_kept_is_found_until_newer_ones_take_its_room()
    {
        var first = Document(0, RecentManifests.LargestKept);
        _recent.Keep(first);
        _recent.Keep(first);
        _recent.Find(first.Digest).ShouldBeSameAs(first);

        for (var number = 1; number <= 32; number++)
        {
            _recent.Keep(Document(number, RecentManifests.LargestKept));
        }

        _recent.Find(first.Digest).ShouldBeNull();
        _recent.Find(Document(32, RecentManifests.LargestKept).Digest).ShouldNotBeNull();
    }

    [Fact]
    public void A_very_large_one_is_read_each_time()
    {
        var large = Document(0, RecentManifests.LargestKept + 1);

        _recent.Keep(large);

        _recent.Find(large.Digest).ShouldBeNull();
    }

    private static ManifestDocument Document(int number, int size)
    {
        var content = new byte[size];
        BitConverter.TryWriteBytes(content, number);
        return new ManifestDocument(Digest.Compute(content), MediaTypes.OciManifest, content);
    }
}
