using System.Net;
using System.Net.Sockets;

namespace Pier.TestKit.Processes;

/// <summary>A condition that says a program is ready to be used: a connection, an answer, a line in its log.</summary>
public sealed class Readiness
{
    private static readonly HttpClient Http = new(new SocketsHttpHandler
    {
        UseProxy = false,
        PooledConnectionLifetime = TimeSpan.Zero,
        ConnectTimeout = TimeSpan.FromSeconds(2),
    })
    {
        Timeout = TimeSpan.FromSeconds(5),
    };

    private readonly string _what;
    private readonly Func<ExternalProcess, CancellationToken, Task<bool>> _check;

    private Readiness(string what, Func<ExternalProcess, CancellationToken, Task<bool>> check)
    {
        _what = what;
        _check = check;
    }

    /// <summary>Ready as soon as it is started.</summary>
    public static Readiness AtOnce { get; } = new("started", (_, _) => Task.FromResult(true));

    /// <summary>Ready when a TCP connection is accepted.</summary>
    public static Readiness WhenTcpConnects(IPEndPoint endPoint) => new($"a connection to {endPoint}", async (_, cancellationToken) =>
    {
        using var socket = new Socket(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(endPoint, cancellationToken);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    });

    /// <summary>Ready when a GET answers 200.</summary>
    public static Readiness WhenHttpAnswers(Uri address) => new($"200 from {address}", async (_, cancellationToken) =>
    {
        try
        {
            using var answer = await Http.GetAsync(address, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
            return answer.StatusCode == HttpStatusCode.OK;
        }
        catch (HttpRequestException)
        {
            return false;
        }
        catch (TaskCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    });

    /// <summary>Ready when a line of its output contains the text.</summary>
    public static Readiness WhenLogSays(string text) => new(
        $"a log line with '{text}'", (process, _) => Task.FromResult(process.Log.Contains(text)));

    /// <summary>Ready when a check of the test's own says so.</summary>
    public static Readiness When(string what, Func<CancellationToken, Task<bool>> check) => new(what, (_, token) => check(token));

    internal async Task WaitAsync(ExternalProcess process, TimeSpan deadline, CancellationToken cancellationToken)
    {
        try
        {
            await Eventually.TrueAsync(
                async () => await _check(process, cancellationToken) || (process.HasExited ? throw await EndedAsync(process) : false),
                _what,
                deadline,
                cancellationToken);
        }
        catch (TimeoutException timeout)
        {
            throw new ProcessNotReadyException(
                $"{process.Name} (pid {process.Id}) was not ready in {deadline.TotalSeconds:0.#} s, waited for {_what}; last lines:\n{process.Log.Tail(40)}",
                timeout);
        }
    }

    private async Task<ProcessNotReadyException> EndedAsync(ExternalProcess process)
    {
        await process.HearOutAsync();
        return new ProcessNotReadyException(
            $"{process.Name} ended with {process.ExitCode} before it was ready ({_what}); last lines:\n{process.Log.Tail(40)}");
    }
}
