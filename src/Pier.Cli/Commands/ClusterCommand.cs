using System.CommandLine;
using Pier.Api;
using Pier.Api.Cluster;
using Pier.Cli.Output;
using Pier.Cli.Sessions;

namespace Pier.Cli.Commands;

/// <summary><c>pier cluster</c>: make one, let others in, see who is there.</summary>
internal static class ClusterCommand
{
    /// <summary>Builds the command with its three.</summary>
    public static Command Create() =>
        new PierCommand("cluster", "Make a cluster of nodes, let others in, see who is there",
            ("pier cluster init", "Open the node port and print how others join"),
            ("pier cluster members", "Who is there"))
        { Init(), Token(), Members() };

    /// <summary>Members as a table.</summary>
    internal static void RenderMembers(IReadOnlyList<MemberStatus> members, TextWriter writer, string indent = "")
    {
        var table = new TextTable("NODE", "NAME", "ADDRESS", "STATE");
        foreach (var member in members)
        {
            table.Row(member.NodeId[..Math.Min(12, member.NodeId.Length)], member.Name, member.Address, member.Self ? "this node" : member.Alive ? "alive" : "dead");
        }
        table.WriteTo(writer, indent);
    }

    private static PierCommand Init() =>
        new PierCommand("init", "Make a cluster of this node; opens the node port to other hosts",
            ("pier cluster init", "Listens where pierd's --node says, port 5059 of every address by default"))
        .Does(async (session, _, cancellationToken) =>
        {
            var token = await session.Daemon.SendAsync(HttpMethod.Post, ApiPaths.ClusterInit, ApiJson.Default.ClusterToken, cancellationToken);
            session.Write(token, ApiJson.Default.ClusterToken, writer => Render(token, writer));
        });

    private static PierCommand Token() =>
        new PierCommand("token", "Print what a new node needs to join; keep it secret",
            ("pier cluster token --json | jq -r .token > join.token", "For pierd --token-file"))
        .Does(async (session, _, cancellationToken) =>
        {
            var token = await session.Daemon.SendAsync(HttpMethod.Post, ApiPaths.ClusterTokens, ApiJson.Default.ClusterToken, cancellationToken);
            session.Write(token, ApiJson.Default.ClusterToken, writer => Render(token, writer));
        });

    private static PierCommand Members() =>
        new PierCommand("members", "List the cluster's nodes", ("pier cluster members", "Names, addresses, who is alive"))
        .Does(async (session, _, cancellationToken) =>
        {
            var list = await session.Daemon.GetAsync(ApiPaths.ClusterMembers, ApiJson.Default.MemberList, cancellationToken);
            session.Write(list, ApiJson.Default.MemberList, writer =>
            {
                if (list.Members.Count == 0)
                {
                    writer.WriteLine("This node is in no cluster; 'pier cluster init' makes one.");
                    return;
                }
                RenderMembers(list.Members, writer);
            });
        });

    private static void Render(ClusterToken token, TextWriter writer)
    {
        writer.WriteLine("On each further host, run:");
        writer.WriteLine($"  pierd --join {token.JoinAddress} --token {token.Token}");
        writer.WriteLine("Whoever has this token can join: keep it secret.");
    }
}
