using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Pier.BitTorrent.Engine;
using Pier.BitTorrent.Resting;
using Pier.Content.Contracts;
using Pier.Content.References;
using Pier.Daemon.Containers;
using Pier.TestKit;
using Pier.TestKit.Files;
using Pier.UnitTests.Cli;
using Pier.UnitTests.Daemon;

namespace Pier.UnitTests.Containers;

/// <summary>A container, or an answer about one, that breaks something ends neither the watch over the others nor the daemon.</summary>
public sealed class WatchFaultsTests : IAsyncLifetime
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    private readonly TempFolder _folder = TempFolder.Create("faults");
    private LabelledFolder _container = null!;
    private TestDaemon _daemon = null!;
    private ContainerSeeds _seeds = null!;
    private ContainerWatch _watch = null!;
    private FakeEngine _engine = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _container = await new LabelledFolder(_folder).FillAsync(Cancel);
        var options = TestDaemon.OptionsIn(_folder, new Uri("http://127.0.0.1:1/")) with { Containers = _folder.Below("none.sock") };
        _daemon = await TestDaemon.StartAsync(options, Cancel);
        await using (var ingest = await _daemon.Services.GetRequiredService<IContentStore>().IngestAsync(expected: null, size: null, Cancel))
        {
            await ingest.WriteAsync(await File.ReadAllBytesAsync(_container.File, Cancel), Cancel);
            await ingest.SealAsync(Cancel);
        }

        // These containers' files cannot be seen: the store has them, and may give them.
        await _daemon.Services.GetRequiredService<IAccessPolicy>().RecordAsync(RepositoryName.Parse("example.org/public"), isPublic: true, [_container.FileLabel().Digest], Cancel);
        _seeds = ActivatorUtilities.CreateInstance<ContainerSeeds>(_daemon.Services);
        _engine = await FakeEngine.StartAsync(_folder.Below("d.sock"), Cancel);
        _watch = new ContainerWatch(_seeds, options with { Containers = _engine.Socket }, TimeProvider.System, NullLogger<ContainerWatch>.Instance);
    }

    public async ValueTask DisposeAsync()
    {
        await _watch.StopAsync(CancellationToken.None);
        _watch.Dispose();
        _seeds.Dispose();
        await _engine.DisposeAsync();
        await _daemon.DisposeAsync();
        await _folder.DisposeAsync();
    }

    [Fact]
    public async Task A_label_that_is_no_Unicode_hides_no_other_container()
    {
        for (var number = 1; number <= 3; number++)
        {
            _engine.Start(number, LabelledFolder.Labels(_container.FileLabel()), isSilent: true);
        }

        _engine.Say(2, $$$"""{"Id":"{{{FakeEngine.Id(2)}}}","State":{"Running":true,"Pid":5},"Config":{"Labels":{"org.pier.data.0000000000000000":"\ud800","\ud800":"x"} } }""");
        await _watch.StartAsync(Cancel);

        await NamedAsync("c1 (000000000000), c3 (000000000000)");
        _engine.Start(4, LabelledFolder.Labels(_container.FileLabel()));
        await NamedAsync("c1 (000000000000), c3 (000000000000), c4 (000000000000)");
        _watch.ExecuteTask.ShouldNotBeNull().IsCompleted.ShouldBeFalse();
    }

    [Fact]
    public async Task An_event_that_is_no_Unicode_is_the_engines_fault_alone()
    {
        await _watch.StartAsync(Cancel);
        await Eventually.TrueAsync(() => _engine.Watchers == 1, "the stream is open", Deadline, Cancel);

        _engine.Send("""{"Type":"container","Action":"\ud800","Actor":{"ID":"I"}}""".Replace("\"I\"", $"\"{FakeEngine.Id(1)}\"", StringComparison.Ordinal));
        _engine.Start(1, LabelledFolder.Labels(_container.FileLabel()), isSilent: true);

        await NamedAsync("c1 (000000000000)");
    }

    [Fact]
    public async Task A_fault_at_the_end_of_one_container_does_not_end_the_watch_over_the_next()
    {
        await _watch.StartAsync(Cancel);
        _engine.Start(1, LabelledFolder.Labels(_container.FileLabel()), isSilent: false);
        await NamedAsync("c1 (000000000000)");
        (await CliRun.OfAsync("seed", _container.File, "--name", "original", "--piece-length", "32", "--torrent", "-", "--socket", _daemon.Options.Socket)).ExitCode.ShouldBe(0);
        var torrent = _container.FileTorrent;
        _daemon.Services.GetRequiredService<BitTorrentEngine>().Rest(new RestingTorrent
        {
            Id = torrent.Id,
            Name = torrent.Name,
            Length = torrent.TotalLength,
            WireHashes = [.. torrent.Id.WireHashes],
            Wake = _ => throw new ArithmeticException("a fault"),
        });

        _engine.Stop(1);
        await NamedAsync(null);
        _engine.Start(2, LabelledFolder.Labels(_container.FileLabel()));

        await NamedAsync("c2 (000000000000)");
        _watch.ExecuteTask.ShouldNotBeNull().IsCompleted.ShouldBeFalse();
    }

    private Task NamedAsync(string? names) => Eventually.TrueAsync(
        () => (_seeds.NamesOf(_container.FileTorrent.Id) is { } list ? string.Join(", ", list.Order(StringComparer.Ordinal)) : null) == names, $"on behalf of {names ?? "nobody"}", Deadline, Cancel);
}
