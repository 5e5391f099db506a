using System.Buffers.Binary;
using Microsoft.Extensions.Logging.Abstractions;
using Pier.Content.Contracts;
using Pier.TestKit;
using Pier.TestKit.Files;
using Pier.TestKit.Time;
using Pier.TestKit.Trees;
using Pier.UnitTests.Volumes.Fuse;
using Pier.Volumes.Fuse.Protocol;
using Pier.Volumes.Specs;
using Pier.Volumes.Whole;

namespace Pier.UnitTests.Volumes.Whole;

/// <summary>Torrents by name: looked up once for all, bounded in number and time, forgotten when unused, and the same under their ids for ever.</summary>
public sealed class WholeTreeTests : IAsyncDisposable
{
    private static readonly TimeSpan Deadline = Eventually.Patience;

    private readonly TempFolder _home = TempFolder.Create("whole");
    private readonly ManualTimeProvider _time = new();
    private readonly NamedTrees _trees = new();
    private readonly List<string> _removed = [];
    private Exception? _removalFault;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_name_is_looked_up_once_and_its_files_are_below_it()
    {
        await using var content = Open();
        await using var kernel = new KernelSide(content.Tree, time: _time);
        kernel.LookUp(1, "README").ShouldBe(0UL);
        kernel.LookUp(1, Name(1).ToUpperInvariant()).ShouldBe(0UL);
        _trees.Asked.ShouldBeEmpty("what can be no torrent's name is asked of nobody");

        var folder = await LookUpAsync(kernel, Name(1));
        kernel.LookUp(1, Name(1)).ShouldBe(folder);
        var file = kernel.LookUp(folder, "a.bin");
        var handle = kernel.Open(file).Handle;
        kernel.Ask(FuseOpcode.Read, file, KernelSide.Read(handle, 1, 10)).Body.ShouldBe(new byte[] { 2, 3 });
        kernel.LookUp(folder, "none").ShouldBe(0UL);
        _trees.Asked.ShouldHaveSingleItem().ShouldBe($"magnet:?xt=urn:btih:{Name(1)}&tr=http%3A%2F%2Ft.example%2Fannounce");

        (await LookUpAsync(kernel, new string('b', 64))).ShouldNotBe(folder);
        _trees.Asked[1].ShouldStartWith("magnet:?xt=urn:btmh:1220bbbb");
        (await NamesAsync(content.Tree)).ShouldBe([Name(1), new string('b', 64)], ignoreOrder: true);
        content.Arrival.Length.ShouldBe(2 * 4000);
    }

    [Fact]
    public async Task Names_last_for_a_while_and_what_is_below_for_ever()
    {
        await using var content = Open(forget: 100);
        await using var kernel = new KernelSide(content.Tree, time: _time);
        var folder = await LookUpAsync(kernel, Name(1));
        NameSeconds(kernel, 1, Name(1)).ShouldBe(50UL);
        NameSeconds(kernel, 1, "none").ShouldBe(50UL);
        NameSeconds(kernel, folder, "a.bin").ShouldBe(FuseAnswers.KeepSeconds);
        FlagsOf(kernel, 1).ShouldBe(FuseOpenFlags.None);
        FlagsOf(kernel, folder).ShouldBe(FuseOpenFlags.KeepCache | FuseOpenFlags.CacheDirectory);
    }

    [Fact]
    public async Task Who_gives_up_leaves_the_look_up_to_others_and_what_nobody_knows_is_not_asked_for_again_at_once()
    {
        _trees.Found = _ => new TaskCompletionSource().Task;
        await using var content = Open();
        using var impatient = new CancellationTokenSource();
        var first = content.Tree.LookupAsync(1, Name(1), impatient.Token).AsTask();
        var second = content.Tree.LookupAsync(1, Name(1), Token).AsTask();
        await Eventually.TrueAsync(() => _trees.Asked.Count == 1, "it is asked for", Deadline, Token);
        await impatient.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(first);
        second.IsCompleted.ShouldBeFalse();

        // Once: what was missed at the end of the patience is believed for as long again.
        _time.Advance(TimeSpan.FromSeconds(30));
        (await second.WaitAsync(Deadline, Token)).ShouldBeNull();
        content.Failures.ShouldHaveSingleItem().ShouldContain($"{Name(1)}: nobody told for 30 s");
        (await content.Tree.LookupAsync(1, Name(1), Token)).ShouldBeNull();
        _trees.Asked.Count.ShouldBe(1);

        _trees.Found = _ => Task.CompletedTask;
        _time.Advance(MissedTorrents.MissedFor);
        (await content.Tree.LookupAsync(1, Name(1), Token)).ShouldNotBeNull();
    }

