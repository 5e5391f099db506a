using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;
using Pier.Api.Nodes;
using Pier.Engines.Mirrors;

namespace Pier.Engines.Diagnosis;

/// <summary>Knocks at the registry door as an engine would.</summary>
public static class DoorCheck
{
    private const int MaxAnswer = 64 << 10;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>Whether Pier answers there, and in the way that engines were told.</summary>
    /// <param name="address">Where engines were told to go.</param>
    /// <param name="daemonAnswers">Whether the daemon's own socket answers.</param>
    /// <param name="clock">For the deadline.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task<CheckResult> RunAsync(MirrorAddress address, bool daemonAnswers, TimeProvider clock, CancellationToken cancellationToken)
    {
        const string name = "registry door";
        try
        {
            using var answer = await GetAsync(address, "/v2/", clock, cancellationToken);
            if (!answer.Headers.Contains("Docker-Distribution-Api-Version") && answer.StatusCode != HttpStatusCode.MisdirectedRequest)
            {
                return answer.StatusCode == HttpStatusCode.BadRequest && address.IsPlain
                    ? CheckResult.Failed(name, $"{address.Text} does not speak plain HTTP", $"Is it the TLS door? Tell the engines of it: pier install ENGINE --address https://{address.HostPort} --ca FILE")
                    : CheckResult.Failed(name, $"something that is no registry answers at {address.Text}", $"Another program has taken the port: ss -ltnp 'sport = :{address.Url.Port}' names it. Stop it, or move Pier (--registry) and install again with --address.");
            }
            return answer.StatusCode switch
            {
                HttpStatusCode.OK when daemonAnswers => CheckResult.Ok(name, $"{address.Text} answers"),
                HttpStatusCode.OK => CheckResult.Failed(name, $"a registry answers at {address.Text}, but no pierd at the socket", $"Another registry may have taken the port: ss -ltnp 'sport = :{address.Url.Port}' names it."),
                HttpStatusCode.Unauthorized => CheckResult.Warning(name, $"{address.Text} asks for a user", "Engines need credentials there: pier install ENGINE --token-file FILE; Docker's registry-mirrors cannot carry any."),
                HttpStatusCode.MisdirectedRequest => CheckResult.Failed(name, $"pierd does not know itself by the name {address.Url.Host}", "Name it with --advertise or in the configuration's hosts."),
                _ => CheckResult.Failed(name, $"{address.Text} answers {(int)answer.StatusCode}", "The daemon's log says why (journalctl -u pierd)."),
            };
        }
        catch (HttpRequestException failed)
        {
            return Judge(name, address, failed);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return CheckResult.Failed(name, $"{address.Text} takes connections and says nothing", "The daemon hangs, or another program has taken the port; its log says more (journalctl -u pierd).");
        }
    }

    /// <summary>Asks for a manifest as an engine would, and tells the answer.</summary>
    public static async Task<CheckResult> AskForAsync(MirrorAddress address, string registry, string repository, string target, TimeProvider clock, CancellationToken cancellationToken)
    {
        var name = $"{registry}/{repository}:{target}";
        try
        {
            using var answer = await GetAsync(address, $"/v2/{repository}/manifests/{target}?ns={Uri.EscapeDataString(registry)}", clock, cancellationToken);
            if (answer.IsSuccessStatusCode)
            {
                return answer.Headers.Warning.FirstOrDefault() is { } stale
                    ? CheckResult.Warning(name, $"Pier gives the last known answer: {stale.Text}", "Its registry cannot be reached; see the upstreams below.")
                    : CheckResult.Ok(name, "Pier has it or gets it");
            }
            var said = await answer.Content.ReadAsStringAsync(cancellationToken);
            return CheckResult.Failed(name, $"Pier answers {(int)answer.StatusCode}: {said}", (int)answer.StatusCode is 401 or 403
                ? "Pier logs in with the credentials of its own user's and root's docker login, not with yours: run docker login as root, or set user and secretFile."
                : "The engine then goes to the registry itself. If the name is right, see the upstreams below.");
        }
        catch (Exception failed) when (failed is HttpRequestException || (failed is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return CheckResult.Failed(name, $"no answer: {failed.Message}", "See the registry door above.");
        }
    }

    private static async Task<HttpResponseMessage> GetAsync(MirrorAddress address, string path, TimeProvider clock, CancellationToken cancellationToken)
    {
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false }) { MaxResponseContentBufferSize = MaxAnswer };
        using var deadline = new CancellationTokenSource(Patience, clock);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(address.Text + path));
        request.Headers.TryAddWithoutValidation("Accept", "application/vnd.oci.image.index.v1+json, application/vnd.oci.image.manifest.v1+json, application/vnd.docker.distribution.manifest.list.v2+json, application/vnd.docker.distribution.manifest.v2+json, */*");
        if (address.Authorization is { } credentials)
        {
            request.Headers.TryAddWithoutValidation("Authorization", credentials);
        }
        return await http.SendAsync(request, both.Token);
    }

    private static CheckResult Judge(string name, MirrorAddress address, HttpRequestException failed) => failed switch
    {
        { InnerException: AuthenticationException } => CheckResult.Failed(name, $"{address.Text}: {failed.InnerException!.Message}", address.Authority is null
            ? $"Is it the plain door? Then the address is http://{address.HostPort}. If it is TLS, engines need its authority: pier install ENGINE --ca FILE; a wrong clock has the same effect."
            : "The certificate is not of that authority, names another host, or this host's clock is wrong."),
        { InnerException: SocketException { SocketErrorCode: SocketError.ConnectionRefused } } => CheckResult.Failed(
            name, $"nothing listens at {address.Text}", "systemctl start pierd; or it listens elsewhere (pier status): then install again with --address."),
        _ => CheckResult.Failed(name, $"{address.Text}: {failed.Message}", "If the address is right, look whether pierd speaks TLS there while engines were told http, or the other way round."),
    };
}
