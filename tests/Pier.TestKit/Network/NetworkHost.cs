using System.Globalization;
using System.Net;
using Pier.TestKit.Processes;

namespace Pier.TestKit.Network;

/// <summary>How a server disappears.</summary>
public enum CutStyle
{
    /// <summary>Connections are refused and running ones reset, as when the program has ended.</summary>
    Refusing,

    /// <summary>Packets vanish, as when a cable is pulled.</summary>
    Dropping,
}

/// <summary>One host of a <see cref="TestNetwork"/>: its address, what it sent from a port, how fast its line is, and cutting it off.</summary>
public sealed class NetworkHost
{
    internal const string Interface = "eth0";

    /// <summary>Packets of up to 80 bytes carry no payload: SYN, ACK, FIN and RST with their options end below that.</summary>
    private const string WithPayload = "81:65535";

    private readonly NetworkNamespace _switch;
    private readonly string _port;

    internal NetworkHost(string name, IPAddress address, NetworkNamespace space, NetworkNamespace fabric, string port)
    {
        Name = name;
        Address = address;
        Namespace = space;
        _switch = fabric;
        _port = port;
    }

    /// <summary>What the test calls it.</summary>
    public string Name { get; }

    /// <summary>Its address on the test network.</summary>
    public IPAddress Address { get; }

    /// <summary>Where its programs run.</summary>
    public NetworkNamespace Namespace { get; }

    /// <summary>Starts counting the bytes that leave from a TCP port (IP packets with payload, headers included: under 1 % more than the payload).</summary>
    public Task CountFromPortAsync(int port, CancellationToken cancellationToken) =>
        IptablesAsync(["-I", "OUTPUT", "-o", Interface, "-p", "tcp", "--sport", Text(port), "-m", "length", "--length", WithPayload], cancellationToken);

    /// <summary>Bytes that left from the port since <see cref="CountFromPortAsync"/>, those that the kernel sent again included.</summary>
    /// <exception cref="InvalidOperationException">The port is not counted.</exception>
    public async Task<long> BytesFromPortAsync(int port, CancellationToken cancellationToken)
    {
        var rules = await IptablesAsync(["-L", "OUTPUT", "-v", "-x", "-n"], cancellationToken);
        var counter = rules.Split('\n').FirstOrDefault(rule => rule.Contains($"tcp spt:{Text(port)} length", StringComparison.Ordinal))
            ?? throw new InvalidOperationException($"Port {port} of {Name} is not counted.");
        return long.Parse(counter.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
    }

    /// <summary>Waits until all that left from a TCP port is acknowledged: from then on the kernel has nothing to send again.</summary>
    /// <exception cref="TimeoutException">Somebody does not acknowledge it, as who is cut off.</exception>
    public Task WaitUntilAcknowledgedAsync(int port, CancellationToken cancellationToken) => Eventually.TrueAsync(
        async () => await UnacknowledgedAsync(port, cancellationToken) == 0,
        $"all that {Name} sent from port {Text(port)} to be acknowledged",
        Eventually.Patience,
        cancellationToken);

    /// <summary>Limits what the host sends, all connections together (tc-tbf(8)).</summary>
    public Task LimitSendingAsync(int megabitsPerSecond, CancellationToken cancellationToken) =>
        LimitAsync(Namespace, Interface, megabitsPerSecond, cancellationToken);

    /// <summary>Limits what the host receives, all connections together, at its port of the switch.</summary>
    public Task LimitReceivingAsync(int megabitsPerSecond, CancellationToken cancellationToken) =>
        LimitAsync(_switch, _port, megabitsPerSecond, cancellationToken);

    /// <summary>Bytes that left the host so far, frames whole (proc(5), <c>net/dev</c>).</summary>
    public async Task<long> BytesSentAsync(CancellationToken cancellationToken)
    {
        var devices = (await Namespace.RunAsync("cat", ["/proc/net/dev"], cancellationToken)).OrThrow().Output;
        var line = devices.Split('\n').First(line => line.TrimStart().StartsWith(Interface + ":", StringComparison.Ordinal));
        return long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[9], CultureInfo.InvariantCulture);
    }

    /// <summary>Cuts off a TCP port of this host, running connections included.</summary>
    public Task CutPortAsync(int port, CutStyle style, CancellationToken cancellationToken) =>
        IptablesAsync(["-I", "INPUT", .. CutRule(port, style)], cancellationToken);

    /// <summary>Undoes <see cref="CutPortAsync"/>.</summary>
    public Task RestorePortAsync(int port, CutStyle style, CancellationToken cancellationToken) =>
        IptablesAsync(["-D", "INPUT", .. CutRule(port, style)], cancellationToken);

    /// <summary>Pulls the host's cable: nothing comes in or goes out any more.</summary>
    public Task UnplugAsync(CancellationToken cancellationToken) => IpAsync(["link", "set", Interface, "down"], cancellationToken);

    /// <summary>Readiness of a program of this host by a 200 answer, asked from inside.</summary>
    public Readiness WhenHttpAnswers(Uri address) => Readiness.When($"200 from {address} on {Name}", async cancellationToken =>
    {
        using var client = Namespace.CreateHttpClient();
        try
        {
            using var answer = await client.GetAsync(address, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
            return answer.StatusCode == HttpStatusCode.OK;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    });

    internal Task IpAsync(IEnumerable<string> arguments, CancellationToken cancellationToken) =>
        NetworkNamespace.IpAsync(["-n", Namespace.Name, .. arguments], cancellationToken);

    private static IEnumerable<string> CutRule(int port, CutStyle style) =>
    [
        "-p", "tcp", "--dport", Text(port),
        .. style == CutStyle.Refusing ? (string[])["-j", "REJECT", "--reject-with", "tcp-reset"] : ["-j", "DROP"],
    ];

    private static async Task LimitAsync(NetworkNamespace space, string device, int megabitsPerSecond, CancellationToken cancellationToken) =>
        (await space.RunAsync(
            RequiredTool.Path("tc", "apt-get install iproute2"),
            ["qdisc", "replace", "dev", device, "root", "tbf", "rate", $"{Text(megabitsPerSecond)}mbit", "burst", "256kb", "latency", "400ms"],
            cancellationToken)).OrThrow();

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    /// <summary>Bytes of connections from a port that are sent or to be sent and not acknowledged (ss(8), Send-Q).</summary>
    private async Task<long> UnacknowledgedAsync(int port, CancellationToken cancellationToken)
    {
        var ss = RequiredTool.Path("ss", "apt-get install iproute2");
        var connections = (await Namespace.RunAsync(ss, ["-H", "-t", "-n", "state", "connected", "sport", "=", $":{Text(port)}"], cancellationToken)).OrThrow().Output;
        return connections.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Sum(line => long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[2], CultureInfo.InvariantCulture));
    }

    private async Task<string> IptablesAsync(IEnumerable<string> arguments, CancellationToken cancellationToken)
    {
        var iptables = RequiredTool.Path("iptables", "apt-get install iptables");
        return (await Namespace.RunAsync(iptables, ["-w", .. arguments], cancellationToken)).OrThrow().Output;
    }
}
