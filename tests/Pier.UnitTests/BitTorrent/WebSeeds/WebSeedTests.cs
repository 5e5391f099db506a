using Microsoft.AspNetCore.Http;
using Pier.BitTorrent.Creation;
using Pier.BitTorrent.Storage;
using Pier.BitTorrent.Swarms;
using Pier.BitTorrent.Torrents;
using Pier.TestKit;
using Pier.TestKit.Files;
using Pier.UnitTests.BitTorrent.Storage;
using Pier.UnitTests.BitTorrent.Swarms;

namespace Pier.UnitTests.BitTorrent.WebSeeds;

/// <summary>Torrents from web servers, good ones and bad ones.</summary>
public sealed class WebSeedTests
{
    private static readonly byte[] Bytes = Engines.RandomBytes(3_000_001);
    private static readonly Metainfo Blob = Engines.BlobOf(Bytes);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_web_seed_alone_is_enough()
    {
        await using var engines = new Engines();
        await using var server = await ServeAsync();
        var storage = MemoryStorage.Empty(Bytes.Length);
        var swarm = await GetAsync(engines, server, storage);

        await swarm.Completion.WaitAsync(Engines.Deadline, Token);

        storage.Bytes.ShouldBe(Bytes);
        server.Asked.Count.ShouldBeLessThan(30, "blocks are asked for in runs");
    }

    [Theory]
    [InlineData(TorrentFormat.V1)]
    [InlineData(TorrentFormat.V2)]
    [InlineData(TorrentFormat.Hybrid)]
    public async Task Several_files_are_put_together(TorrentFormat format)
    {
        await using var engines = new Engines();
        await using var server = await WebServer.StartAsync(Token);
        await using var folder = TempFolder.Create();
        Directory.CreateDirectory(folder.Below("tree", "sub dir"));
        foreach (var (path, length) in new[] { ("a.bin", 700_001), ("b #1.bin", 3), ("empty", 0), ("sub dir/c%.bin", 1_000_000) })
        {
            var bytes = Engines.RandomBytes(length, seed: length);
            await File.WriteAllBytesAsync(folder.Below("tree", path), bytes, Token);
            server.Files["/files/tree/" + path] = bytes;
        }

        var options = new TorrentCreationOptions { Format = format, PieceLength = 32_768 };
        var metainfo = await TorrentBuilder.CreateAsync(folder.Below("tree"), options, progress: null, Token);
        var engine = await engines.StartAsync();
        var got = folder.Below("got");
        var spec = SwarmSpec.For(metainfo, (found, token) => FileTreeStorage.OpenAsync(found, got, new FileTreeOptions(), token)) with
        {
            WebSeeds = [server.Root + "files"],
        };

        var swarm = await engine.AddAsync(spec, Token);
        await swarm.Completion.WaitAsync(Engines.Deadline, Token);

        foreach (var (path, bytes) in server.Files)
        {
            (await File.ReadAllBytesAsync(folder.Below("got", path["/files/tree/".Length..]), Token)).ShouldBe(bytes);
        }
    }

    [Fact]
    public async Task Pieces_come_from_a_server_that_is_asked_by_info_hash()
    {
        await using var engines = new Engines();
        await using var server = await WebServer.StartAsync(Token);
        var busy = 1;
        server.Fault = async context =>
        {
            if (Interlocked.Exchange(ref busy, 0) == 1)
            {
                context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
                await context.Response.WriteAsync("1", Token);
                return true;
            }

            var range = context.Request.Query["ranges"].ToString().Split('-').Select(text => int.Parse(text, null)).ToArray();
            var offset = int.Parse(context.Request.Query["piece"].ToString(), null) * Blob.PieceLength;
            await context.Response.Body.WriteAsync(Bytes.AsMemory(offset + range[0], range[1] - range[0] + 1), Token);
            return true;
        };
        var clock = new Pier.TestKit.Time.ManualTimeProvider();
        var engine = await engines.StartAsync(time: clock);
        var storage = MemoryStorage.Empty(Bytes.Length);
        var swarm = await engine.AddAsync(SwarmSpec.For(Blob, Engines.Holding(storage)) with { HttpSeeds = [server.Root + "seed"] }, Token);

        await Eventually.TrueAsync(
            () =>
            {
                clock.Advance(TimeSpan.FromSeconds(1));
                return swarm.Completion.IsCompletedSuccessfully;
            },
            "the torrent is complete",
            Engines.Deadline,
            Token);

        storage.Bytes.ShouldBe(Bytes);
        server.Asked.First().Target.ShouldContain("?info_hash=%");
    }

