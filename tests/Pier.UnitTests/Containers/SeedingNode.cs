using Microsoft.Extensions.DependencyInjection;
using Pier.BitTorrent.Engine;
using Pier.Daemon.Containers;
using Pier.TestKit;
using Pier.TestKit.Files;
using Pier.UnitTests.Daemon;

namespace Pier.UnitTests.Containers;

/// <summary>A daemon with no engine to watch and no registry to ask, and a folder whose labelled content it may serve.</summary>
internal sealed class SeedingNode : IAsyncDisposable
{
    private readonly TestDaemon _daemon;

    private SeedingNode(TempFolder folder, LabelledFolder container, TestDaemon daemon)
    {
        Folder = folder;
        Container = container;
        _daemon = daemon;
    }

    public static TimeSpan Deadline { get; } = TimeSpan.FromSeconds(60);

    /// <summary>Holds what the test writes.</summary>
    public TempFolder Folder { get; }

    /// <summary>What stands for a container's file system.</summary>
    public LabelledFolder Container { get; }

    public IServiceProvider Services => _daemon.Services;

    public BitTorrentEngine Engine => Services.GetRequiredService<BitTorrentEngine>();

    public ContainerSeeds Seeds => Services.GetRequiredService<ContainerSeeds>();

    public static async Task<SeedingNode> StartAsync(string name, CancellationToken cancellationToken)
    {
        var folder = TempFolder.Create(name);
        try
        {
            var container = await new LabelledFolder(folder).FillAsync(cancellationToken);
            var options = TestDaemon.OptionsIn(folder, new Uri("http://127.0.0.1:1/")) with { Containers = folder.Below("none.sock") };
            return new SeedingNode(folder, container, await TestDaemon.StartAsync(options, cancellationToken));
        }
        catch
        {
            await folder.DisposeAsync();
            throw;
        }
    }

    /// <summary>Waits until the file is served.</summary>
    public Task ServedAsync(ContainerSeeds seeds, CancellationToken cancellationToken) =>
        Eventually.TrueAsync(() => seeds.NamesOf(Container.FileTorrent.Id) is not null, "it is served", Deadline, cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await _daemon.DisposeAsync();
        await Folder.DisposeAsync();
    }
}
