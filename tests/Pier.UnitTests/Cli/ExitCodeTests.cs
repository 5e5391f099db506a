using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Pier.Cli;
using Pier.TestKit.Files;

namespace Pier.UnitTests.Cli;

/// <summary>How the command line ends, and what it says then.</summary>
public sealed class ExitCodeTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("pull")]
    [InlineData("frobnicate")]
    [InlineData("pull", "--platform", "linux/arm64", "--all-platforms", "busybox")]
    [InlineData("seed")]
    [InlineData("seed", "--list", "file")]
    [InlineData("torrent", "create", "--format", "v3", "file")]
    [InlineData("limits", "set", "world")]
    public async Task A_wrong_command_line_is_2_and_names_the_help(params string[] words)
    {
        var command = words[0] == "frobnicate" ? "pier" : string.Join(' ', words[..(words[0] is "torrent" or "limits" ? 2 : 1)].Prepend("pier"));

        var run = await CliRun.OfAsync(words);
        var json = await CliRun.OfAsync([.. words, "--json"]);

        run.ExitCode.ShouldBe(ExitCode.Usage);
        run.Error.ShouldContain($"→ {command} --help shows how");
        json.ExitCode.ShouldBe(ExitCode.Usage);
        JsonDocument.Parse(json.Output).RootElement.GetProperty("hint").GetString().ShouldBe($"{command} --help shows how");
    }

    [Fact]
    public async Task No_daemon_is_3_and_says_how_to_start_one()
    {
        await using var folder = TempFolder.Create();

        var run = await CliRun.OfAsync("status", "--socket", folder.Below("none.sock"));

        run.ExitCode.ShouldBe(ExitCode.DaemonUnreachable);
        run.Error.ShouldContain("none.sock");
        run.Error.ShouldContain("systemctl start pierd");
        run.Output.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_socket_nobody_listens_on_is_told_as_a_stopped_daemon()
    {
        await using var folder = TempFolder.Create();
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint(folder.Below("d.sock")));

        (await CliRun.OfAsync("images", "--socket", folder.Below("d.sock"))).Error.ShouldContain("has stopped");
    }

    [Theory]
    [InlineData("404 Not Found", """{"code":"not_found","message":"no such image"}""", ExitCode.NotFound, "no such image")]
    [InlineData("404 Not Found", """{"code":"not_found","message":"its name:\n\u001b]52;\u202exe"}""", ExitCode.NotFound, "its name:\n.]52;.xe")]
    [InlineData("403 Forbidden", """{"code":"denied","message":"no","hint":"log in"}""", ExitCode.Denied, "log in")]
    [InlineData("503 Service Unavailable", """{"code":"unavailable","message":"gone"}""", ExitCode.Unavailable, "gone")]
    [InlineData("409 Conflict", """{"code":"conflict","message":"pinned"}""", ExitCode.Conflict, "pinned")]
    [InlineData("500 Internal Server Error", "<html>", ExitCode.Failed, "500")]
    [InlineData("200 OK", "{}x", ExitCode.Failed, "pier:")]
    public async Task The_daemons_refusals_have_codes(string status, string body, int exitCode, string said)
    {
        await using var folder = TempFolder.Create();
        var path = folder.Below("d.sock");
        var answering = AnswerOnceAsync(path, status, body);

        var run = await CliRun.OfAsync("rm", "busybox", "--socket", path);
        await answering;

        run.ExitCode.ShouldBe(exitCode);
        run.Error.ShouldContain(said);
    }

    [Fact]
    public async Task With_json_an_error_is_a_document_on_the_output()
    {
        var run = await CliRun.OfAsync("status", "--json", "--socket", "/nowhere/pier.sock");

        run.Output.ShouldStartWith("""{"code":"daemon_unreachable","message":""");
        run.Error.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("--help")]
    [InlineData("pull", "--help")]
    [InlineData("cluster", "init", "--help")]
    [InlineData("torrent", "show", "-h")]
    public async Task Help_ends_with_examples(params string[] words)
    {
        var run = await CliRun.OfAsync(words);

        run.ExitCode.ShouldBe(ExitCode.Done);
        run.Output.ShouldContain("Examples:\n  pier ");
    }

    private static Task AnswerOnceAsync(string path, string status, string body)
    {
        var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint(path));
        listener.Listen(1);
        return Task.Run(async () =>
        {
            using (listener)
            {
                using var connection = await listener.AcceptAsync(Cancel);
                var request = new byte[4096];
                (await connection.ReceiveAsync(request, Cancel)).ShouldBeGreaterThan(0);
                var answer = $"HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {body.Length}\r\nConnection: close\r\n\r\n{body}";
                await connection.SendAsync(Encoding.ASCII.GetBytes(answer), Cancel);
            }
        }, Cancel);
    }
}
