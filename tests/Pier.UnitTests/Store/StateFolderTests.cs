using Pier.Store.Disk;
using Pier.TestKit.Files;

namespace Pier.UnitTests.Store;

public sealed class StateFolderTests : IAsyncDisposable
{
    private readonly TempFolder _folder = TempFolder.Create("state");

    public ValueTask DisposeAsync() => _folder.DisposeAsync();

    [Fact]
    public void Opening_makes_the_folder_for_its_owner_alone()
    {
        using var state = StateFolder.Open(_folder.Below("deep", "state"));

        Directory.Exists(state.Blobs).ShouldBeTrue();
        Directory.Exists(state.Partial).ShouldBeTrue();
        Directory.Exists(state.Tags).ShouldBeTrue();
        Directory.Exists(state.Swarms).ShouldBeTrue();
        state.NodeKey.ShouldBe(_folder.Below("deep", "state", "node.pem"));
        ((int)File.GetUnixFileMode(state.Path)).ShouldBe(Convert.ToInt32("700", 8));
    }

    [Fact]
    public void A_second_daemon_is_told_the_folder_and_who_holds_it()
    {
        using var first = StateFolder.Open(_folder.Path);

        var refusal = Should.Throw<StateFolderException>(() => StateFolder.Open(_folder.Path));

        refusal.Message.ShouldContain(_folder.Path);
        refusal.Message.ShouldContain($"process {Environment.ProcessId}");
        refusal.Message.ShouldContain("--state");
    }

    [Fact]
    public void The_next_daemon_may_have_it_when_the_first_is_gone()
    {
        StateFolder.Open(_folder.Path).Dispose();

        using var second = StateFolder.Open(_folder.Path);
    }

    [Fact]
    public async Task A_file_in_its_place_is_named()
    {
        var path = _folder.Below("file");
        await File.WriteAllTextAsync(path, "x", TestContext.Current.CancellationToken);

        Should.Throw<StateFolderException>(() => StateFolder.Open(path)).Message.ShouldContain(path);
    }

    [Fact]
    public void A_folder_that_cannot_be_written_is_named_with_what_to_do()
    {
        // Root may write anywhere but in /proc.
        var refusal = Should.Throw<StateFolderException>(() => StateFolder.Open("/proc/pier"));

        refusal.Message.ShouldContain("/proc/pier");
        refusal.Message.ShouldContain("--state");
    }
}
