using Microsoft.AspNetCore.Builder;

namespace Pier.Membership.NodePort;

/// <summary>Everything the node port answers, behind its gate.</summary>
internal sealed class NodePortEndpoints(
    PeerGate gate, MemberEndpoints members, TurnEndpoints turns, ContentEndpoints content, BlobEndpoint blobs)
{
    /// <summary>Adds gate and routes to the node port's own application.</summary>
    public void MapPierNodePort(WebApplication app)
    {
        app.Use(gate.InvokeAsync);
        app.UseRouting();
        members.Map(app);
        turns.Map(app);
        content.Map(app);
        blobs.Map(app);
    }
}
