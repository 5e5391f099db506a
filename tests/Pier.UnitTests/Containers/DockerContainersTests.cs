using System.Text;
using System.Text.Json;
using Pier.Engines;
using Pier.Engines.Containers;
using Pier.TestKit;
using Pier.TestKit.Files;

namespace Pier.UnitTests.Containers;

/// <summary>What the Engine API says of containers, and what an engine says that is none.</summary>
public sealed class DockerContainersTests : IAsyncLifetime
{
    private static readonly Dictionary<string, string> Labels = new(StringComparer.Ordinal) { ["org.pier.data"] = "1" };

    private static readonly KeptLabels All = new(_ => true, MaxLength: 1000, Most: 10);

    private readonly TempFolder _folder = TempFolder.Create("engine");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _folder.DisposeAsync();

    [Fact]
    public async Task Running_containers_and_their_events_are_told()
    {
        await using var engine = await FakeEngine.StartAsync(_folder.Below("d.sock"), Cancel);
        engine.Start(1, Labels);
        using var containers = new DockerContainers(engine.Socket, "org.pier.data", All, TimeProvider.System);

        (await containers.ListAsync(Cancel)).ShouldBe([FakeEngine.Id(1)]);
        var found = (await containers.FindAsync(FakeEngine.Id(1), Cancel)).ShouldNotBeNull();
        (found.Name, found.ProcessId, found.Labels["org.pier.data"]).ShouldBe(("c1", 4_000_001, "1"));
        (await containers.FindAsync(FakeEngine.Id(9), Cancel)).ShouldBeNull();
        await using var events = containers.WatchAsync(Cancel).GetAsyncEnumerator(Cancel);
        (await events.MoveNextAsync()).ShouldBeTrue();
        events.Current.ShouldBeNull();
        await Eventually.TrueAsync(() => engine.Watchers == 1, "the stream is open", Eventually.Patience, Cancel);
        engine.Filters.ShouldBe("""{"label":["org.pier.data"],"type":["container"],"event":["start","die"]}""");
        engine.Send("""{"Type":"image","Action":"pull","Actor":{"ID":"x"}}""");
        engine.Send("");
        engine.Stop(1);
        (await events.MoveNextAsync()).ShouldBeTrue();
        events.Current.ShouldBe(new ContainerEvent(FakeEngine.Id(1), HasEnded: true));
        engine.Send("{");
        (await Should.ThrowAsync<EngineException>(async () => await events.MoveNextAsync())).Message.ShouldContain("not what it should be");
    }

    [Fact]
    public async Task No_engine_is_an_answer_too()
    {
        using var containers = new DockerContainers(_folder.Below("nosuch.sock"), "x", All, TimeProvider.System);

        await Should.ThrowAsync<EngineException>(() => containers.ListAsync(Cancel));
        await Should.ThrowAsync<EngineException>(async () =>
        {
            await foreach (var _ in containers.WatchAsync(Cancel))
            {
            }
        });
    }

    [Fact]
    public async Task Lines_are_cut_however_they_arrive_and_none_is_longer_than_allowed()
    {
        var text = string.Concat(Enumerable.Range(0, 300).Select(number => $"{{\"n\":{number},\"x\":\"{new string('x', number * 97 % 20_000)}\"}}\n\n"));
        var lines = new JsonLines(new DripStream(Encoding.UTF8.GetBytes(text)), longest: 64 << 10);
        for (var number = 0; number < 300; number++)
        {
            using var document = JsonDocument.Parse((await lines.ReadAsync(Cancel)).ShouldNotBeNull());
            document.RootElement.GetProperty("n").GetInt32().ShouldBe(number);
        }

        (await lines.ReadAsync(Cancel)).ShouldBeNull();
        var endless = new JsonLines(new DripStream(new byte[100_000]), longest: 64 << 10);
        (await Should.ThrowAsync<IOException>(async () => await endless.ReadAsync(Cancel))).Message.ShouldContain("65536");
    }

    [Theory]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("""{"Id":"x"}""")]
    [InlineData("""{"Id":"I","State":{"Running":false,"Pid":5}}""")]
    [InlineData("""{"Id":"I","State":{"Running":true,"Restarting":true,"Pid":5}}""")]
    [InlineData("""{"Id":"I","State":{"Running":true,"Pid":0}}""")]
    [InlineData("""{"Id":"I","State":{"Running":true,"Pid":"5"}}""")]
    [InlineData("""{"Id":"I","State":{"Running":true,"Pid":99999999999}}""")]
    [InlineData("""{"Id":"I","State":[]}""")]
    public void What_does_not_run_is_no_running_container(string answer)
    {
        using var document = JsonDocument.Parse(answer.Replace("\"I\"", $"\"{FakeEngine.Id(1)}\"", StringComparison.Ordinal));
        ContainerJson.ReadRunning(document.RootElement, All).ShouldBeNull();
        ContainerJson.ReadEvent(document.RootElement).ShouldBeNull();
        ContainerJson.ReadIds(document.RootElement, 10).ShouldBeEmpty();
    }

    [Fact]
    public void A_container_may_say_little_of_itself()
    {
        using var document = JsonDocument.Parse($$$"""{"Id":"{{{FakeEngine.Id(1)}}}","State":{"Running":true,"Pid":5},"Config":{"Labels":{"a":"b","c":7} } }""");

        var container = ContainerJson.ReadRunning(document.RootElement, All).ShouldNotBeNull();

        container.Name.ShouldBe("000000000000");
        container.Labels.ShouldHaveSingleItem().ShouldBe(KeyValuePair.Create("a", "b"));
        container.IsSameRun(container with { Name = "other" }).ShouldBeTrue();
        container.IsSameRun(container with { StartedAt = "later" }).ShouldBeFalse();
        container.IsSameRun(null).ShouldBeFalse();
    }

    [Fact]
    public void Only_labels_that_somebody_reads_are_kept_and_no_more_of_them_than_that()
    {
        var labels = string.Join(',', Enumerable.Range(0, 100).Select(number => $"\"x{number % 2}{number}\":\"{new string('v', number)}\""));
        using var document = JsonDocument.Parse($$$"""{"Id":"{{{FakeEngine.Id(1)}}}","State":{"Running":true,"Pid":5},"Config":{"Labels":{{{{labels}}}} } }""");

        var container = ContainerJson.ReadRunning(document.RootElement, new KeptLabels(name => name[1] == '1', MaxLength: 4, Most: 3)).ShouldNotBeNull();

        container.Labels.OrderBy(label => label.Key, StringComparer.Ordinal).Select(label => (label.Key, label.Value)).ShouldBe([("x11", "v"), ("x13", "vvv"), ("x15", "vvvvv")]);
        ContainerJson.ReadRunning(document.RootElement, new KeptLabels(_ => true, MaxLength: 4, Most: 100))!.Labels.Values.ShouldAllBe(value => value.Length <= 5);
    }

    /// <summary>Gives few bytes at a time.</summary>
    private sealed class DripStream(byte[] bytes) : MemoryStream(bytes)
    {
        private int _turn;

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            base.ReadAsync(buffer[..Math.Min(buffer.Length, 1 + (_turn++ * 31 % 5000))], cancellationToken);
    }
}
