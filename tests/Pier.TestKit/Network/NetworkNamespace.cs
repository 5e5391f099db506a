using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Pier.TestKit.Processes;

namespace Pier.TestKit.Network;

/// <summary>A network namespace with loopback up; the test can run programs and open connections inside. Needs root.</summary>
public sealed class NetworkNamespace : IAsyncDisposable
{
    private const string Prefix = "pier-";
    private static int _sequence;
    private int _removed;

    private NetworkNamespace(string name) => Name = name;

    /// <summary>Unique name: <c>pier-&lt;process id&gt;-&lt;number&gt;-&lt;purpose&gt;</c>.</summary>
    public string Name { get; }

    internal string Path => "/run/netns/" + Name;

    /// <summary>Makes a namespace, after removing those of test processes that are gone.</summary>
    public static async Task<NetworkNamespace> CreateAsync(string purpose, CancellationToken cancellationToken)
    {
        if (!Environment.IsPrivilegedProcess)
        {
            throw new InvalidOperationException("Network namespaces need root: run the tests as root.");
        }
        var number = Interlocked.Increment(ref _sequence);
        if (number == 1)
        {
            await RemoveAbandonedAsync(cancellationToken);
        }
        var created = new NetworkNamespace($"{Prefix}{Environment.ProcessId}-{number}-{purpose}");
        await IpAsync(["netns", "add", created.Name], cancellationToken);
        await IpAsync(["-n", created.Name, "link", "set", "lo", "up"], cancellationToken);
        return created;
    }

    /// <summary>The arguments for <c>nsenter</c> that run a program inside; only the network changes, /sys and the cgroups stay.</summary>
    public IReadOnlyList<string> Enter(string program, IEnumerable<string> arguments) => ["--net=" + Path, program, .. arguments];

    /// <summary>Runs a command inside.</summary>
    public Task<CommandResult> RunAsync(string program, IEnumerable<string> arguments, CancellationToken cancellationToken) =>
        Command.RunAsync("nsenter", Enter(program, arguments), cancellationToken);

    /// <summary>Connects as a program inside would; 127.0.0.1 is the namespace's own.</summary>
    public async Task<Stream> ConnectAsync(IPEndPoint endPoint, CancellationToken cancellationToken)
    {
        var socket = NamespaceSockets.Open(Path, endPoint.AddressFamily);
        try
        {
            socket.NoDelay = true;
            await socket.ConnectAsync(endPoint, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Listens as a program inside would.</summary>
    public Socket Listen(IPEndPoint endPoint)
    {
        var socket = NamespaceSockets.Open(Path, endPoint.AddressFamily);
        try
        {
            socket.Bind(endPoint);
            socket.Listen();
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>An HTTP client whose connections start inside; it follows no proxy and no redirect, and has no total time limit.</summary>
    public HttpClient CreateHttpClient() => new(new SocketsHttpHandler
    {
        UseProxy = false,
        AllowAutoRedirect = false,
        ConnectCallback = async (context, cancellationToken) => await ConnectAsync(
            new IPEndPoint(IPAddress.Parse(context.DnsEndPoint.Host.Replace("localhost", "127.0.0.1", StringComparison.Ordinal)), context.DnsEndPoint.Port),
            cancellationToken),
    })
    {
        Timeout = Timeout.InfiniteTimeSpan,
    };

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _removed, 1) == 0)
        {
            await RemoveAsync(Name, CancellationToken.None);
        }
    }

    internal static async Task<string> IpAsync(IEnumerable<string> arguments, CancellationToken cancellationToken)
    {
        var ip = RequiredTool.Path("ip", "apt-get install iproute2");
        return (await Command.RunAsync(ip, arguments, cancellationToken)).OrThrow().Output;
    }

    private static async Task RemoveAbandonedAsync(CancellationToken cancellationToken)
    {
        foreach (var line in (await IpAsync(["netns", "list"], cancellationToken)).Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            var name = line.Split(' ')[0];
            if (name.StartsWith(Prefix, StringComparison.Ordinal)
                && int.TryParse(name[Prefix.Length..].Split('-')[0], NumberStyles.None, CultureInfo.InvariantCulture, out var owner)
                && !Directory.Exists($"/proc/{owner}"))
            {
                await RemoveAsync(name, cancellationToken);
            }
        }
    }

    private static async Task RemoveAsync(string name, CancellationToken cancellationToken)
    {
        foreach (var pid in (await IpAsync(["netns", "pids", name], cancellationToken)).Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            Signals.Send(int.Parse(pid, CultureInfo.InvariantCulture), UnixSignal.Kill);
        }
        await IpAsync(["netns", "delete", name], cancellationToken);
    }
}
