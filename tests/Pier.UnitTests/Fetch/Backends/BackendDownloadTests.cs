using System.Diagnostics;
using Pier.Content.Contracts;
using Pier.Content.Uris;
using Pier.Fetch;
using Pier.Fetch.Backends;
using Pier.Fetch.Status;
using Pier.Fetch.Uris;
using Pier.TestKit;
using Pier.TestKit.Files;
using Pier.TestKit.Logging;

namespace Pier.UnitTests.Fetch.Backends;

/// <summary>External programs that fetch, played by shell scripts.</summary>
public sealed class BackendDownloadTests : IAsyncLifetime, IProgress<PartProgress>
{
    private readonly TempFolder _folder = TempFolder.Create("backends");
    private readonly List<PartProgress> _told = [];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync()
    {
        _folder.MakeFolder("plugins");
        return ValueTask.CompletedTask;
    }

    public ValueTask DisposeAsync() => _folder.DisposeAsync();

    void IProgress<PartProgress>.Report(PartProgress value)
    {
        lock (_told)
        {
            _told.Add(value);
        }
    }

    [Fact]
    public async Task A_backend_brings_one_file_and_tells_how_far_it_is()
    {
        Script("pier-backend-one", """
            [ "$1" = check ] && [ "$2" = one:a/b.txt ] && exit 0
            [ "$1" = get ] && [ "$2" = one:a/b.txt ] || exit 9
            echo '{"done": 2, "total": 7}' >&2
            echo 'seed this'
            printf content > "$3"
            """);

        using var download = await GetAsync("one:a/b.txt");

        (download.Name, download.IsSingleFile, download.Files.Single().Size).ShouldBe(("b.txt", true, 7L));
        (await File.ReadAllTextAsync(_folder.Below("out", "b.txt"), Cancel)).ShouldBe("content");
        _told.ShouldContain(part => part.Done == 2 && part.Total == 7);
        _told[^1].State.ShouldBe(PartState.Done);
        Directory.GetFileSystemEntries(_folder.Below("out")).ShouldHaveSingleItem("nothing else is left");
    }

    [Fact]
    public async Task A_backend_brings_a_folder_and_its_links_are_left_out()
    {
        Script("pier-backend-tree", """
            [ "$1" = check ] && exit 0
            mkdir -p "$3/below"; printf a > "$3/a"; printf b > "$3/below/b"; chmod 755 "$3/below/b"
            ln -s /etc/passwd "$3/link"; ln -s /etc "$3/away"
            """);

        using var download = await GetAsync("tree:x");

        download.IsSingleFile.ShouldBeFalse();
        download.Files.Select(file => (file.Path, file.IsExecutable)).ShouldBe([("content/a", false), ("content/below/b", true)]);
    }

    [Fact]
    public async Task Scripts_of_a_Pierdat_tree_get_what_follows_their_name()
    {
        Script("pierdat-check-old", "[ \"$1\" = http://x/y ]");
        Script("pierdat-get-old", "mkdir \"$2\"; printf \"$1\" > \"$2/y\"; echo 'pierdat-seed-old y'");

        using var download = await GetAsync("old:http://x/y");

        (download.Name, download.IsSingleFile).ShouldBe(("y", true));
        (await File.ReadAllTextAsync(_folder.Below("out", "y"), Cancel)).ShouldBe("http://x/y");
    }

    [Theory]
    [InlineData("no:x", "no backend 'no' is configured")]
    [InlineData("plain:x", "no backend 'plain' is configured")]
    [InlineData("refuses:x", "cannot fetch it. not mine")]
    [InlineData("fails:x", "failed (3). because")]
    [InlineData("empty:x", "brought nothing")]
    [InlineData("ed2k:x", "MD4, which proves nothing")]
    public async Task What_goes_wrong_is_said(string uri, string message)
    {
        await File.WriteAllTextAsync(_folder.Below("plugins", "pier-backend-plain"), "#!/bin/sh\n", Cancel);
        Script("pier-backend-refuses", "echo not mine >&2; exit 1");
        Script("pier-backend-fails", "[ $1 = check ] && exit 0; echo because >&2; exit 3");
        Script("pier-backend-empty", "exit 0");

        (await Should.ThrowAsync<ContentUnavailableException>(() => GetAsync(uri))).Message.ShouldContain(message);
    }

    [Fact]
    public async Task One_that_stands_still_is_ended()
    {
        Script("pier-backend-still", "[ $1 = check ] && exit 0; exec sleep 1000");

        (await Should.ThrowAsync<ContentUnavailableException>(() => GetAsync("still:x", TimeSpan.FromSeconds(2)))).Message.ShouldContain("did nothing for");
    }

    [Fact]
    public async Task Nothing_of_the_daemons_environment_is_shown_to_it()
    {
        Script("pier-backend-env", "[ $1 = check ] && exit 0; env > \"$3\"");

        using var download = await GetAsync("env:list");

        var names = (await File.ReadAllLinesAsync(_folder.Below("out", "list"), Cancel)).Select(line => line.Split('=')[0]);
        names.ShouldBeSubsetOf(["PATH", "HOME", "PIER_BACKEND_RUN", "PWD", "OLDPWD", "SHLVL", "_"]);
    }

