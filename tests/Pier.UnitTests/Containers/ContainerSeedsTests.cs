using Microsoft.Extensions.DependencyInjection;
using Pier.BitTorrent.Engine;
using Pier.Content;
using Pier.Content.Contracts;
using Pier.Content.Labels;
using Pier.Content.References;
using Pier.Daemon.Containers;
using Pier.Daemon.Options;
using Pier.TestKit;
using Pier.TestKit.Files;
using Pier.TestKit.Logging;
using Pier.TestKit.Stores;
using Pier.UnitTests.Cli;
using Pier.UnitTests.Daemon;

namespace Pier.UnitTests.Containers;

/// <summary>A daemon seeds on behalf of containers: as long as one of them runs, and nothing that a label has no right to.</summary>
public sealed class ContainerSeedsTests : IAsyncLifetime
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);
    private static readonly Uri NoRegistry = new("http://127.0.0.1:1/");

    private readonly TempFolder _folder = TempFolder.Create("behalf");
    private LabelledFolder _container = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _container = await new LabelledFolder(_folder).FillAsync(Cancel);

    public ValueTask DisposeAsync() => _folder.DisposeAsync();

    [Fact]
    public async Task Content_is_served_until_the_last_container_that_has_it_ends()
    {
        await using var daemon = await TestDaemon.StartAsync(OptionsOf(_folder.Below("none.sock")), Cancel);
        var seeds = daemon.Services.GetRequiredService<ContainerSeeds>();
        using var first = _container.Run(_container.FileLabel(), _container.TreeLabel());
        using var second = _container.Run(_container.FileLabel());
        await seeds.StartedAsync(first, Cancel);
        await seeds.StartedAsync(second, Cancel);

        await NamedAsync(seeds, "c1 (000000000000), c2 (000000000000)");
        (await CliRun.OfAsync("swarm", "ls", "--socket", daemon.Options.Socket)).Output.ShouldContain("original, on behalf of container c1 (000000000000), c2 (000000000000)");
        (await CliRun.OfAsync("swarm", "show", "original", "--socket", daemon.Options.Socket)).Output.ShouldContain("container c2 (000000000000)");
        await Eventually.TrueAsync(() => seeds.NamesOf(_container.TreeTorrent.Id) is not null, "the folder is served", Deadline, Cancel);

        await seeds.StoppedAsync(first);
        seeds.NamesOf(_container.TreeTorrent.Id).ShouldBeNull();
        Engine(daemon).Find(_container.TreeTorrent.Id).ShouldBeNull();
        await NamedAsync(seeds, "c2 (000000000000)");
        Engine(daemon).Find(_container.FileTorrent.Id).ShouldNotBeNull();

        await seeds.StoppedAsync(second);
        Engine(daemon).Find(_container.FileTorrent.Id).ShouldBeNull();
        seeds.NamesOf(_container.FileTorrent.Id).ShouldBeNull();
    }

    [Fact]
    public async Task A_container_that_lies_does_not_take_the_place_of_one_that_does_not()
    {
        await using var daemon = await TestDaemon.StartAsync(OptionsOf(_folder.Below("none.sock")), Cancel);
        var seeds = daemon.Services.GetRequiredService<ContainerSeeds>();
        using var liar = _container.Run(_container.FileLabel() with { Path = "/data/tree/one" });
        using var honest = _container.Run(_container.FileLabel());
        await seeds.StartedAsync(liar, Cancel);
        await seeds.StartedAsync(honest, Cancel);

        await NamedAsync(seeds, "c2 (000000000000)");
        await seeds.StoppedAsync(honest);
        Engine(daemon).Find(_container.FileTorrent.Id).ShouldBeNull();
        await seeds.StoppedAsync(liar);
    }

    [Fact]
    public async Task What_pier_seed_serves_too_is_served_on()
    {
        await using var daemon = await TestDaemon.StartAsync(OptionsOf(_folder.Below("none.sock")), Cancel);
        var seeds = daemon.Services.GetRequiredService<ContainerSeeds>();
        var blob = _container.FileLabel() with { Path = "/data/file" };
        using var container = _container.Run(blob);
        await seeds.StartedAsync(container, Cancel);
        await NamedAsync(seeds, "c1 (000000000000)");
        (await CliRun.OfAsync("seed", _container.File, "--name", "original", "--piece-length", "32", "--torrent", "-", "--socket", daemon.Options.Socket)).ExitCode.ShouldBe(0);

        await seeds.StoppedAsync(container);

        Engine(daemon).Find(_container.FileTorrent.Id).ShouldNotBeNull();
    }

    [Fact]
    public async Task A_heap_of_labels_does_no_harm()
    {
        await using var daemon = await TestDaemon.StartAsync(OptionsOf(_folder.Below("none.sock")), Cancel);
        var seeds = daemon.Services.GetRequiredService<ContainerSeeds>();
        var label = _container.FileLabel();
        using var bomb = _container.Run(Enumerable.Range(0, 1000).Select(number => label with { Path = $"/none/{number}", Digest = Digest.Compute([(byte)number, (byte)(number >> 8)]), Size = null }));
        using var honest = _container.Run(label);
        await seeds.StartedAsync(bomb, Cancel);
        await seeds.StartedAsync(honest, Cancel);

        await NamedAsync(seeds, "c2 (000000000000)");
        await seeds.StoppedAsync(bomb);
        await seeds.StoppedAsync(honest);
        Engine(daemon).Swarms.ShouldBeEmpty();
    }

    [Fact]
    public async Task The_engines_containers_are_followed_over_its_restart_and_read_from_the_store()
    {
        var socket = _folder.Below("d.sock");
        await using var daemon = await TestDaemon.StartAsync(OptionsOf(socket), Cancel);
        var seeds = daemon.Services.GetRequiredService<ContainerSeeds>();
        await using (var ingest = await daemon.Services.GetRequiredService<IContentStore>().IngestAsync(expected: null, size: null, Cancel))
        {
            await ingest.WriteAsync(await File.ReadAllBytesAsync(_container.File, Cancel), Cancel);
            await ingest.SealAsync(Cancel);
        }

        // What the daemon cannot see in a container it gives only where it would give it anyway.
        await daemon.Services.GetRequiredService<IAccessPolicy>().RecordAsync(
            RepositoryName.Parse("example.org/public"), isPublic: true, [_container.FileLabel().Digest], Cancel);

        var labels = LabelledFolder.Labels(_container.FileLabel());
        await using (var engine = await FakeEngine.StartAsync(socket, Cancel))
        {
            engine.Start(1, labels, isSilent: true);
            await NamedAsync(seeds, "c1 (000000000000)");
            engine.Start(2, labels);
            await NamedAsync(seeds, "c1 (000000000000), c2 (000000000000)");
            engine.Stop(1);
            await NamedAsync(seeds, "c2 (000000000000)");
        }

        // What happened while nobody was there to tell is found out.
        await using (var engine = await FakeEngine.StartAsync(socket, Cancel))
        {
            engine.Start(3, labels, isSilent: true);
            await NamedAsync(seeds, "c3 (000000000000)");
            // The same container again: another run.
            engine.Start(3, labels);
            await NamedAsync(seeds, "c3 (000000000000)");
            engine.Stop(3);
            await NamedAsync(seeds, null);
        }

        await Eventually.TrueAsync(() => Engine(daemon).Find(_container.FileTorrent.Id) is null, "nothing is served any more", Deadline, Cancel);
    }

    [Fact]
    public async Task What_is_or_may_be_private_is_not_served()
    {
        var label = _container.FileLabel();
        var image = label with { Sources = ["oci://ghcr.io/a/b:1!/f"] };
        DataPlaces Places(StubPolicy policy, AnnouncePolicy announce = AnnouncePolicy.Cluster) => new(new MemoryContentStore(TimeProvider.System), policy, new DaemonOptions { Announce = announce });
        async Task RefusedAsync(Task admission, string reason) => (await Should.ThrowAsync<DataRefusedException>(() => admission)).Message.ShouldContain(reason);

        await Places(new StubPolicy()).AdmitAsync(label, Cancel);
        await Places(new StubPolicy { IsPublic = true }).AdmitAsync(image, Cancel);
        await RefusedAsync(Places(new StubPolicy()).AdmitAsync(image, Cancel), "none of its sources is known as public");
        await RefusedAsync(Places(new StubPolicy()).AdmitAsync(label with { Sources = [] }, Cancel), "none of its sources is known as public");
        await RefusedAsync(Places(new StubPolicy { IsClosedToAll = true }).AdmitAsync(label, Cancel), "not public");
        await RefusedAsync(Places(new StubPolicy(), AnnouncePolicy.Off).AdmitAsync(label, Cancel), "announce: off");
        await RefusedAsync(Places(new StubPolicy()).AdmitAsync(label with { Size = long.MaxValue }, Cancel), "more than");
    }

    [Fact]
    public async Task The_store_stands_in_only_for_files_that_cannot_be_seen_and_for_what_is_public()
    {
        var label = _container.FileLabel();
        var store = new MemoryContentStore(TimeProvider.System);
        await using (var ingest = await store.IngestAsync(expected: null, size: null, Cancel))
        {
            await ingest.WriteAsync(await File.ReadAllBytesAsync(_container.File, Cancel), Cancel);
            await ingest.SealAsync(Cancel);
        }

        using var without = _container.Run(label with { Path = "/data/none" });
        using var unseen = new HeldContainer(without.Container, root: null);
        DataPlaces Places(bool isPublic) => new(store, new StubPolicy { IsPublic = isPublic }, new DaemonOptions());

        await Should.ThrowAsync<IOException>(() => Places(isPublic: true).OpenAsync(new DataHolder(without, label with { Path = "/data/none" }), Cancel));
        await Should.ThrowAsync<DataRefusedException>(() => Places(isPublic: false).OpenAsync(new DataHolder(unseen, label), Cancel));
        await using var files = await Places(isPublic: true).OpenAsync(new DataHolder(unseen, label), Cancel);
        (await files.LengthAsync("", Cancel)).ShouldBe(label.Size!.Value);
    }

    [Fact]
    public async Task A_folder_is_not_served_for_a_digest_that_is_not_its_own_nor_with_a_file_that_is_private()
    {
        var label = _container.TreeLabel();
        await using var files = _container.Open(label);
        var data = await LabelledFolder.ProveAsync(label, files, Cancel);
        DataPlaces Places(StubPolicy policy) => new(new MemoryContentStore(TimeProvider.System), policy, new DaemonOptions { Announce = AnnouncePolicy.Cluster });

        await Places(new StubPolicy()).AdmitAsync(label, Cancel);
        await Should.ThrowAsync<DataRefusedException>(() => Places(new StubPolicy { IsPublic = true }).AdmitAsync(label with { Sources = [] }, Cancel));
        Places(new StubPolicy()).Admit(data);
        Should.Throw<DataRefusedException>(() => Places(new StubPolicy { IsClosedToAll = true }).Admit(data));
    }

    [Fact]
    public async Task An_outline_that_nobody_can_read_does_not_end_the_proving()
    {
        await using var daemon = await TestDaemon.StartAsync(OptionsOf(_folder.Below("none.sock")), Cancel);
        var seeds = daemon.Services.GetRequiredService<ContainerSeeds>();
        var label = _container.FileLabel();
        using var hostile = _container.Run(label with { Size = 1, Outline = "d6:lengthi2e4:name1:x12:piece lengthi9223372036854775807e6:pieces0:e"u8.ToArray() });
        using var ended = _container.Run(label with { Size = 2, InfoHashes = _container.TreeLabel().InfoHashes });
        using var honest = _container.Run(label);
        await seeds.StartedAsync(hostile, Cancel);
        await seeds.StartedAsync(ended, Cancel);
        await seeds.StoppedAsync(ended);
        ended.Dispose();
        await seeds.StartedAsync(honest, Cancel);

        await Eventually.TrueAsync(() => seeds.NamesOf(_container.FileTorrent.Id)?.Contains("c3 (000000000000)") == true, "the honest one's is served", Deadline, Cancel);
        ended.Ended.IsCancellationRequested.ShouldBeTrue();
    }

    [Fact]
    public async Task A_fault_in_one_proof_does_not_end_the_others()
    {
        await using var daemon = await TestDaemon.StartAsync(OptionsOf(_folder.Below("none.sock")), Cancel);
        var label = _container.FileLabel();
        var faulty = label with { Digest = Digest.Compute("faulty"u8), Size = 1 };
        var places = new DataPlaces(new MemoryContentStore(TimeProvider.System), new StubPolicy { Faulty = faulty.Digest }, new DaemonOptions { Announce = AnnouncePolicy.Cluster });
        using var logs = new CollectedLogs();
        using var seeds = ActivatorUtilities.CreateInstance<ContainerSeeds>(daemon.Services, places, logs.CreateLogger<ContainerSeeds>());
        using var first = _container.Run(faulty);
        using var second = _container.Run(label);
        await seeds.StartedAsync(first, Cancel);
        await seeds.StartedAsync(second, Cancel);
        using var stop = new CancellationTokenSource();
        var running = seeds.RunAsync(stop.Token);

        await NamedAsync(seeds, "c2 (000000000000)");
        // What nobody foresaw is told with where it came from.
        logs.Entries.ShouldContain(entry => entry.Exception is ArithmeticException && entry.Message.Contains("/data/file of container c1", StringComparison.Ordinal));
        await stop.CancelAsync();
        await running;
    }

    private static BitTorrentEngine Engine(TestDaemon daemon) => daemon.Services.GetRequiredService<BitTorrentEngine>();

    private DaemonOptions OptionsOf(string socket) => TestDaemon.OptionsIn(_folder, NoRegistry) with { Containers = socket };

    private Task NamedAsync(ContainerSeeds seeds, string? names) => Eventually.TrueAsync(
        () => (seeds.NamesOf(_container.FileTorrent.Id) is { } list ? string.Join(", ", list) : null) == names, $"on behalf of {names ?? "nobody"}", Deadline, Cancel);
}
