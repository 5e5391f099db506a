using System.Net;
using System.Security.Cryptography;
using Pier.Membership;
using Pier.Membership.Identity;
using Pier.Membership.Joining;
using Pier.Membership.Members;
using Pier.TestKit.Files;

namespace Pier.UnitTests.Membership;

/// <summary>Real nodes over TLS on loopback: joining, liveness, restarts.</summary>
public class JoiningTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_node_joins_with_the_token_and_both_know_each_other()
    {
        await using var folder = TempFolder.Create();
        await using var founder = await TestNode.StartAsync(folder.Below("founder"), Token);
        await using var joiner = await TestNode.StartAsync(folder.Below("joiner"), Token);
        founder.Membership.Current.IsJoined.ShouldBeFalse();
        founder.Cluster.NodePort.ShouldBeNull();

        var token = await founder.Cluster.InitAsync(Token);
        await joiner.Cluster.JoinAsync(founder.Target(token), Token);

        joiner.Membership.Current.Founder.ShouldBe(founder.Identity.Id);
        joiner.Membership.SwarmKey.ToArray().ShouldBe(founder.Membership.SwarmKey.ToArray());
        joiner.Know(founder).Endpoint.ShouldBe(founder.Cluster.NodePort);
        founder.Know(joiner).Endpoint.ShouldBe(joiner.Cluster.NodePort);
        founder.Know(joiner).PeerEndpoint.ShouldBe(new IPEndPoint(IPAddress.Loopback, 5056));
        founder.Know(joiner).Name.ShouldBe("joiner");
        joiner.Know(founder).IsLive.ShouldBeTrue();
    }

    [Fact]
    public async Task Three_nodes_know_each_other_whomever_they_joined()
    {
        await using var folder = TempFolder.Create();
        await using var first = await TestNode.StartAsync(folder.Below("first"), Token);
        await using var second = await TestNode.StartAsync(folder.Below("second"), Token);
        await using var third = await TestNode.StartAsync(folder.Below("third"), Token);
        await first.Cluster.InitAsync(Token);
        await second.Cluster.JoinAsync(first.Target(), Token);
        await third.Cluster.JoinAsync(second.Target(), Token);

        await first.SeesAsync(third, Liveness.Live, Token);
        await third.SeesAsync(first, Liveness.Live, Token);
        third.Membership.Current.Founder.ShouldBe(first.Identity.Id);
    }

    [Fact]
    public async Task A_wrong_secret_is_refused()
    {
        await using var folder = TempFolder.Create();
        await using var founder = await TestNode.StartAsync(folder.Below("founder"), Token);
        await using var stranger = await TestNode.StartAsync(folder.Below("stranger"), Token);
        await founder.Cluster.InitAsync(Token);
        var forged = new JoinToken(RandomNumberGenerator.GetBytes(JoinToken.SecretSize), founder.Identity.Id);

        var refusal = await Should.ThrowAsync<ClusterException>(stranger.Cluster.JoinAsync(founder.Target(forged), Token));

        refusal.Failure.ShouldBe(ClusterFailure.Refused);
        founder.Membership.Current.Others.ShouldBeEmpty();
        stranger.Cluster.NodePort.ShouldBeNull();
        stranger.Membership.Current.IsJoined.ShouldBeFalse();
    }

    [Fact]
    public async Task A_node_with_another_key_than_the_token_names_gets_no_proof()
    {
        await using var folder = TempFolder.Create();
        await using var impostor = await TestNode.StartAsync(folder.Below("impostor"), Token);
        await using var joiner = await TestNode.StartAsync(folder.Below("joiner"), Token);
        await impostor.Cluster.InitAsync(Token);
        using var expected = NodeIdentity.CreateEphemeral();
        var token = new JoinToken(impostor.Cluster.CreateToken().Secret.Span, expected.Id);

        var refusal = await Should.ThrowAsync<ClusterException>(joiner.Cluster.JoinAsync(impostor.Target(token), Token));

        refusal.Failure.ShouldBe(ClusterFailure.WrongNode);
        impostor.Membership.Current.Others.ShouldBeEmpty();
    }

    [Fact]
    public async Task Nobody_at_the_address_is_told_as_such_and_tried_again_at_start()
    {
        await using var folder = TempFolder.Create();
        await using var founder = await TestNode.StartAsync(folder.Below("founder"), Token);
        await founder.Cluster.InitAsync(Token);
        var target = founder.Target();
        await founder.StopAsync(Token);

        await using var joiner = await TestNode.StartAsync(folder.Below("joiner"), Token, options => options with { Join = target });
        joiner.Logs.Has(7010).ShouldBeTrue();
        joiner.Membership.Current.IsJoined.ShouldBeFalse();
        var failure = await Should.ThrowAsync<ClusterException>(joiner.Cluster.JoinAsync(target, Token));
        failure.Failure.ShouldBe(ClusterFailure.Unreachable);

        await using var again = await TestNode.StartAsync(
            folder.Below("founder"), Token, options => options with { Listen = new IPEndPoint(IPAddress.Loopback, target.Port) });
        await again.SeesAsync(joiner, Liveness.Live, Token);
    }

    [Fact]
    public async Task A_silent_member_counts_as_dead_and_a_leaving_one_as_gone()
    {
        await using var folder = TempFolder.Create();
        await using var founder = await TestNode.StartAsync(folder.Below("founder"), Token, options => options with { DeadAfter = TestNode.Soon });
        await founder.Cluster.InitAsync(Token);
        await using var leaver = await TestNode.StartAsync(folder.Below("leaver"), Token, options => options with { Join = founder.Target() });
        var killed = await TestNode.StartAsync(folder.Below("killed"), Token, options => options with { Join = founder.Target() });
        await leaver.SeesAsync(killed, Liveness.Live, Token);

        await leaver.StopAsync(Token);
        await founder.SeesAsync(leaver, Liveness.Left, Token);
        await killed.DisposeAsync();
        await founder.SeesAsync(killed, Liveness.Dead, Token);
        founder.Logs.Has(7008).ShouldBeTrue();
    }

    [Fact]
    public async Task A_restarted_member_is_back_by_itself_without_the_token()
    {
        await using var folder = TempFolder.Create();
        await using var founder = await TestNode.StartAsync(folder.Below("founder"), Token);
        await founder.Cluster.InitAsync(Token);
        var first = await TestNode.StartAsync(folder.Below("member"), Token, options => options with { Join = founder.Target() });
        await first.StopAsync(Token);
        await founder.SeesAsync(first, Liveness.Left, Token);
        var id = first.Identity.Id;
        await first.DisposeAsync();

        await using var second = await TestNode.StartAsync(folder.Below("member"), Token);

        second.Identity.Id.ShouldBe(id);
        await founder.SeesAsync(second, Liveness.Live, Token);
        await second.SeesAsync(founder, Liveness.Live, Token);
        founder.Know(second).Endpoint.ShouldBe(second.Cluster.NodePort);
    }

    [Fact]
    public async Task Members_find_each_other_when_the_joined_node_is_gone_and_one_restarts()
    {
        await using var folder = TempFolder.Create();
        var founder = await TestNode.StartAsync(folder.Below("founder"), Token);
        await founder.Cluster.InitAsync(Token);
        await using var stays = await TestNode.StartAsync(folder.Below("stays"), Token, options => options with { Join = founder.Target() });
        var restarts = await TestNode.StartAsync(folder.Below("restarts"), Token, options => options with { Join = founder.Target() });
        await stays.SeesAsync(restarts, Liveness.Live, Token);
        await restarts.SeesAsync(stays, Liveness.Live, Token);
        await founder.DisposeAsync();
        await restarts.StopAsync(Token);
        await restarts.DisposeAsync();

        await using var back = await TestNode.StartAsync(folder.Below("restarts"), Token);

        await back.SeesAsync(stays, Liveness.Live, Token);
        await stays.SeesAsync(back, Liveness.Live, Token);
    }

    [Fact]
    public async Task A_member_whose_list_is_lost_is_taken_back_by_the_secret()
    {
        await using var folder = TempFolder.Create();
        var founder = await TestNode.StartAsync(folder.Below("founder"), Token);
        await founder.Cluster.InitAsync(Token);
        var port = founder.Cluster.NodePort!;
        await using var member = await TestNode.StartAsync(folder.Below("member"), Token, options => options with { Join = founder.Target() });
        await founder.DisposeAsync();
        await File.WriteAllTextAsync(folder.Below("founder", "cluster", "members.json"), "{ torn", Token);

        await using var back = await TestNode.StartAsync(folder.Below("founder"), Token, options => options with { Listen = port });

        back.Logs.Has(7012).ShouldBeTrue();
        await back.SeesAsync(member, Liveness.Live, Token);
    }

    [Fact]
    public async Task Founding_twice_joining_another_and_joining_oneself_are_refused()
    {
        await using var folder = TempFolder.Create();
        await using var one = await TestNode.StartAsync(folder.Below("one"), Token);
        await using var two = await TestNode.StartAsync(folder.Below("two"), Token);
        Should.Throw<ClusterException>(one.Cluster.CreateToken).Failure.ShouldBe(ClusterFailure.NotMember);
        await one.Cluster.InitAsync(Token);
        await two.Cluster.InitAsync(Token);

        (await Should.ThrowAsync<ClusterException>(one.Cluster.InitAsync(Token))).Failure.ShouldBe(ClusterFailure.AlreadyMember);
        (await Should.ThrowAsync<ClusterException>(one.Cluster.JoinAsync(two.Target(), Token))).Failure.ShouldBe(ClusterFailure.AlreadyMember);
        await one.Cluster.JoinAsync(one.Target(), Token);
    }

    [Fact]
    public async Task A_taken_port_is_told_with_its_number()
    {
        await using var folder = TempFolder.Create();
        await using var one = await TestNode.StartAsync(folder.Below("one"), Token);
        await one.Cluster.InitAsync(Token);
        await using var two = await TestNode.StartAsync(folder.Below("two"), Token, options => options with { Listen = one.Cluster.NodePort! });

        var failure = await Should.ThrowAsync<ClusterException>(two.Cluster.InitAsync(Token));

        failure.Failure.ShouldBe(ClusterFailure.PortTaken);
        failure.Message.ShouldContain($"{one.Cluster.NodePort}");
        File.Exists(folder.Below("two", "cluster", "cluster.json")).ShouldBeFalse();
    }
}
