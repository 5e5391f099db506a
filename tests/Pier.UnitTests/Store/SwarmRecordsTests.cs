using Pier.Content;
using Pier.Store.Swarms;
using Pier.TestKit.Files;
using Pier.TestKit.Logging;

namespace Pier.UnitTests.Store;

public sealed class SwarmRecordsTests : IAsyncDisposable
{
    private static readonly string V1 = new('a', 40);
    private static readonly string V2 = new string('b', 40) + new string('c', 24);
    private static readonly SwarmRecord Record = new(Digest.Compute("blob"u8), 4, V1, V2);
    private static readonly byte[] Metainfo = "d4:infode"u8.ToArray();

    private readonly TempFolder _folder = TempFolder.Create("swarms");
    private readonly CollectedLogs _logs = new();

    public async ValueTask DisposeAsync()
    {
        await _folder.DisposeAsync();
        _logs.Dispose();
    }

    [Fact]
    public void A_record_is_found_by_each_of_its_names_also_after_a_restart()
    {
        Open().Put(Record, Metainfo);

        var records = Open();
        records.Find(Record.Digest).ShouldBe(Record);
        records.FindByInfoHash(V1).ShouldBe(Record);
        records.FindByInfoHash(V2).ShouldBe(Record);
        records.FindByInfoHash(V2[..40]).ShouldBe(Record);
        records.FindByInfoHash(V2[24..]).ShouldBeNull();
        records.ReadMetainfo(Record.Digest).ShouldBe(Metainfo);
        records.All.ShouldBe([Record]);
    }

    [Fact]
    public void The_document_is_frozen()
    {
        Open().Put(Record, Metainfo);

        File.ReadAllText(_folder.Below(Record.Digest.Hex + ".json"))
            .ShouldBe($$"""{"version":1,"digest":"{{Record.Digest}}","size":4,"v1":"{{V1}}","v2":"{{V2}}"}""");
        File.ReadAllBytes(_folder.Below(Record.Digest.Hex + ".torrent")).ShouldBe(Metainfo);
    }

    [Fact]
    public void A_removed_record_is_gone_from_memory_and_disk()
    {
        var records = Open();
        records.Put(Record, Metainfo);

        records.Remove(Record.Digest).ShouldBeTrue();
        records.Remove(Record.Digest).ShouldBeFalse();

        records.FindByInfoHash(V1).ShouldBeNull();
        records.ReadMetainfo(Record.Digest).ShouldBeNull();
        Directory.GetFiles(_folder.Path).ShouldBeEmpty();
    }

    [Fact]
    public void Half_a_record_and_damaged_ones_are_ignored_and_reported()
    {
        Open().Put(Record, Metainfo);
        File.Delete(_folder.Below(Record.Digest.Hex + ".torrent"));
        File.WriteAllText(_folder.Below("torn.json"), "{\"version\":1,");
        File.WriteAllText(_folder.Below("null.json"), "null");

        Open().All.ShouldBeEmpty();

        _logs.Entries.Count(entry => entry.Event.Id == 3007).ShouldBe(3);
    }

    [Fact]
    public void What_is_no_swarm_record_is_refused()
    {
        var records = Open();
        foreach (var wrong in new[] { Record with { V1 = "x" }, Record with { V2 = V1 }, Record with { Size = 0 }, Record with { Digest = default } })
        {
            Should.Throw<ArgumentException>(() => records.Put(wrong, Metainfo));
        }
    }

    private SwarmRecords Open() => new(_folder.Path, _logs.CreateLogger<SwarmRecords>());
}