    [Fact]
    public async Task A_child_that_outlives_its_program_is_ended_and_not_waited_for()
    {
        Script("pier-backend-leaves", "[ $1 = check ] && exit 0; setsid sleep 1000 & echo $! > \"$3\"");

        using var download = await GetAsync("leaves:pid");

        var child = (await File.ReadAllTextAsync(_folder.Below("out", "pid"), Cancel)).Trim();
        await Eventually.TrueAsync(() => !IsRunning(child), "the child has ended", Eventually.Patience, Cancel);
        Directory.GetDirectories(_folder.Below("homes")).ShouldBeEmpty();
    }

    [Fact]
    public async Task The_next_start_ends_what_a_killed_daemon_left_running_and_nothing_else()
    {
        using var logs = new CollectedLogs();
        var homes = new BackendHomes(Options(), TimeProvider.System, logs.CreateLogger<BackendHomes>());
        var left = homes.Make();
        var next = new BackendHomes(Options(), TimeProvider.System, logs.CreateLogger<BackendHomes>());
        var ours = next.Make();
        using var orphan = Sleeper(left.Name);
        using var stranger = Sleeper("another-run");
        using var running = Sleeper(ours.Name);
        try
        {
            await next.StartAsync(Cancel);

            orphan.WaitForExit(Eventually.Patience).ShouldBeTrue();
            (stranger.HasExited, running.HasExited).ShouldBe((false, false));
            Directory.GetDirectories(_folder.Below("homes")).ShouldBe([ours.Folder]);
            logs.Entries.ShouldHaveSingleItem().Message.ShouldStartWith("1 programs of backends went on");

            await ours.DisposeAsync();
            running.WaitForExit(Eventually.Patience).ShouldBeTrue();
        }
        finally
        {
            foreach (var process in new[] { orphan, stranger, running })
            {
                process.Kill();
            }
        }
    }

    [Fact]
    public async Task A_failed_attempt_leaves_nothing_and_somebodys_folder_is_his()
    {
        Script("pier-backend-half", "[ $1 = check ] && exit 0; mkdir \"$3\"; echo half > \"$3/half\"; exit 3");
        Script("pier-backend-whole", "[ $1 = check ] && exit 0; mkdir \"$3\"; echo a > \"$3/a\"; echo b > \"$3/b\"");

        await Should.ThrowAsync<ContentUnavailableException>(() => GetAsync("half:x"));
        Directory.GetFileSystemEntries(_folder.Below("out")).ShouldBeEmpty();
        Directory.CreateDirectory(_folder.Below("out", "content"));
        await File.WriteAllTextAsync(_folder.Below("out", "content", "mine"), "mine", Cancel);

        (await Should.ThrowAsync<ContentStorageException>(() => GetAsync("whole:x"))).Message.ShouldContain("'content' is there already");
        Directory.GetFileSystemEntries(_folder.Below("out", "content")).ShouldHaveSingleItem();
    }

    [Fact]
    public async Task Messages_show_no_password_and_no_signature()
    {
        Script("pier-backend-tells", "[ $1 = check ] && exit 0; echo \"cannot get $2\" >&2; exit 3");

        var refused = await Should.ThrowAsync<ContentUnavailableException>(() => GetAsync("tells:ftp://user:secret@a.example/f?sig=secret"));

        refused.Message.ShouldBe("tells:ftp://a.example/f?…: the backend 'tells' failed (3). cannot get tells:ftp://a.example/f?…");
        (await Should.ThrowAsync<ContentUnavailableException>(() => GetAsync("none:ftp://user:secret@a.example/f?sig=secret"))).Message.ShouldNotContain("secret");
    }

    private static bool IsRunning(string id) =>
        File.Exists($"/proc/{id}/stat") && !File.ReadAllText($"/proc/{id}/stat").Contains(") Z ", StringComparison.Ordinal);

    private static Process Sleeper(string run)
    {
        var plan = new ProcessStartInfo("sleep", ["1000"]);
        plan.Environment["PIER_BACKEND_RUN"] = run;
        return Process.Start(plan).ShouldNotBeNull();
    }

    private FetchOptions Options(TimeSpan? patience = null) => new()
    {
        AccessFolder = "unused",
        BackendFolder = _folder.Below("plugins"),
        BackendHomes = _folder.Below("homes"),
        BodyPatience = patience ?? TimeSpan.FromMinutes(1),
    };

    private void Script(string name, string body)
    {
        var path = _folder.Below("plugins", name);
        File.WriteAllText(path, $"#!/bin/sh\n{body}\n");
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    private async Task<Download> GetAsync(string uri, TimeSpan? patience = null)
    {
        using var logs = new CollectedLogs();
        var options = Options(patience);
        var homes = new BackendHomes(options, TimeProvider.System, logs.CreateLogger<BackendHomes>());
        return await new BackendDownload(homes, options, TimeProvider.System).GetAsync(ContentUri.Parse(uri), DownloadPlan.All(_folder.MakeFolder("out")), this, Cancel);
    }
}
