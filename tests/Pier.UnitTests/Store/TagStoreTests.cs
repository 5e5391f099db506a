using Microsoft.Extensions.Logging;
using Pier.Content;
using Pier.Content.References;
using Pier.Store.Tags;
using Pier.TestKit.Files;
using Pier.TestKit.Logging;

namespace Pier.UnitTests.Store;

public sealed class TagStoreTests : IAsyncDisposable
{
    private static readonly RepositoryName Busybox = new("docker.io", "library/busybox");
    private static readonly TagRecord Record = new(
        Digest.Compute("manifest"u8), "application/vnd.oci.image.manifest.v1+json", new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero));

    private readonly TempFolder _folder = TempFolder.Create("tags");
    private readonly CollectedLogs _logs = new();

    public async ValueTask DisposeAsync()
    {
        await _folder.DisposeAsync();
        _logs.Dispose();
    }

    [Fact]
    public void What_is_put_is_found_also_after_a_restart()
    {
        Open().Put(Busybox, "1.36", Record);

        Open().Find(Busybox, "1.36").ShouldBe(Record);
        Open().Find(Busybox, "latest").ShouldBeNull();
        Open().Find(new RepositoryName("docker.io", "library"), "1.36").ShouldBeNull();
    }

    [Fact]
    public void The_document_is_frozen()
    {
        Open().Put(Busybox, "1.36", Record);

        File.ReadAllText(_folder.Below("docker.io", "library", "busybox", "_tags", "1.36.json")).ShouldBe(
            $$"""{"version":1,"digest":"{{Record.Digest}}","mediaType":"application/vnd.oci.image.manifest.v1\u002Bjson","when":"2026-01-02T03:04:05+00:00"}""");
    }

    [Fact]
    public void A_later_answer_replaces_the_earlier()
    {
        var tags = Open();
        tags.Put(Busybox, "latest", Record);
        var later = Record with { Digest = Digest.Compute("later"u8) };

        tags.Put(Busybox, "latest", later);

        tags.Find(Busybox, "latest").ShouldBe(later);
        tags.Remove(Busybox, "latest").ShouldBeTrue();
        tags.Remove(Busybox, "latest").ShouldBeFalse();
        tags.Remove(new RepositoryName("docker.io", "none"), "latest").ShouldBeFalse();
        tags.Find(Busybox, "latest").ShouldBeNull();
    }

    [Fact]
    public void Lists_repositories_nested_ones_too_and_their_tags_in_order()
    {
        var tags = Open();
        var nested = new RepositoryName("localhost:5000", "library/busybox/tools");
        tags.Put(Busybox, "b", Record);
        tags.Put(Busybox, "a", Record);
        tags.Put(Busybox, "_C", Record);
        tags.Put(nested, "x", Record);
        tags.Put(new RepositoryName("[::1]:5000", "one"), "x", Record);

        tags.Repositories().ShouldBe([Busybox, nested, new RepositoryName("[::1]:5000", "one")], ignoreOrder: true);
        tags.Tags(Busybox).Select(pair => pair.Tag).ShouldBe(["_C", "a", "b"]);
        tags.Tags(new RepositoryName("docker.io", "none")).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("docker.io", "../x", "latest")]
    [InlineData("..", "x", "latest")]
    [InlineData("docker.io", "a//b", "latest")]
    [InlineData("docker.io", "/etc", "latest")]
    [InlineData("docker.io", "a/_tags", "latest")]
    [InlineData("docker.io", "A", "latest")]
    [InlineData("docker.io", "", "latest")]
    [InlineData("a/b", "x", "latest")]
    [InlineData("", "x", "latest")]
    [InlineData("docker.io", "x", "../latest")]
    [InlineData("docker.io", "x", ".hidden")]
    [InlineData("docker.io", "x", "-x")]
    [InlineData("docker.io", "x", "")]
    [InlineData("docker.io", "x", "a\0b")]
    public void Names_that_would_lead_elsewhere_are_refused(string registry, string path, string tag)
    {
        Should.Throw<ArgumentException>(() => Open().Put(new RepositoryName(registry, path), tag, Record));
        Should.Throw<ArgumentException>(() => Open().Find(new RepositoryName(registry, path), tag));
    }

    [Theory]
    [InlineData("{\"version\":1,\"dig")]
    [InlineData("{\"version\":2}")]
    [InlineData("{\"version\":1,\"digest\":\"sha256:x\",\"mediaType\":\"a\",\"when\":\"2026-01-01T00:00:00Z\"}")]
    [InlineData("")]
    [InlineData("null")]
    public void A_damaged_record_counts_as_none_and_is_reported(string content)
    {
        var tags = Open();
        tags.Put(Busybox, "latest", Record);
        File.WriteAllText(_folder.Below("docker.io", "library", "busybox", "_tags", "latest.json"), content);

        tags.Find(Busybox, "latest").ShouldBeNull();
        tags.Tags(Busybox).ShouldBeEmpty();
        _logs.Entries.ShouldContain(entry => entry.Level == LogLevel.Warning && entry.Message.Contains("latest.json", StringComparison.Ordinal));
    }

    private TagStore Open() => new(_folder.Path, _logs.CreateLogger<TagStore>());
}