    [Fact]
    public async Task A_server_with_bad_bytes_is_banned_and_a_peer_gives_the_rest()
    {
        await using var engines = new Engines();
        await using var server = await ServeAsync(Bytes.Select(value => (byte)~value).ToArray());
        var storage = MemoryStorage.Empty(Bytes.Length);
        var swarm = await GetAsync(engines, server, storage);
        await Eventually.TrueAsync(() => swarm.Statistics is { Bans: 1, Peers: [] }, "the web seed is banned", Engines.Deadline, Token);
        var seeder = await engines.StartAsync();
        await engines.SeedAsync(seeder, Blob, Bytes);
        var asked = server.Asked.Count;

        await swarm.AddPeersAsync([seeder.ListenEndPoint], Token);
        await swarm.Completion.WaitAsync(Engines.Deadline, Token);

        storage.Bytes.ShouldBe(Bytes);
        server.Asked.Count.ShouldBeLessThanOrEqualTo(asked + 1, "runs are asked for one by one: only one can have been on its way when it was banned");
    }

    [Theory]
    [InlineData("404", "HTTP 404; again in 300 s")]
    [InlineData("500", "HTTP 500; again in 10 s")]
    [InlineData("429", "again in 77 s")]
    [InlineData("cut", "again in 10 s")]
    [InlineData("length", "it answers with bytes 0-")]
    [InlineData("whole", "it ignores ranges")]
    [InlineData("gzip", "it compresses")]
    [InlineData("loop", "more than 5 redirects")]
    [InlineData("metadata", "no address where a web seed may be")]
    [InlineData("downgrade", "a redirect that leads nowhere")]
    public async Task A_server_that_misbehaves_is_left_alone(string fault, string problem)
    {
        await using var engines = new Engines();
        await using var server = await ServeAsync();
        server.Fault = context => MisbehaveAsync(context, fault, server.Root);
        var swarm = await GetAsync(engines, server, MemoryStorage.Empty(Bytes.Length));

        await Eventually.TrueAsync(
            () => engines.Logs.Entries.Any(entry => entry.Message.Contains(problem, StringComparison.Ordinal)), $"the log says '{problem}'", Engines.Deadline, Token);

        server.Asked.Count.ShouldBeLessThan(8);
        await Eventually.TrueAsync(() => swarm.Statistics.Peers is [], "the seed has gone", Engines.Deadline, Token);
    }

    [Fact]
    public async Task A_small_file_is_taken_whole_from_a_server_without_ranges()
    {
        await using var engines = new Engines();
        var bytes = Engines.RandomBytes(50_000);
        await using var server = await WebServer.StartAsync(Token);
        server.Fault = async context =>
        {
            await context.Response.Body.WriteAsync(bytes, Token);
            return true;
        };
        var storage = MemoryStorage.Empty(bytes.Length);
        var engine = await engines.StartAsync();
        var swarm = await engine.AddAsync(SwarmSpec.For(Engines.BlobOf(bytes), Engines.Holding(storage)) with { WebSeeds = [server.Root] }, Token);

        await swarm.Completion.WaitAsync(Engines.Deadline, Token);

        storage.Bytes.ShouldBe(bytes);
    }

