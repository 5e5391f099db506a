using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Pier.Content;
using Pier.Membership.Client;
using Pier.Membership.Identity;
using Pier.Membership.Members;
using Pier.Membership.NodePort;
using Pier.Membership.Wire;

namespace Pier.UnitTests.Membership;

/// <summary>Structure-aware mutations of every JSON document of the node port: the one documented exception, or a checked value.</summary>
public class WireFuzzTests
{
    private static readonly NodeId Node = NodeId.OfPublicKey("key"u8);
    private static readonly MemberRecord Record = new(Node, "node", IPAddress.Parse("10.0.0.1"), 5059, 5056, 1);

    private static readonly string[] Values =
    [
        "null", "0", "-1", "1e400", "65536", "9223372036854775807", "9223372036854775808", "\"\"", "\"\\u0000\"", "[]", "{}", "true",
        "\"2026-01-01T00:00:00Z\"", "\"" + new string('a', 3000) + "\"", "[[[[[[[[[[1]]]]]]]]]]",
    ];

    [Fact]
    public void Greetings() => Fuzz(
        new Greeting { Founder = $"{Node}", Self = MemberDocument.Of(Record), Members = [MemberDocument.Of(Record, TimeSpan.FromSeconds(1))] },
        NodeJson.Default.Greeting,
        greeting =>
        {
            greeting.ParseFounder().IsEmpty.ShouldBeFalse();
            greeting.ParseSelf(Node).NodePort.ShouldBeInRange(1, 65535);
            greeting.ParseMembers().ShouldAllBe(entry => entry.Record.Name.Length > 0 && entry.Record.Name.Length <= 64 && entry.Silence >= TimeSpan.Zero);
        });

    [Fact]
    public void Holdings() => Fuzz(
        HoldingDocument.Of(new NodeHolding(HoldingState.Arriving, 100, new string('a', 40), new string('b', 64), 50)),
        NodeJson.Default.HoldingDocument,
        document => document.ToHolding().Readable.ShouldBeInRange(0, document.Size));

    [Fact]
    public void Tags() => Fuzz(
        TagDocument.Of(new TagRecord(Digest.Compute([1]), "application/json", DateTimeOffset.UnixEpoch)),
        NodeJson.Default.TagDocument,
        document => document.ToRecord().MediaType.ShouldNotContain('\n'));

    [Fact]
    public void Turn_answers() => Fuzz(
        new TurnAnswerDocument { Granted = false, LeaseMs = 10, Follow = MemberDocument.Of(Record), Done = true },
        NodeJson.Default.TurnAnswerDocument,
        document => document.Follow?.ToEntry().Record.Id.IsEmpty.ShouldBeFalse());

    [Fact]
    public void Join_requests() => Fuzz(
        new JoinRequestDocument { Challenge = [1, 2], Proof = [3], Self = MemberDocument.Of(Record) },
        NodeJson.Default.JoinRequestDocument,
        document => document.Self.ToEntry().Record.Id.IsEmpty.ShouldBeFalse());

    private static void Fuzz<T>(T seed, JsonTypeInfo<T> type, Action<T> check)
        where T : class
    {
        var text = JsonSerializer.Serialize(seed, type);
        check(JsonSerializer.Deserialize(text, type)!);
        var random = new Random(42);
        for (var round = 0; round < 4000; round++)
        {
            var mutated = Encoding.UTF8.GetBytes(Mutate(text, random));
            if (random.Next(4) == 0 && mutated.Length > 0)
            {
                mutated[random.Next(mutated.Length)] = (byte)random.Next(256);
            }

            try
            {
                if (JsonSerializer.Deserialize(mutated, type) is { } document)
                {
                    check(document);
                }
            }
            catch (JsonException)
            {
                // The documented refusal.
            }
        }
    }

    /// <summary>Replaces, doubles, drops or cuts a value between two structural characters.</summary>
    private static string Mutate(string text, Random random)
    {
        var marks = Enumerable.Range(0, text.Length).Where(i => ":,{}[]".Contains(text[i])).ToArray();
        var from = marks[random.Next(marks.Length)];
        var to = marks.FirstOrDefault(mark => mark > from, text.Length);
        return random.Next(5) switch
        {
            0 => text[..from],
            1 => text[..from] + text[to..],
            2 => text[..to] + text[from..],
            _ => text[..Math.Min(from + 1, to)] + Values[random.Next(Values.Length)] + text[to..],
        };
    }
}
