using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Pier.TestKit.Files;
using Pier.UnitTests.Volumes.Shelf;
using Pier.Volumes.Driver;
using Pier.Volumes.Shelf;

namespace Pier.UnitTests.Volumes.Driver;

/// <summary>The engine's side of the VolumeDriver protocol over a Unix socket: the requests that dockerd sends, and ones that it never would.</summary>
public sealed class VolumeDriverTests : IAsyncLifetime
{
    private const string Magnet = "magnet:?xt=urn:btih:0123456789012345678901234567890123456789";

    private readonly TempFolder _home = TempFolder.Create("driver");
    private readonly FakeTrees _trees = new();
    private VolumeShelf _shelf = null!;
    private WebApplication _server = null!;
    private HttpClient _engine = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _shelf = await _trees.StartAsync(_home.Below("volumes"));
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.ListenUnixSocket(_home.Below("pier.sock")));
        builder.Services.AddRoutingCore().AddLogging().AddSingleton(_shelf);
        _server = builder.Build();
        _server.MapVolumeDriver();
        await _server.StartAsync(Token);
        _engine = new HttpClient(new SocketsHttpHandler
        {
            ConnectCallback = async (_, token) =>
            {
                var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                await socket.ConnectAsync(new UnixDomainSocketEndPoint(_home.Below("pier.sock")), token);
                return new NetworkStream(socket, ownsSocket: true);
            },
        })
        { BaseAddress = new Uri("http://plugin") };
    }

    public async ValueTask DisposeAsync()
    {
        _engine.Dispose();
        await _server.DisposeAsync();
        await _shelf.DisposeAsync();
        await _home.DisposeAsync();
    }

    [Fact]
    public async Task It_says_what_it_is()
    {
        (await AskAsync("Plugin.Activate", null)).ToJsonString().ShouldBe("""{"Implements":["VolumeDriver"]}""");
        (await AskAsync("VolumeDriver.Capabilities", "{}")).ToJsonString().ShouldBe("""{"Err":"","Capabilities":{"Scope":"local"}}""");
    }

    [Fact]
    public async Task A_volume_lives_as_the_engine_says()
    {
        (await AskAsync("VolumeDriver.Create", $$"""{"Name":"data","Opts":{"source":"{{Magnet}}"} }""")).ToJsonString().ShouldBe("""{"Err":""}""");
        (await AskAsync("VolumeDriver.Path", """{"Name":"data"}""")).ToJsonString().ShouldBe("""{"Err":"","Mountpoint":""}""");
        var mountpoint = (string)(await AskAsync("VolumeDriver.Mount", """{"Name":"data","ID":"b87d7442095999a92b65b3d9691e697b"}"""))["Mountpoint"]!;
        mountpoint.ShouldBe(_trees.Mounted.Keys.Single());
        ((string)(await AskAsync("VolumeDriver.Path", """{"Name":"data"}"""))["Mountpoint"]!).ShouldBe(mountpoint);

        var volume = (await AskAsync("VolumeDriver.Get", """{"Name":"data"}"""))["Volume"]!;
        ((string)volume["Name"]!, (string)volume["Mountpoint"]!).ShouldBe(("data", mountpoint));
        DateTimeOffset.Parse((string)volume["CreatedAt"]!).ShouldBeLessThanOrEqualTo(DateTimeOffset.MaxValue);
        volume["Status"]!.ToJsonString().ShouldBe(
            """{"Source":"the magnet link","State":"arriving","Size":4000,"PercentLocal":25,"Peers":2,"Users":1,"WaitingReads":3,"Failures":[]}""");
        (await AskAsync("VolumeDriver.List", null))["Volumes"]!.AsArray().ShouldHaveSingleItem()!["Name"]!.GetValue<string>().ShouldBe("data");

        await RefusedAsync("VolumeDriver.Remove", """{"Name":"data"}""", "mounted for 1 users");
        (await AskAsync("VolumeDriver.Unmount", """{"Name":"data","ID":"b87d7442095999a92b65b3d9691e697b"}""")).ToJsonString().ShouldBe("""{"Err":""}""");
        (await AskAsync("VolumeDriver.Remove", """{"Name":"data"}""")).ToJsonString().ShouldBe("""{"Err":""}""");
        (await AskAsync("VolumeDriver.List", "{}"))["Volumes"]!.AsArray().ShouldBeEmpty();
    }

    [Theory]
    [InlineData("VolumeDriver.Create", """{"Name":"x","Opts":{"sorce":"y"}}""", "'sorce' is no option")]
    [InlineData("VolumeDriver.Create", """{"Name":"x"}""", "source is missing")]
    [InlineData("VolumeDriver.Create", """{"Name":"x","Opts":null}""", "source is missing")]
    [InlineData("VolumeDriver.Create", """{"Name":"../../etc","Opts":{"source":"magnet:?xt=urn:btih:0123456789012345678901234567890123456789"}}""", "A volume's name has")]
    [InlineData("VolumeDriver.Mount", """{"Name":"none","ID":"1"}""", "There is no volume 'none'")]
    [InlineData("VolumeDriver.Mount", """{"Name":"none"}""", "no ID")]
    [InlineData("VolumeDriver.Get", """{"Name":"none"}""", "There is no volume 'none'")]
    [InlineData("VolumeDriver.Path", """{"Name":"none"}""", "There is no volume 'none'")]
    [InlineData("VolumeDriver.Unmount", """{"Name":"none","ID":"1"}""", "There is no volume 'none'")]
    [InlineData("VolumeDriver.Remove", """{"Name":"none"}""", "There is no volume 'none'")]
    [InlineData("VolumeDriver.Get", """{"Name":5}""", "JSON")]
    [InlineData("VolumeDriver.Get", "[[[[", "")]
    [InlineData("VolumeDriver.Get", "null", "A volume's name has")]
    public async Task What_cannot_be_is_an_error_in_words(string verb, string body, string says) => await RefusedAsync(verb, body, says);

    [Fact]
    public async Task Endless_requests_are_cut_off()
    {
        try
        {
            await RefusedAsync("VolumeDriver.Create", $$"""{"Name":"{{new string('x', 2 << 20)}}"}""", "more than");
        }
        catch (HttpRequestException shut) when (shut.InnerException is IOException)
        {
            // The door was shut before all was said, which a busy machine hears before the answer.
        }
    }

    [Fact]
    public async Task A_mount_that_is_for_a_folder_is_none_of_the_engines_business()
    {
        await _shelf.CreateAsync("folder", new Dictionary<string, string> { ["source"] = Magnet }, "/mnt/x", Token);
        (await AskAsync("VolumeDriver.List", "{}"))["Volumes"]!.AsArray().ShouldBeEmpty();
    }

    private async Task RefusedAsync(string verb, string body, string says)
    {
        using var answer = await PostAsync(verb, body);
        answer.StatusCode.ShouldBe(HttpStatusCode.InternalServerError);
        var error = (string)JsonNode.Parse(await answer.Content.ReadAsStringAsync(Token))!["Err"]!;
        error.ShouldNotBeEmpty();
        error.ShouldContain(says);
    }

    private async Task<JsonNode> AskAsync(string verb, string? body)
    {
        using var answer = await PostAsync(verb, body);
        var text = await answer.Content.ReadAsStringAsync(Token);
        answer.StatusCode.ShouldBe(HttpStatusCode.OK, text);
        answer.Content.Headers.ContentType!.MediaType.ShouldBe("application/vnd.docker.plugins.v1.2+json");
        return JsonNode.Parse(text)!;
    }

    // dockerd sends this content type, and some verbs without a body.
    private Task<HttpResponseMessage> PostAsync(string verb, string? body) => _engine.PostAsync(
        new Uri("/" + verb, UriKind.Relative),
        body is null ? null : new StringContent(body, Encoding.UTF8, "application/vnd.docker.plugins.v1.1+json"),
        Token);
}
