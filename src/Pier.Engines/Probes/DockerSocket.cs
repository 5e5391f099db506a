using System.Net.Sockets;

namespace Pier.Engines.Probes;

/// <summary>HTTP to a Docker Engine over its Unix socket (Engine API).</summary>
internal static class DockerSocket
{
    /// <summary>The API's address; the host's name means nothing there.</summary>
    public static Uri Address { get; } = new("http://docker/");

    /// <summary>A client; answers larger than <paramref name="maxAnswer"/> bytes are refused.</summary>
    public static HttpClient CreateClient(string socket, int maxAnswer) => new(new SocketsHttpHandler
    {
        UseProxy = false,
        ConnectCallback = async (_, cancel) =>
        {
            var connection = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            try
            {
                await connection.ConnectAsync(new UnixDomainSocketEndPoint(socket), cancel);
                return new NetworkStream(connection, ownsSocket: true);
            }
            catch
            {
                connection.Dispose();
                throw;
            }
        },
    })
    { BaseAddress = Address, MaxResponseContentBufferSize = maxAnswer };
}
