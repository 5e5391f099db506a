using Microsoft.Extensions.DependencyInjection;
using Pier.Content.Contracts;
using Pier.Content.References;
using Pier.Daemon.Containers;
using Pier.Fetch.Policy;

namespace Pier.UnitTests.Containers;

/// <summary>What this node itself knows to be private is served for no label, whatever public source that names: by the daemon's own judge.</summary>
public sealed class KnownPrivateTests : IAsyncLifetime
{
    private static readonly RepositoryName Private = RepositoryName.Parse("example.org/private");
    private static readonly RepositoryName Public = RepositoryName.Parse("example.org/public");

    private SeedingNode _node = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private LabelledFolder Container => _node.Container;

    private IAccessPolicy Policy => _node.Services.GetRequiredService<IAccessPolicy>();

    private DataPlaces Places => _node.Services.GetRequiredService<DataPlaces>();

    public async ValueTask InitializeAsync() => _node = await SeedingNode.StartAsync("private", Cancel);

    public ValueTask DisposeAsync() => _node.DisposeAsync();

    [Fact]
    public async Task A_file_of_a_private_repository_is_refused()
    {
        var label = Container.FileLabel();
        await Places.AdmitAsync(label, Cancel);

        await Policy.RecordAsync(Private, isPublic: false, [label.Digest], Cancel);

        (await Should.ThrowAsync<DataRefusedException>(() => Places.AdmitAsync(label, Cancel))).Message.ShouldContain("not public");
        // That a public repository names it as well opens nothing; that it has it does.
        await Policy.RecordAsync(Public, isPublic: true, [label.Digest], Cancel);
        await Should.ThrowAsync<DataRefusedException>(() => Places.AdmitAsync(label, Cancel));
        await _node.Services.GetRequiredService<IBlobProofs>().ProveAsync(Public, label.Digest, wasAnonymous: true, Cancel);
        await Places.AdmitAsync(label, Cancel);
    }

    [Fact]
    public async Task A_folder_with_a_file_of_a_private_repository_is_refused()
    {
        var label = Container.TreeLabel();
        await using var files = Container.Open(label);
        var data = await LabelledFolder.ProveAsync(label, files, Cancel);
        Places.Admit(data);

        await Policy.RecordAsync(Private, isPublic: false, [data.Files[1]], Cancel);

        Should.Throw<DataRefusedException>(() => Places.Admit(data)).Message.ShouldContain("not public");
    }

    [Fact]
    public async Task What_turns_out_to_be_private_is_served_no_more()
    {
        var seeds = _node.Seeds;
        var label = Container.FileLabel();
        using var container = Container.Run(label);
        await seeds.StartedAsync(container, Cancel);
        await _node.ServedAsync(seeds, Cancel);

        await Policy.RecordAsync(Private, isPublic: false, [label.Digest], Cancel);
        await seeds.LookOverAsync(Cancel);

        seeds.NamesOf(Container.FileTorrent.Id).ShouldBeNull();
        _node.Engine.Find(Container.FileTorrent.Id).ShouldBeNull();
        await seeds.StoppedAsync(container);
    }
}
