using Microsoft.Extensions.DependencyInjection;
using Pier.BitTorrent.Engine;
using Pier.Content.Contracts;
using Pier.Content.References;
using Pier.Daemon.Containers;
using Pier.Fetch.Policy;
using Pier.TestKit;
using Pier.TestKit.Files;
using Pier.UnitTests.Daemon;

namespace Pier.UnitTests.Containers;

/// <summary>What this node itself knows to be private is served for no label, whatever public source that names: by the daemon's own judge.</summary>
public sealed class KnownPrivateTests : IAsyncLifetime
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);
    private static readonly RepositoryName Private = RepositoryName.Parse("example.org/private");
    private static readonly RepositoryName Public = RepositoryName.Parse("example.org/public");

    private readonly TempFolder _folder = TempFolder.Create("private");
    private LabelledFolder _container = null!;
    private TestDaemon _daemon = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private IAccessPolicy Policy => _daemon.Services.GetRequiredService<IAccessPolicy>();

    private DataPlaces Places => _daemon.Services.GetRequiredService<DataPlaces>();

    public async ValueTask InitializeAsync()
    {
        _container = await new LabelledFolder(_folder).FillAsync(Cancel);
        _daemon = await TestDaemon.StartAsync(TestDaemon.OptionsIn(_folder, new Uri("http://127.0.0.1:1/")) with { Containers = _folder.Below("none.sock") }, Cancel);
    }

    public async ValueTask DisposeAsync()
    {
        await _daemon.DisposeAsync();
        await _folder.DisposeAsync();
    }

    [Fact]
    public async Task A_file_of_a_private_repository_is_refused()
    {
        var label = _container.FileLabel();
        await Places.AdmitAsync(label, Cancel);

        await Policy.RecordAsync(Private, isPublic: false, [label.Digest], Cancel);

        (await Should.ThrowAsync<DataRefusedException>(() => Places.AdmitAsync(label, Cancel))).Message.ShouldContain("not public");
        // That a public repository names it as well opens nothing; that it has it does.
        await Policy.RecordAsync(Public, isPublic: true, [label.Digest], Cancel);
        await Should.ThrowAsync<DataRefusedException>(() => Places.AdmitAsync(label, Cancel));
        await _daemon.Services.GetRequiredService<IBlobProofs>().ProveAsync(Public, label.Digest, wasAnonymous: true, Cancel);
        await Places.AdmitAsync(label, Cancel);
    }

    [Fact]
    public async Task A_folder_with_a_file_of_a_private_repository_is_refused()
    {
        var label = _container.TreeLabel();
        await using var files = _container.Open(label);
        var data = await LabelledFolder.ProveAsync(label, files, Cancel);
        Places.Admit(data);

        await Policy.RecordAsync(Private, isPublic: false, [data.Files[1]], Cancel);

        Should.Throw<DataRefusedException>(() => Places.Admit(data)).Message.ShouldContain("not public");
    }

    [Fact]
    public async Task What_turns_out_to_be_private_is_served_no_more()
    {
        var seeds = _daemon.Services.GetRequiredService<ContainerSeeds>();
        var label = _container.FileLabel();
        using var container = _container.Run(label);
        await seeds.StartedAsync(container, Cancel);
        await Eventually.TrueAsync(() => seeds.NamesOf(_container.FileTorrent.Id) is not null, "it is served", Deadline, Cancel);

        await Policy.RecordAsync(Private, isPublic: false, [label.Digest], Cancel);
        await seeds.LookOverAsync(Cancel);

        seeds.NamesOf(_container.FileTorrent.Id).ShouldBeNull();
        _daemon.Services.GetRequiredService<BitTorrentEngine>().Find(_container.FileTorrent.Id).ShouldBeNull();
        await seeds.StoppedAsync(container);
    }
}