    [Fact]
    public async Task A_fault_is_told_to_who_asked_and_the_next_has_it_looked_up_anew()
    {
        await using var content = Open(forget: 60);
        _trees.Found = _ => Task.FromException(new InvalidOperationException("odd"));
        (await Should.ThrowAsync<ContentStorageException>(() => content.Tree.LookupAsync(1, Name(1), Token).AsTask())).Message.ShouldContain("odd");
        _trees.Found = _ => Task.CompletedTask;
        (await content.Tree.LookupAsync(1, Name(1), Token)).ShouldNotBeNull();
        _trees.Asked.Count.ShouldBe(2);

        // So it is with one that cannot be removed when it is forgotten.
        _removalFault = new InvalidOperationException("odd too");
        await Eventually.TrueAsync(
            async () =>
            {
                _time.Advance(TimeSpan.FromSeconds(60));
                return _trees.Closed.Count == 1 && (await content.Tree.LookupAsync(1, Name(1), Token)) is not null;
            }, "it is forgotten and found again", Deadline, Token);
        _trees.Asked.Count.ShouldBeGreaterThan(2);
    }

    [Fact]
    public async Task Look_ups_are_bounded()
    {
        var found = new TaskCompletionSource();
        _trees.Found = _ => found.Task;
        await using var content = Open();
        var all = Enumerable.Range(0, 256).Select(number => content.Tree.LookupAsync(1, Name(number), Token).AsTask()).ToArray();
        await Eventually.TrueAsync(() => _trees.Asked.Count == 16, "as many as may be asked for at once", Deadline, Token);
        (await Should.ThrowAsync<ContentUnavailableException>(() => content.Tree.LookupAsync(1, Name(999), Token).AsTask())).Message.ShouldContain("256 torrents");
        _trees.Asked.Count.ShouldBe(16);

        found.SetResult();
        (await Task.WhenAll(all)).ShouldAllBe(node => node != null);
        _trees.MostAtOnce.ShouldBe(16);
        (await content.Tree.LookupAsync(1, Name(999), Token)).ShouldNotBeNull();
    }

