using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Pier.Engines;
using Pier.Engines.Files;
using Pier.Engines.Images;
using Pier.Engines.Install;
using Pier.TestKit.Files;
using Pier.UnitTests.Cli;

namespace Pier.UnitTests.Installing;

/// <summary>The frontend's image leaves the Docker Engine when Pier does, if it is the one that Pier loaded.</summary>
public sealed class LoadedFrontendTests : IAsyncLifetime
{
    private const string Ours = "sha256:1111";

    private readonly TempFolder _folder = TempFolder.Create("loaded");
    private WebApplication _engine = null!;
    private string? _held = Ours;
    private int _loaded = 200;
    private int _deletion = 200;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private string Socket => _folder.Below("docker.sock");

    private string Ledger => _folder.Below("host", Environment.IsPrivilegedProcess ? "etc/pier/install.json" : Path.GetRelativePath("/", Home) + "/.config/pier/install.json");

    private static string Home => Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);

    public async ValueTask InitializeAsync()
    {
        _folder.MakeFolder("host", "etc");
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.ListenUnixSocket(Socket));
        _engine = builder.Build();
        _engine.MapPost("/images/load", () => Results.Json(new { stream = "Loaded" }, statusCode: _loaded));
        _engine.MapGet("/images/pier/frontend:latest/json", () => _held is { } id ? Results.Text($$"""{"Id":"{{id}}"}""", "application/json") : Results.NotFound());
        _engine.MapDelete("/images/pier/frontend:latest", () =>
        {
            _held = _deletion == 200 ? null : _held;
            return _deletion == 200 ? Results.Json(Array.Empty<string>()) : Results.Json(new { message = "it is used" }, statusCode: _deletion);
        });
        await _engine.StartAsync(Cancel);
    }

    public async ValueTask DisposeAsync()
    {
        await _engine.DisposeAsync();
        await _folder.DisposeAsync();
    }

    [Fact]
    public async Task Loading_tells_by_which_id_the_engine_knows_it()
    {
        await File.WriteAllBytesAsync(_folder.Below("program"), [1, 2, 3], Cancel);

        (await FrontendImage.LoadAsync(Socket, _folder.Below("program"), ids => ids.Count.ShouldBe(2), TimeProvider.System, Cancel)).ShouldBe((Ours, false));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task What_was_loaded_before_anybody_heard_of_it_is_taken_back_too(int store)
    {
        await File.WriteAllBytesAsync(_folder.Below("program"), [1, 2, 3], Cancel);
        _loaded = 500;
        IReadOnlyList<string> known = [];
        await Should.ThrowAsync<EngineException>(() => FrontendImage.LoadAsync(
            Socket, _folder.Below("program"), ids => Remember(new LoadedImage(Socket, "", known = ids)), TimeProvider.System, Cancel));
        _held = known[store];

        (await CliRun.OfAsync("uninstall", "docker", "--root", _folder.Below("host"))).ExitCode.ShouldBe(0);

        _held.ShouldBeNull();
        File.Exists(Ledger).ShouldBeFalse();
    }

    [Theory]
    [InlineData(Ours, null, "no longer in the engine")]
    [InlineData("sha256:other", "sha256:other", "it stays")]
    [InlineData(null, null, "it stays")]
    public async Task Uninstalling_removes_what_was_loaded_and_nothing_else(string? held, string? left, string said)
    {
        Remember();
        _held = held;

        var run = await CliRun.OfAsync("uninstall", "docker", "--root", _folder.Below("host"));

        run.ExitCode.ShouldBe(0, run.Error);
        run.Error.ShouldContain(said);
        _held.ShouldBe(left);
        File.Exists(Ledger).ShouldBeFalse("nothing is left to take back");
    }

    [Theory]
    [InlineData("docker")]
    [InlineData("all")]
    public async Task An_engine_that_is_gone_is_forgotten(string engine)
    {
        Remember();
        await _engine.StopAsync(Cancel);
        File.Delete(Socket);

        var run = await CliRun.OfAsync("uninstall", engine, "--root", _folder.Below("host"));

        run.ExitCode.ShouldBe(0, run.Error);
        run.Error.ShouldContain("is gone");
        File.Exists(Ledger).ShouldBeFalse("nothing is left to take back");
    }

    [Fact]
    public async Task What_the_engine_keeps_is_remembered_for_the_next_time()
    {
        Remember();
        _deletion = 409;
        var refused = await CliRun.OfAsync("uninstall", "all", "--root", _folder.Below("host"));
        refused.ExitCode.ShouldNotBe(0);
        _held.ShouldBe(Ours);
        refused.Error.ShouldContain("it is used");
        File.Exists(Ledger).ShouldBeTrue();
        _deletion = 200;

        (await CliRun.OfAsync("uninstall", "all", "--root", _folder.Below("host"))).ExitCode.ShouldBe(0);

        _held.ShouldBeNull();
        File.Exists(Ledger).ShouldBeFalse();
    }

    [Fact]
    public async Task A_dry_run_leaves_it_and_an_engine_that_is_gone_is_named()
    {
        Remember();
        (await CliRun.OfAsync("uninstall", "docker", "--root", _folder.Below("host"), "--dry-run")).ExitCode.ShouldBe(0);
        _held.ShouldBe(Ours);
        await _engine.StopAsync(Cancel);

        await Should.ThrowAsync<EngineException>(() => FrontendImage.RemoveAsync(new LoadedImage(_folder.Below("none.sock"), Ours), TimeProvider.System, Cancel));
    }

    private void Remember() => Remember(new LoadedImage(Socket, Ours));

    private void Remember(LoadedImage loaded) => new Installer(new HostRoot(_folder.Below("host"), Home), Environment.IsPrivilegedProcess).Remember(loaded);
}
