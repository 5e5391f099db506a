using System.Globalization;
using Pier.InteropTests.Engine;
using Pier.TestKit;
using Pier.TestKit.Files;
using Pier.TestKit.Processes;

namespace Pier.InteropTests.Programs;

/// <summary>A <c>pierd</c> that is killed while a backend's program fetches: the next one ends the program and what it began.</summary>
public sealed class KilledBackendTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_program_that_fetches_ends_with_the_next_start_of_a_killed_daemon()
    {
        await using var home = TempFolder.Create("killed-backend");
        var program = Path.Combine(home.MakeFolder("backends"), "pier-backend-endless");
        // In sessions of their own: the test kills the daemon's group, as the kernel does not.
        await File.WriteAllTextAsync(
            program,
            $$"""
            #!/bin/sh
            [ "$1" = check ] && exit 0
            export DEST="$3"
            setsid sh -c 'echo $$ > {{home.Below("child")}}; exec sleep 1000' &
            exec setsid sh -c 'mkdir "$DEST"; echo $$ > {{home.Below("program")}}; while :; do echo more >> "$DEST/file"; sleep 0.1; done'
            """,
            Token);
        File.SetUnixFileMode(program, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        await using var pier = await PierProgram.StartAsync(Token, flags: ["--backends", home.Below("backends")]);
        var broken = pier.RunAsync(Token, "get", "endless:x", home.Below("got"));
        var (begun, child) = (await StartedAsync(home.Below("program")), await StartedAsync(home.Below("child")));
        try
        {
            await pier.Daemon.KillAsync(Token);
            (await broken).ExitCode.ShouldNotBe(0);
            (IsRunning(begun), IsRunning(child)).ShouldBe((true, true), "nobody told them");

            await pier.StartAgainAsync(Token);

            await Eventually.TrueAsync(() => !IsRunning(begun) && !IsRunning(child), "the orphans to end", PierPeer.Deadline, Token);
            Directory.GetDirectories(pier.StateFile("backend-homes")).ShouldBeEmpty();
        }
        finally
        {
            // Their numbers may be somebody else's by now.
            foreach (var left in new[] { begun, child }.Where(IsRunning))
            {
                StartedProcesses.Kill(left);
            }
        }
    }

    private static async Task<int> StartedAsync(string file)
    {
        var id = 0;
        await Eventually.TrueAsync(
            () => File.Exists(file) && int.TryParse(File.ReadAllText(file), NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture, out id),
            "the backend to begin",
            PierPeer.Deadline,
            Token);
        return id;
    }

    private static bool IsRunning(int id)
    {
        try
        {
            return !File.ReadAllText($"/proc/{id}/stat").Contains(") Z ", StringComparison.Ordinal);
        }
        catch (IOException)
        {
            return false;
        }
    }
}