    [Fact]
    public async Task What_nobody_uses_is_forgotten_and_found_again_under_its_id()
    {
        await using var content = Open(forget: 60);
        var folder = (await content.Tree.LookupAsync(1, Name(1), Token))!;
        var file = (await content.Tree.LookupAsync(folder.Id, "a.bin", Token))!;
        var open = await content.Tree.OpenAsync(file.Id, Token);
        await content.Tree.LookupAsync(1, Name(2), Token);
        content.Folders.Order().ShouldBe([NamedTrees.FolderOf(Name(1)), NamedTrees.FolderOf(Name(2))]);

        await Eventually.TrueAsync(
            async () =>
            {
                _time.Advance(TimeSpan.FromSeconds(60));
                return (await NamesAsync(content.Tree)).Count == 1;
            }, "one is forgotten", Deadline, Token);
        await Eventually.TrueAsync(() => _trees.Closed.Count == 1, "it is closed", Deadline, Token);
        (await NamesAsync(content.Tree)).ShouldBe([Name(1)], "a file of it is open");
        _trees.Closed.ShouldBe([Name(2)]);
        await Eventually.TrueAsync(() => Removed.SequenceEqual([NamedTrees.FolderOf(Name(2))]), "what arrived of it goes", Deadline, Token);

        await open.DisposeAsync();
        await Eventually.TrueAsync(
            () =>
            {
                _time.Advance(TimeSpan.FromSeconds(60));
                return Removed.Count == 2;
            }, "the other too", Deadline, Token);
        await Eventually.TrueAsync(async () => (await NamesAsync(content.Tree)).Count == 0, "it is not known any more", Deadline, Token);
        (await content.Tree.FindAsync(file.Id, Token)).ShouldBe(file, "whoever still holds the id has it looked up again");
        (await NamesAsync(content.Tree)).ShouldBe([Name(1)]);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_is_forgotten_goes_unless_others_use_it_also_when_that_cannot_be_written_down(bool isShared)
    {
        _trees.AreShared = isShared;
        await using var content = Open(forget: 60);
        await content.Tree.LookupAsync(1, Name(1), Token);
        File.Delete(_home.Below("torrents.json"));
        _home.MakeFolder("torrents.json", "in the way");

        await Eventually.TrueAsync(
            async () =>
            {
                _time.Advance(TimeSpan.FromSeconds(60));
                return (await NamesAsync(content.Tree)).Count == 0;
            }, "it is forgotten", Deadline, Token);

        _trees.Closed.ShouldBe([Name(1)]);
        Removed.ShouldBe(isShared ? [] : [NamedTrees.FolderOf(Name(1))]);
    }

    [Fact]
    public async Task Ids_and_what_is_known_outlive_the_daemon()
    {
        TreeNode file;
        await using (var before = Open())
        {
            await before.Tree.LookupAsync(1, Name(7), Token);
            var folder = (await before.Tree.LookupAsync(1, Name(3), Token))!;
            file = (await before.Tree.LookupAsync(folder.Id, "a.bin", Token))!;
        }

        _trees.Closed.Count.ShouldBe(2);
        await using var after = Open();
        await Eventually.TrueAsync(() => _trees.Asked.Count == 4, "they are there for others too", Deadline, Token);
        (await NamesAsync(after.Tree)).ShouldBe([Name(3), Name(7)]);
        (await after.Tree.FindAsync(file.Id, Token)).ShouldBe(file);
        (await after.Tree.FindAsync((99UL << 40) | 1, Token)).ShouldBeNull();
        await Should.ThrowAsync<ContentNotFoundException>(() => after.Tree.OpenAsync(99UL << 40, Token).AsTask());
    }

    [Fact]
    public void A_number_that_could_not_be_written_down_is_not_handed_out()
    {
        var path = _home.Below("torrents.json");
        var numbers = TorrentNumbers.Open(path);
        _home.MakeFolder("torrents.json", "in the way");
        Should.Throw<ContentException>(() => numbers.Remember(Name(1)));
        numbers.NumberOf(Name(1)).ShouldBeNull();
        numbers.Known.ShouldBeEmpty();

        Directory.Delete(path, recursive: true);
        numbers.Remember(Name(2));
        numbers.NumberOf(Name(2)).ShouldBe(1);
        TorrentNumbers.Open(path).NameOf(1).ShouldBe(Name(2));
    }

    [Fact]
    public async Task A_damaged_document_is_said_to_be_damaged()
    {
        foreach (var text in new[] { "{", "{}", """{"version":1,"names":["x"],"forgotten":[]}""", """{"version":2,"names":[],"forgotten":[]}""" })
        {
            await File.WriteAllTextAsync(_home.Below("torrents.json"), text, Token);
            Should.Throw<ContentFormatException>(() => TorrentNumbers.Open(_home.Below("torrents.json"))).Message.ShouldContain("torrents.json is damaged");
        }
    }

    [Fact]
    public async Task Wanted_is_what_is_named()
    {
        await using var content = Open();
        await content.WantAsync(Name(1) + "/**/*.idx", Token);
        await content.WantAsync(Name(1), Token);
        _trees.Wanted.ShouldBe(["**/*.idx", null]);
        await Should.ThrowAsync<ContentNotFoundException>(() => content.WantAsync(null, Token));
        await Should.ThrowAsync<ContentNotFoundException>(() => content.WantAsync("**/*.idx", Token));
    }

    public ValueTask DisposeAsync() => _home.DisposeAsync();

    private IReadOnlyList<string> Removed
    {
        get
        {
            lock (_removed)
            {
                return [.. _removed];
            }
        }
    }

    private static string Name(int number) => $"a{number:x39}";

    private static ulong NameSeconds(KernelSide kernel, ulong parent, string name) =>
        BinaryPrimitives.ReadUInt64LittleEndian(kernel.Ask(FuseOpcode.Lookup, parent, KernelSide.Name(name)).Body.AsSpan(16));

    private static FuseOpenFlags FlagsOf(KernelSide kernel, ulong directory) =>
        (FuseOpenFlags)BinaryPrimitives.ReadUInt32LittleEndian(kernel.Ask(FuseOpcode.OpenDirectory, directory, new byte[8]).Body.AsSpan(8));

    private static async Task<ulong> LookUpAsync(KernelSide kernel, string name)
    {
        var asked = kernel.Send(FuseOpcode.Lookup, 1, KernelSide.Name(name));
        await Eventually.TrueAsync(() => kernel.AnswerTo(asked) is not null, "an answer", Deadline, Token);
        return BinaryPrimitives.ReadUInt64LittleEndian(kernel.AnswerTo(asked)!.Value.Body);
    }

    private static async Task<List<string>> NamesAsync(IContentTree tree) => await tree.ReadDirectoryAsync(1, Token).Select(node => node.Name).ToListAsync(Token);

    private WholeContent Open(int forget = 3600)
    {
        var spec = VolumeOptionReader.Read(new Dictionary<string, string> { ["whole"] = "true", ["tracker"] = "http://t.example/announce", ["forget"] = $"{forget}" });
        return WholeContent.Open(spec, "content", _home.Below("torrents.json"), _trees, Remove, _time, NullLogger.Instance);
    }

    private void Remove(string folder)
    {
        lock (_removed)
        {
            _removed.Add(folder);
        }

        if (_removalFault is { } fault)
        {
            throw fault;
        }
    }
}
