using System.Net;
using Pier.Membership.Identity;
using Pier.Membership.Members;

namespace Pier.Membership.Client;

/// <summary>One pool of connections per member, renewed when its address changes.</summary>
internal sealed class NodeConnections(NodeIdentity identity) : IDisposable
{
    private readonly Lock gate = new();
    private readonly Dictionary<NodeId, (IPEndPoint Endpoint, HttpMessageInvoker Http)> pools = [];
    private bool isDisposed;

    /// <summary>The pool for a member.</summary>
    public HttpMessageInvoker To(Member member)
    {
        lock (gate)
        {
            ObjectDisposedException.ThrowIf(isDisposed, this);
            if (pools.TryGetValue(member.Id, out var pool))
            {
                if (pool.Endpoint.Equals(member.Endpoint))
                {
                    return pool.Http;
                }

                pool.Http.Dispose();
            }

            pool = (member.Endpoint, PinnedConnection.To(member.Id, identity));
            pools[member.Id] = pool;
            return pool.Http;
        }
    }

    /// <summary>Closes the pools of members that are on the list no more.</summary>
    public void Keep(MemberSnapshot snapshot)
    {
        lock (gate)
        {
            foreach (var (id, pool) in pools)
            {
                if (snapshot.Find(id) is null)
                {
                    pools.Remove(id);
                    pool.Http.Dispose();
                }
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (gate)
        {
            isDisposed = true;
            foreach (var (_, http) in pools.Values)
            {
                http.Dispose();
            }

            pools.Clear();
        }
    }
}