    [Fact]
    public async Task What_the_server_lacks_of_several_files_comes_from_a_peer()
    {
        await using var engines = new Engines();
        await using var server = await WebServer.StartAsync(Token);
        await using var folder = TempFolder.Create();
        Directory.CreateDirectory(folder.Below("tree"));
        await File.WriteAllBytesAsync(folder.Below("tree", "here"), server.Files["/tree/here"] = Engines.RandomBytes(500_000), Token);
        await File.WriteAllBytesAsync(folder.Below("tree", "missing"), Engines.RandomBytes(500_000, seed: 2), Token);
        var options = new TorrentCreationOptions { Format = TorrentFormat.V1, PieceLength = 65_536 };
        var metainfo = await TorrentBuilder.CreateAsync(folder.Below("tree"), options, progress: null, Token);
        var engine = await engines.StartAsync();
        var spec = SwarmSpec.For(metainfo, (found, token) => FileTreeStorage.OpenAsync(found, folder.Below("got"), new FileTreeOptions(), token));
        var swarm = await engine.AddAsync(spec with { WebSeeds = [server.Root] }, Token);
        await Eventually.TrueAsync(() => swarm.Statistics.PiecesHave == 7, "the server gave what it has", Engines.Deadline, Token);

        var seeder = await engines.StartAsync();
        await seeder.AddAsync(
            SwarmSpec.For(metainfo, (found, token) => FileTreeStorage.OpenAsync(found, folder.Below("tree"), new FileTreeOptions { IsSealed = true }, token)), Token);
        await swarm.AddPeersAsync([seeder.ListenEndPoint], Token);

        await swarm.Completion.WaitAsync(Engines.Deadline, Token);
    }

    [Fact]
    public async Task A_nearby_server_is_not_sent_queries_of_a_torrents_choice()
    {
        await using var engines = new Engines();
        await using var server = await ServeAsync();
        var engine = await engines.StartAsync();
        await engine.AddAsync(
            SwarmSpec.For(Blob, Engines.Holding(MemoryStorage.Empty(Bytes.Length))) with { WebSeeds = [$"{server.Root}{Blob.Name}?reboot=1"] }, Token);

        await Eventually.TrueAsync(
            () => engines.Logs.Entries.Any(entry => entry.Message.Contains("it is not admitted", StringComparison.Ordinal)), "it is refused", Engines.Deadline, Token);

        server.Asked.ShouldBeEmpty();
    }

    private static async Task<bool> MisbehaveAsync(HttpContext context, string fault, string root)
    {
        var response = context.Response;
        switch (fault)
        {
            case "404" or "500" or "429":
                response.StatusCode = int.Parse(fault, null);
                response.Headers.RetryAfter = fault == "429" ? "77" : default;
                break;
            case "cut":
                response.StatusCode = StatusCodes.Status206PartialContent;
                var range = context.Request.GetTypedHeaders().Range!.Ranges.Single();
                response.Headers.ContentRange = $"bytes {range.From}-{range.To}/{Bytes.Length}";
                await response.Body.WriteAsync(Bytes.AsMemory(0, 1000), Token);
                break;
            case "length":
                await WebServer.SendAsync(context, Bytes[..^1]);
                break;
            case "whole":
                await response.Body.WriteAsync(Bytes, Token);
                break;
            case "gzip":
                response.Headers.ContentEncoding = "gzip";
                await response.Body.WriteAsync(Bytes, Token);
                break;
            default:
                response.StatusCode = StatusCodes.Status302Found;
                response.Headers.Location = fault switch { "loop" => root + "again", "metadata" => "http://169.254.169.254/secret", _ => "ftp://host/file" };
                break;
        }

        return true;
    }

    private static async Task<WebServer> ServeAsync(byte[]? bytes = null)
    {
        var server = await WebServer.StartAsync(Token);
        server.Files["/" + Blob.Name] = bytes ?? Bytes;
        return server;
    }

    private static async Task<Swarm> GetAsync(Engines engines, WebServer server, MemoryStorage storage)
    {
        var engine = await engines.StartAsync();
        return await engine.AddAsync(SwarmSpec.For(Blob, Engines.Holding(storage)) with { WebSeeds = [server.Root] }, Token);
    }
}
