using Pier.Daemon.Http;
using Pier.TestKit.Files;

namespace Pier.UnitTests.Daemon;

/// <summary>The control token's file: the owner's alone, and the same after a restart.</summary>
public sealed class ControlTokenTests
{
    [Fact]
    public async Task It_stays_and_only_the_owner_reads_it()
    {
        await using var folder = TempFolder.Create();
        ControlToken.Open(folder.Path);
        var file = folder.Below(ControlToken.FileName);
        var secret = await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken);

        var again = ControlToken.Open(folder.Path);

        again.Matches(secret).ShouldBeTrue();
        again.Matches(secret[1..]).ShouldBeFalse();
        again.Matches("").ShouldBeFalse();
        File.GetUnixFileMode(file).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        secret.Length.ShouldBe(64);
    }

    [Fact]
    public async Task A_damaged_file_is_replaced()
    {
        await using var folder = TempFolder.Create();
        await File.WriteAllTextAsync(folder.Below(ControlToken.FileName), "short", TestContext.Current.CancellationToken);

        ControlToken.Open(folder.Path).Matches("short").ShouldBeFalse();
    }
}
