using System.Net;
using System.Net.Sockets;
using Pier.Daemon.Hosting;

namespace Pier.Daemon.Listeners;

/// <summary>Tries each port before anything starts, so that a taken one is told with its holder and its flag.</summary>
internal static class PortCheck
{
    /// <summary>Binds and releases every door.</summary>
    /// <exception cref="DaemonStartException">A port is taken or may not be opened.</exception>
    public static void Try(IEnumerable<PortDoor> doors)
    {
        foreach (var door in doors)
        {
            try
            {
                Bind(door);
            }
            catch (SocketException refused)
            {
                throw Refused(door, refused);
            }
        }
    }

    /// <summary>True when this host has the address family and address at all.</summary>
    public static bool Exists(PortDoor door)
    {
        try
        {
            Bind(door with { Address = new(door.Address.Address, 0) });
            return true;
        }
        catch (SocketException missing) when (missing.SocketErrorCode is SocketError.AddressNotAvailable or SocketError.AddressFamilyNotSupported)
        {
            return false;
        }
    }

    /// <summary>The error for a door that did not open.</summary>
    public static DaemonStartException Refused(PortDoor door, SocketException refused)
    {
        var port = $"{door.Address}{(door.Udp ? " (UDP)" : "")}";
        return refused.SocketErrorCode switch
        {
            SocketError.AddressAlreadyInUse => new DaemonStartException(
                ExitCode.PortTaken,
                $"The {door.Role} port {port} is taken by {PortHolder.Find(door.Address, door.Udp) ?? "a process that only root can name"}.",
                $"Stop that process, or choose another port with {door.Flag} ADDRESS:PORT.",
                refused),
            SocketError.AccessDenied => new DaemonStartException(
                ExitCode.PortTaken,
                $"The {door.Role} port {port} may not be opened by this user.",
                $"Choose a port from 1024 up with {door.Flag} ADDRESS:PORT, or run as root.",
                refused),
            SocketError.AddressNotAvailable => new DaemonStartException(
                ExitCode.PortTaken,
                $"The {door.Role} address {port} does not belong to this host.",
                $"See 'ip address' for its addresses, and choose one with {door.Flag} ADDRESS:PORT.",
                refused),
            _ => new DaemonStartException(ExitCode.PortTaken, $"The {door.Role} port {port} cannot be opened: {refused.Message}.", $"Choose another with {door.Flag}.", refused),
        };
    }

    private static void Bind(PortDoor door)
    {
        using var socket = new Socket(
            door.Address.AddressFamily,
            door.Udp ? SocketType.Dgram : SocketType.Stream,
            door.Udp ? ProtocolType.Udp : ProtocolType.Tcp);
        if (door.Address.Address.Equals(IPAddress.IPv6Any))
        {
            socket.DualMode = true;
        }
        if (!door.Udp)
        {
            // As the real listeners do: connections of a predecessor in TIME_WAIT do not count.
            socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
        }
        socket.Bind(door.Address);
        if (!door.Udp)
        {
            socket.Listen(1);
        }
    }
}
