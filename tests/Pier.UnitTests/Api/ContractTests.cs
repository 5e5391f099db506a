using System.Text.Json;
using Pier.Api;
using Pier.Api.Blobs;
using Pier.Api.Cluster;
using Pier.Api.Errors;
using Pier.Api.Images;
using Pier.Api.Nodes;
using Pier.Api.Progress;
using Pier.Api.Seeds;

namespace Pier.UnitTests.Api;

/// <summary>The wire form of the control contract, frozen: programs outside this repository read it.</summary>
public sealed class ContractTests
{
    private static readonly DateTimeOffset Then = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    [Fact]
    public void A_status_has_this_form() => Text(new NodeStatus(
        "abc", "0.1.0", Then, "/var/lib/pier", "10.0.0.1",
        [new ListenerStatus("registry", "127.0.0.1:5055", false)],
        new StorageStatus(2, 300, 4000),
        new TransferStatus(new SourceBytes(1, 2, 3, 4, 5), 6, 7, 8),
        [new SwarmStatus("0123", "name", "seeding", 10, 10, 1, 0, 0, 5, 0, 9)],
        [new FetchStatus("sha256:aa", "docker.io/library/a", 10, "sealed", SourceBytes.None, 0)],
        [new MemberStatus("abc", "host", "10.0.0.1:5059", true, true, Then)]), ApiJson.Default.NodeStatus)
        .ShouldBe("""
            {"nodeId":"abc","version":"0.1.0","startedAt":"2026-01-02T03:04:05+00:00","stateFolder":"/var/lib/pier","advertise":"10.0.0.1",
            "listeners":[{"role":"registry","address":"127.0.0.1:5055","beyondLoopback":false}],
            "storage":{"blobs":2,"bytes":300,"freeBytes":4000},
            "transfers":{"received":{"cache":1,"swarm":2,"members":3,"ipfs":4,"upstream":5,"peers":5,"total":15},"sentToPeers":6,"downloadRate":7,"uploadRate":8},
            "swarms":[{"infoHash":"0123","name":"name","state":"seeding","size":10,"have":10,"peers":1,"seeds":0,"downloadRate":0,"uploadRate":5,"downloaded":0,"uploaded":9}],
            "fetches":[{"digest":"sha256:aa","origin":"docker.io/library/a","size":10,"state":"sealed","sources":{"cache":0,"swarm":0,"members":0,"ipfs":0,"upstream":0,"peers":0,"total":0},"rate":0}],
            "members":[{"nodeId":"abc","name":"host","address":"10.0.0.1:5059","alive":true,"self":true,"lastSeen":"2026-01-02T03:04:05+00:00"}]}
            """.ReplaceLineEndings(""));

    [Fact]
    public void Lines_of_progress_say_their_type_first()
    {
        Line(new ProgressUpdate([new ProgressItem("sha256:aa", "layer", ProgressState.Running, 10, 5, SourceBytes.None)]))
            .ShouldStartWith("""{"type":"progress","items":[{"id":"sha256:aa","label":"layer","state":"Running","total":10,"done":5,"sources":{""");
        Line(new ProgressFailure(new ApiError(ApiErrorCodes.NotFound, "m", "h")))
            .ShouldBe("""{"type":"failed","error":{"code":"not_found","message":"m","hint":"h"}}""");
        Line(new SeedResult(new SeedSummary("01", "n", "/n", 1, 1, "magnet:"), new byte[] { 1, 2 }))
            .ShouldBe("""{"type":"seeding","seed":{"infoHash":"01","name":"n","path":"/n","size":1,"files":1,"magnet":"magnet:","superSeed":false},"torrent":"AQI="}""");
    }

    [Fact]
    public void Requests_and_small_answers_have_this_form()
    {
        Text(new PullRequest("a"), ApiJson.Default.PullRequest).ShouldBe("""{"image":"a","allPlatforms":false}""");
        Text(new PinAnswer("a", 2, true), ApiJson.Default.PinAnswer).ShouldBe("""{"name":"a","blobs":2,"pinned":true}""");
        Text(new ClusterToken("t", "h:1"), ApiJson.Default.ClusterToken).ShouldBe("""{"token":"t","joinAddress":"h:1"}""");
    }

    [Fact]
    public void A_newer_daemon_may_say_more()
    {
        var line = JsonSerializer.Deserialize("""{"new":1,"type":"failed","error":{"code":"x","message":"m","more":[]}}""", ApiJson.Default.ProgressLine);

        line.ShouldBe(new ProgressFailure(new ApiError("x", "m")));
    }

    private static string Line(ProgressLine line) => JsonSerializer.Serialize(line, ApiJson.Default.ProgressLine);

    private static string Text<T>(T value, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type) => JsonSerializer.Serialize(value, type);
}
