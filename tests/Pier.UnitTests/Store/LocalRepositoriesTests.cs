using Microsoft.Extensions.Logging;
using Pier.Content;
using Pier.Content.Contracts;
using Pier.Content.References;
using Pier.Store.Repositories;
using Pier.TestKit.Files;
using Pier.TestKit.Logging;
using Pier.TestKit.Stores;
using Pier.TestKit.Time;

namespace Pier.UnitTests.Store;

public sealed class LocalRepositoriesTests : IAsyncDisposable
{
    private static readonly RepositoryName App = new("docker.io", "local/app");
    private static readonly RepositoryName Nested = new("docker.io", "local/app/nested");

    private readonly TempFolder _folder = TempFolder.Create("repositories");
    private readonly CollectedLogs _logs = new();
    private readonly MemoryContentStore _store = new(new ManualTimeProvider());
    private readonly Digest _blob;
    private readonly Digest _manifest;

    public LocalRepositoriesTests()
    {
        _blob = _store.Add([1]);
        _manifest = _store.Add([2]);
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        await _folder.DisposeAsync();
        _logs.Dispose();
    }

    [Fact]
    public async Task What_is_added_is_there_after_a_restart_and_held()
    {
        var subject = Digest.Compute([3], DigestAlgorithm.Sha512);
        var before = Open();
        before.AddBlob(App, _blob);
        before.AddManifest(Nested, _manifest, new LocalManifest("a/b", subject));

        var after = Open();

        after.Names().ShouldBe([App, Nested]);
        after.HasBlob(App, _blob).ShouldBeTrue();
        after.HasBlob(Nested, _blob).ShouldBeFalse();
        after.FindManifest(Nested, _manifest).ShouldBe(new LocalManifest("a/b", subject));
        after.FindManifest(App, _manifest).ShouldBeNull();
        await Should.ThrowAsync<ContentInUseException>(async () => await _store.RemoveAsync(_manifest, Cancel));
    }

    [Fact]
    public void The_files_are_frozen()
    {
        var repositories = Open();
        repositories.AddBlob(App, _blob);
        repositories.AddManifest(App, _manifest, new LocalManifest("a/b", _blob));

        File.ReadAllText(_folder.Below("local", "app", "_blobs", $"sha256-{_blob.Hex}")).ShouldBeEmpty();
        File.ReadAllText(_folder.Below("local", "app", "_manifests", $"sha256-{_manifest.Hex}"))
            .ShouldBe($$"""{"version":1,"mediaType":"a/b","subject":"{{_blob}}"}""");
    }

    [Fact]
    public async Task The_last_repository_that_lets_go_frees_the_blob()
    {
        var repositories = Open();
        repositories.AddBlob(App, _blob);
        repositories.AddBlob(App, _blob);
        repositories.AddBlob(Nested, _blob);
        repositories.HoldersOf(_blob).ShouldBe([App, Nested]);

        repositories.RemoveBlob(App, _blob).ShouldBeTrue();
        repositories.RemoveBlob(App, _blob).ShouldBeFalse();
        await Should.ThrowAsync<ContentInUseException>(async () => await _store.RemoveAsync(_blob, Cancel));
        repositories.RemoveBlob(Nested, _blob).ShouldBeTrue();

        (await _store.RemoveAsync(_blob, Cancel)).ShouldBeTrue();
        repositories.HoldersOf(_blob).ShouldBeEmpty();
        repositories.Names().ShouldBeEmpty();
        Open().Names().ShouldBeEmpty();
    }

    [Fact]
    public void A_manifest_that_is_pushed_again_gets_its_new_type()
    {
        var repositories = Open();
        repositories.AddManifest(App, _manifest, new LocalManifest("a/b"));
        repositories.AddManifest(App, _manifest, new LocalManifest("a/c"));

        repositories.FindManifest(App, _manifest).ShouldBe(new LocalManifest("a/c"));
        Open().FindManifest(App, _manifest).ShouldBe(new LocalManifest("a/c"));
        repositories.RemoveManifest(App, _manifest).ShouldBeTrue();
        repositories.RemoveManifest(App, _manifest).ShouldBeFalse();
        repositories.Contains(App).ShouldBeFalse();
    }

    [Theory]
    [InlineData("docker.io", "library/app")]
    [InlineData("ghcr.io", "local/app")]
    [InlineData("docker.io", "local/../../etc")]
    public void Nothing_is_kept_for_names_that_are_not_this_node_s(string registry, string path) =>
        Should.Throw<ArgumentException>(() => Open().AddBlob(new RepositoryName(registry, path), _blob));

    [Fact]
    public void Damaged_and_foreign_files_are_passed_over()
    {
        Open().AddManifest(App, _manifest, new LocalManifest("a/b"));
        var folder = _folder.Below("local", "app", "_manifests");
        File.WriteAllText(Path.Combine(folder, $"sha256-{_blob.Hex}"), "{");
        File.WriteAllText(Path.Combine(folder, "notes.txt"), "x");
        File.WriteAllText(Path.Combine(folder, "left.tmp"), "x");

        Open().Manifests(App).Keys.ShouldBe([_manifest]);

        _logs.Entries.ShouldContain(entry => entry.Level == LogLevel.Warning);
        File.Exists(Path.Combine(folder, "left.tmp")).ShouldBeFalse();
    }

    private LocalRepositories Open() => new(_folder.Path, _store, _logs.CreateLogger<LocalRepositories>());
}
