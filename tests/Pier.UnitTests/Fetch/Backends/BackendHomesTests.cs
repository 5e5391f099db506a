using Pier.Fetch;
using Pier.Fetch.Backends;
using Pier.TestKit.Files;
using Pier.TestKit.Logging;
using Pier.TestKit.Time;

namespace Pier.UnitTests.Fetch.Backends;

/// <summary>What a start removes: homes of a daemon that was killed, and nothing that somebody else keeps there.</summary>
public sealed class BackendHomesTests : IAsyncDisposable
{
    private readonly TempFolder _folder = TempFolder.Create("homes");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Only_homes_are_removed()
    {
        using var logs = new CollectedLogs();
        var left = _folder.MakeFolder(new string('a', 32));
        var others = new[] { _folder.MakeFolder("hypercore"), _folder.MakeFolder(new string('A', 32)) };
        var homes = new BackendHomes(
            new FetchOptions { AccessFolder = "none", BackendHomes = _folder.Path }, new ManualTimeProvider(), logs.CreateLogger<BackendHomes>());
        await using var running = homes.Make();

        await homes.StartAsync(Token);

        Directory.Exists(left).ShouldBeFalse();
        others.ShouldAllBe(folder => Directory.Exists(folder));
        Directory.Exists(running.Folder).ShouldBeTrue("it is of this run");
    }

    public ValueTask DisposeAsync() => _folder.DisposeAsync();
}
