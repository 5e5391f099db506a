using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;

namespace Pier.Daemon.Http;

/// <summary>
/// Gives transfers a moment to end when the daemon stops, then breaks them off, so that it is gone within 5 s;
/// engines then go on by range with the next daemon or the registry (facts/field.md §0).
/// </summary>
internal sealed class DrainGate(RequestDelegate next, Drain drain)
{
    /// <summary>One request.</summary>
    public async Task InvokeAsync(HttpContext context)
    {
        using var registration = drain.Over.Register(static request => ((HttpContext)request!).Abort(), context);
        await next(context);
    }
}

/// <summary>Knows when the moment for running transfers is _over.</summary>
internal sealed class Drain : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    private readonly CancellationTokenSource _over;
    private readonly CancellationTokenRegistration _stopping;

    public Drain(IHostApplicationLifetime lifetime, TimeProvider clock)
    {
        _over = new CancellationTokenSource(Timeout.InfiniteTimeSpan, clock);
        _stopping = lifetime.ApplicationStopping.Register(() => _over.CancelAfter(Patience));
    }

    /// <summary>Fires a moment after the daemon was asked to stop.</summary>
    public CancellationToken Over => _over.Token;

    /// <inheritdoc/>
    public void Dispose()
    {
        _stopping.Dispose();
        _over.Dispose();
    }
}
