using Pier.Content.Passwords;
using Pier.Daemon.Options;
using Pier.TestKit.Files;
using Pier.TestKit.Processes;

namespace Pier.UnitTests.Cli;

/// <summary><c>pier user</c> over the file that the daemon reads.</summary>
public sealed class UserCommandTests : IAsyncDisposable
{
    private readonly TempFolder _folder = TempFolder.Create("users");

    private string UsersPath => _folder.Below("users");

    public ValueTask DisposeAsync() => _folder.DisposeAsync();

    [Fact]
    public async Task Users_are_added_changed_listed_and_removed_and_the_daemon_reads_them()
    {
        (await AddAsync("alice", "correct horse")).ShouldSatisfyAllConditions(run => run.ExitCode.ShouldBe(0, run.Error), run => run.Output.ShouldStartWith("added alice"));
        (await AddAsync("bob", "battery staple")).ExitCode.ShouldBe(0);
        await File.AppendAllTextAsync(UsersPath, "# a remark\n", TestContext.Current.CancellationToken);
        (await AddAsync("alice", "another horse")).Output.ShouldStartWith("changed alice");

        (await CliRun.OfAsync("user", "ls", "--file", UsersPath)).Output.ShouldBe("alice\nbob\n");
        (File.GetUnixFileMode(UsersPath) & UnixFileMode.OtherRead).ShouldBe(UnixFileMode.None);
        var users = UsersFile.Read(UsersPath);
        users["alice"].Matches("another horse").ShouldBeTrue();
        users["bob"].Matches("another horse").ShouldBeFalse();
        (await File.ReadAllTextAsync(UsersPath, TestContext.Current.CancellationToken)).ShouldSatisfyAllConditions(
            text => text.ShouldContain("# a remark"), text => text.ShouldNotContain("horse"));

        (await CliRun.OfAsync("user", "rm", "bob", "--file", UsersPath)).ExitCode.ShouldBe(0);
        (await CliRun.OfAsync("user", "rm", "bob", "--file", UsersPath)).ExitCode.ShouldBe(4);
        UsersFile.Read(UsersPath).Keys.ShouldBe(["alice"]);
    }

    [Fact]
    public async Task The_file_keeps_its_link_and_its_owner()
    {
        var target = _folder.Below("kept/users");
        Directory.CreateDirectory(Path.GetDirectoryName(target)!);
        await File.WriteAllTextAsync(target, "", TestContext.Current.CancellationToken);
        File.CreateSymbolicLink(UsersPath, "kept/users");
        var isRoot = Environment.IsPrivilegedProcess;
        if (isRoot)
        {
            (await Command.RunAsync("chown", ["12345:12346", target], TestContext.Current.CancellationToken)).ExitCode.ShouldBe(0);
        }

        (await AddAsync("alice", "correct horse")).ExitCode.ShouldBe(0);

        new FileInfo(UsersPath).LinkTarget.ShouldBe("kept/users");
        UsersFile.Read(target).Keys.ShouldBe(["alice"]);
        if (isRoot)
        {
            (await Command.RunAsync("stat", ["-c", "%u:%g %a", target], TestContext.Current.CancellationToken)).Output.Trim().ShouldBe("12345:12346 640");
        }
    }

    [Theory]
    [InlineData("a:b", "correct horse", "no user name")]
    [InlineData("alice", "short", "8 characters")]
    public async Task What_cannot_be_a_user_is_refused(string name, string password, string reason)
    {
        var run = await AddAsync(name, password);

        (run.ExitCode, File.Exists(UsersPath)).ShouldBe((2, false));
        run.Error.ShouldContain(reason);
    }

    [Fact]
    public async Task Passwords_in_the_clear_are_refused_with_the_way_out_and_never_repeated()
    {
        await File.WriteAllTextAsync(UsersPath, "alice:correct horse\n", TestContext.Current.CancellationToken);
        File.SetUnixFileMode(UsersPath, UnixFileMode.UserRead);

        var error = Should.Throw<ConfigurationException>(() => UsersFile.Read(UsersPath));

        error.Message.ShouldContain($"pier user add NAME --file {UsersPath}");
        error.Message.ShouldNotContain("horse");
        UserLine.TryParse("alice:correct horse").ShouldBeNull();
    }

    private async Task<CliRun> AddAsync(string name, string password)
    {
        var file = _folder.Below("password");
        await File.WriteAllTextAsync(file, password + "\n", TestContext.Current.CancellationToken);
        return await CliRun.OfAsync("user", "add", name, "--file", UsersPath, "--password-file", file);
    }
}
