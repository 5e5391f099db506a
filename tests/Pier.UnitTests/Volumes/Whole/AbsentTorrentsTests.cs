using Microsoft.Extensions.Logging.Abstractions;
using Pier.Content.Contracts;
using Pier.TestKit;
using Pier.TestKit.Files;
using Pier.TestKit.Time;
using Pier.Volumes.Specs;
using Pier.Volumes.Whole;

namespace Pier.UnitTests.Volumes.Whole;

/// <summary>What a mount of every torrent knew before a restart: looked for until somebody can tell of it, forgotten when nobody asks; and what others used goes later.</summary>
public sealed class AbsentTorrentsTests : IAsyncDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);
    private static readonly string One = new('a', 40);
    private static readonly string Other = new('b', 40);

    private readonly TempFolder _home = TempFolder.Create("absent");
    private readonly ManualTimeProvider _time = new();
    private readonly NamedTrees _trees = new();
    private readonly List<string> _removed = [];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_nobody_could_tell_of_is_looked_for_again()
    {
        await KnowAsync(One);
        var isThere = false;
        _trees.Found = _ => Volatile.Read(ref isThere) ? Task.CompletedTask : Task.FromException(new ContentUnavailableException("nobody is there"));
        await using var content = Open(forget: 86_400 * 365);
        await PassAsync(() => _trees.Asked.Count >= 4, "it is asked for again and again");
        content.Folders.ShouldBeEmpty();
        (await NamesAsync(content)).ShouldBe([One], "it is known all the while");

        Volatile.Write(ref isThere, true);

        await PassAsync(() => content.Folders.Count == 1, "it is there");
        Removed.ShouldBeEmpty();
    }

    [Fact]
    public async Task What_nobody_asks_for_is_forgotten()
    {
        await KnowAsync(One, Other);
        _trees.Found = link => link.Contains(One, StringComparison.Ordinal) ? Task.FromException(new ContentUnavailableException("nobody is there")) : Task.CompletedTask;
        await using var content = Open(forget: 600);
        (await content.Tree.LookupAsync(1, Other, Token)).ShouldNotBeNull();

        await PassAsync(() => Removed.Contains(NamedTrees.FolderOf(One)), "what arrived of it is removed");

        await Eventually.TrueAsync(async () => !(await NamesAsync(content)).Contains(One), "it is not known any more", Deadline, Token);
    }

    [Fact]
    public void Asking_keeps_and_being_there_ends_absence()
    {
        var absent = new AbsentTorrents(_time, TimeSpan.FromMinutes(10));
        HashSet<string> both = [One, Other];
        absent.Review(both, most: 1).Over.ShouldBeEmpty();
        _time.Advance(TimeSpan.FromMinutes(6));
        absent.Asked(One);
        absent.Asked("unknown");
        var (again, over) = absent.Review(both, most: 1);
        over.ShouldBeEmpty();
        again.Count.ShouldBe(1);
        _time.Advance(TimeSpan.FromMinutes(6));
        absent.Review(both, most: 9).Over.ShouldBe([Other]);
        absent.Review(new HashSet<string> { Other }, most: 9).Over.ShouldBe([Other]);
        absent.Review(both, most: 9).Again.ShouldBe([One], "it was there in between, and counts anew");
    }

    [Fact]
    public async Task What_others_used_is_removed_when_they_are_done()
    {
        _trees.AreShared = true;
        await using var content = Open(forget: 60);
        await content.Tree.LookupAsync(1, One, Token);
        await PassAsync(() => _trees.Closed.Count == 1, "it is forgotten");
        await Eventually.TrueAsync(async () => (await NamesAsync(content)).Count == 0, "it is not known any more", Deadline, Token);
        Removed.ShouldBeEmpty("others use it");

        _trees.AreShared = false;

        await PassAsync(() => Removed.Count == 1, "now it goes");
        Removed.ShouldBe([NamedTrees.FolderOf(One)]);
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

    private static async Task<List<string>> NamesAsync(WholeContent content) =>
        await content.Tree.ReadDirectoryAsync(1, Token).Select(node => node.Name).ToListAsync(Token);

    private async Task KnowAsync(params string[] names)
    {
        await using var before = Open(forget: 3600);
        foreach (var name in names)
        {
            (await before.Tree.LookupAsync(1, name, Token)).ShouldNotBeNull();
        }
    }

    private async Task PassAsync(Func<bool> condition, string what) => await Eventually.TrueAsync(
        () =>
        {
            _time.Advance(TimeSpan.FromSeconds(20));
            return condition();
        }, what, Deadline, Token);

    private WholeContent Open(int forget)
    {
        var spec = VolumeOptionReader.Read(new Dictionary<string, string> { ["whole"] = "true", ["forget"] = $"{forget}" });
        return WholeContent.Open(spec, "content", _home.Below("torrents.json"), _trees, Remove, _time, NullLogger.Instance);
    }

    private void Remove(string folder)
    {
        lock (_removed)
        {
            _removed.Add(folder);
        }
    }
}
