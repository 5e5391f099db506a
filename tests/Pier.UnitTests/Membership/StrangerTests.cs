using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text;
using System.Text.Json;
using Pier.Content;
using Pier.Membership.Client;
using Pier.Membership.Identity;
using Pier.Membership.Joining;
using Pier.Membership.Members;
using Pier.Membership.Wire;
using Pier.TestKit;

namespace Pier.UnitTests.Membership;

/// <summary>Attacks on the node port; each test asserts that the attack fails.</summary>
public class StrangerTests
{
    private static readonly TimeSpan Patience = Eventually.Patience;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("GET", NodeRoutes.Holdings + "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")]
    [InlineData("GET", NodeRoutes.Blobs + "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")]
    [InlineData("GET", NodeRoutes.Manifests + "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")]
    [InlineData("GET", NodeRoutes.Tags + "?registry=docker.io&path=library/busybox&tag=latest")]
    [InlineData("POST", NodeRoutes.Heartbeat)]
    [InlineData("POST", NodeRoutes.Goodbye)]
    [InlineData("POST", NodeRoutes.TurnAsk)]
    [InlineData("POST", NodeRoutes.TurnRenew)]
    [InlineData("POST", NodeRoutes.TurnRelease)]
    [InlineData("POST", NodeRoutes.Join + "/../heartbeat")]
    [InlineData("GET", "/nothing")]
    public async Task A_stranger_with_a_certificate_of_its_own_gets_nothing(string method, string path)
    {
        await using var pair = await ClusterPair.StartAsync(Token);
        using var stranger = NodeIdentity.CreateEphemeral();
        using var http = PinnedConnection.To(pair.Founder.Identity.Id, stranger);

        var refusal = await Should.ThrowAsync<MemberException>(CallAsync(pair.Founder, http, new HttpMethod(method), path, "{}"));

        refusal.Failure.ShouldBe(MemberFailure.Refused);
        pair.Founder.Logs.Has(7001).ShouldBeTrue();
    }

    [Fact]
    public async Task Without_a_certificate_or_below_TLS_1_3_no_request_gets_through()
    {
        await using var pair = await ClusterPair.StartAsync(Token);
        foreach (var protocol in new[] { SslProtocols.Tls13, SslProtocols.Tls12 })
        {
            using var socket = new TcpClient();
            await socket.ConnectAsync(pair.Founder.Cluster.NodePort!, Token);
            await using var tls = new SslStream(socket.GetStream());
            var outcome = await Record.ExceptionAsync(async () =>
            {
                await tls.AuthenticateAsClientAsync(
                    new SslClientAuthenticationOptions { TargetHost = "pier", EnabledSslProtocols = protocol, RemoteCertificateValidationCallback = (_, shown, _, _) => shown is not null }, Token);
                await tls.WriteAsync(Encoding.ASCII.GetBytes($"POST {NodeRoutes.JoinChallenge} HTTP/1.1\r\nHost: pier\r\nContent-Length: 0\r\n\r\n"), Token);
                if (await tls.ReadAsync(new byte[1], Token) == 0)
                {
                    throw new IOException("The server hung up.");
                }
            });
            (outcome is IOException or AuthenticationException).ShouldBeTrue($"{protocol}: {outcome}");
        }
    }

    [Fact]
    public async Task A_proof_seen_once_is_worth_nothing_again_or_from_another_key()
    {
        await using var pair = await ClusterPair.StartAsync(Token);
        var secret = pair.Founder.Cluster.CreateToken().Secret;
        using var honest = NodeIdentity.CreateEphemeral();
        using var thief = NodeIdentity.CreateEphemeral();
        using var http = PinnedConnection.To(pair.Founder.Identity.Id, honest);
        var challenge = JsonSerializer.Deserialize(
            (await CallAsync(pair.Founder, http, HttpMethod.Post, NodeRoutes.JoinChallenge, "")).Span, NodeJson.Default.JoinChallengeDocument)!.Challenge;
        var proof = JoinProof.Compute(secret.Span, pair.Founder.Identity.Id, honest.Id, challenge);

        using var stolen = PinnedConnection.To(pair.Founder.Identity.Id, thief);
        (await Should.ThrowAsync<MemberException>(JoinAsync(pair.Founder, stolen, thief.Id, challenge, proof))).Failure.ShouldBe(MemberFailure.Refused);
        (await Should.ThrowAsync<MemberException>(JoinAsync(pair.Founder, http, thief.Id, challenge, proof))).Failure.ShouldBe(MemberFailure.Refused);
        await JoinAsync(pair.Founder, http, honest.Id, challenge, proof);
        (await Should.ThrowAsync<MemberException>(JoinAsync(pair.Founder, http, honest.Id, challenge, proof))).Failure.ShouldBe(MemberFailure.Refused);
        pair.Founder.Membership.Current.Find(thief.Id).ShouldBeNull();
    }

    [Fact]
    public async Task A_member_cannot_speak_in_the_name_of_another()
    {
        await using var pair = await ClusterPair.StartAsync(Token);
        using var http = PinnedConnection.To(pair.Founder.Identity.Id, pair.Member.Identity);
        using var other = NodeIdentity.CreateEphemeral();
        var lie = JsonSerializer.Serialize(
            new Greeting { Founder = other.Id.ToString(), Self = Describe(other.Id), Members = [] }, NodeJson.Default.Greeting);

        var refusal = await Should.ThrowAsync<MemberException>(CallAsync(pair.Founder, http, HttpMethod.Post, NodeRoutes.Heartbeat, lie));

        refusal.Failure.ShouldBe(MemberFailure.Malformed);
        pair.Founder.Membership.Current.Find(other.Id).ShouldBeNull();
    }

    [Fact]
    public async Task Oversized_deep_and_malformed_bodies_are_refused_and_the_node_lives()
    {
        await using var pair = await ClusterPair.StartAsync(Token);
        using var http = PinnedConnection.To(pair.Founder.Identity.Id, pair.Member.Identity);
        var deep = new string('[', 5000);
        foreach (var body in new[] { "", "null", "[]", deep, "{\"digest\":5}", "{\"digest\":\"sha256:..\"}", new string(' ', NodeRoutes.MaxJsonBytes + 1) })
        {
            (await Should.ThrowAsync<MemberException>(CallAsync(pair.Founder, http, HttpMethod.Post, NodeRoutes.TurnAsk, body)))
                .Failure.ShouldBe(MemberFailure.Malformed);
        }

        (await pair.Member.Turns.AskAsync(new(Digest.Compute([1])), null, Token)).ShouldNotBeNull();
    }

    [Fact]
    public void Without_a_cluster_the_empty_secret_opens_nothing()
    {
        using var self = NodeIdentity.CreateEphemeral();
        using var joiner = NodeIdentity.CreateEphemeral();
        var challenges = new JoinChallenges(self.Id, TimeProvider.System);
        var challenge = challenges.Issue(joiner.Id);

        challenges.Accept([], joiner.Id, challenge, JoinProof.Compute([], self.Id, joiner.Id, challenge)).ShouldBeFalse();
    }

    [Fact]
    public void A_challenge_grows_old_and_cannot_be_made_by_the_joiner()
    {
        var clock = new Pier.TestKit.Time.ManualTimeProvider();
        using var self = NodeIdentity.CreateEphemeral();
        using var joiner = NodeIdentity.CreateEphemeral();
        var secret = new byte[JoinToken.SecretSize];
        var challenges = new JoinChallenges(self.Id, clock);
        var old = challenges.Issue(joiner.Id);
        clock.Advance(TimeSpan.FromSeconds(30));
        challenges.Accept(secret, joiner.Id, old, JoinProof.Compute(secret, self.Id, joiner.Id, old)).ShouldBeFalse();

        var own = challenges.Issue(joiner.Id);
        own[^1] ^= 1;
        challenges.Accept(secret, joiner.Id, own, JoinProof.Compute(secret, self.Id, joiner.Id, own)).ShouldBeFalse();
        own[^1] ^= 1;
        challenges.Accept(secret, joiner.Id, own, JoinProof.Compute(secret, self.Id, joiner.Id, own)).ShouldBeTrue();
    }

    private static MemberDocument Describe(NodeId id) => MemberDocument.Of(new MemberRecord(id, "other", IPAddress.Any, 5059, null, 1));

    private static async Task JoinAsync(TestNode node, HttpMessageInvoker http, NodeId joiner, byte[] challenge, byte[] proof)
    {
        var request = new JoinRequestDocument { Challenge = challenge, Proof = proof, Self = Describe(joiner) };
        await CallAsync(node, http, HttpMethod.Post, NodeRoutes.Join, JsonSerializer.Serialize(request, NodeJson.Default.JoinRequestDocument));
    }

    private static async Task<ReadOnlyMemory<byte>> CallAsync(TestNode node, HttpMessageInvoker http, HttpMethod method, string path, string body)
    {
        var target = new Member(node.Identity.Id, "target", node.Cluster.NodePort!, null, default, Liveness.Live);
        using var content = new StringContent(body);
        var answer = await new NodeCalls(TimeProvider.System).CallAsync(
            target, http, method, path, method == HttpMethod.Get ? null : content, NodeRoutes.MaxJsonBytes, Patience, Token);
        return answer?.Body ?? default;
    }
}
