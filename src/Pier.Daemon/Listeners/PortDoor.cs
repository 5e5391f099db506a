using System.Net;

namespace Pier.Daemon.Listeners;

/// <summary>A port to listen on and the flag that moves it.</summary>
/// <param name="Role">What status and log call it: registry, peers, control, node.</param>
/// <param name="Flag">The flag that changes the address.</param>
/// <param name="Address">Where.</param>
/// <param name="Udp">UDP instead of TCP.</param>
internal sealed record PortDoor(string Role, string Flag, IPEndPoint Address, bool Udp = false)
{
    /// <summary>True when other hosts can reach it.</summary>
    public bool BeyondLoopback => !IPAddress.IsLoopback(Address.Address);
}
