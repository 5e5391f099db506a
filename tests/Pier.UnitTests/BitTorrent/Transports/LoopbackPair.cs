using System.Net;
using System.Net.Sockets;

namespace Pier.UnitTests.BitTorrent.Transports;

/// <summary>Two real sockets that are connected to each other.</summary>
internal sealed class LoopbackPair : IDisposable
{
    public LoopbackPair()
    {
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        There = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        There.Connect(listener.LocalEndPoint!);
        Here = listener.Accept();
        Stream = new NetworkStream(Here);
    }

    /// <summary>The end that is looked at.</summary>
    public Socket Here { get; }

    /// <summary>The same as a stream.</summary>
    public NetworkStream Stream { get; }

    /// <summary>The other end.</summary>
    public Socket There { get; }

    public void Dispose()
    {
        Stream.Dispose();
        Here.Dispose();
        There.Dispose();
    }
}
