using Microsoft.Extensions.Logging;

namespace Pier.Distribution.Credentials;

/// <summary>
/// Keeps one registry's answer for a short while, so that a helper does not run for each request while a new login
/// is still noticed soon. Told faults are logged once per look.
/// </summary>
internal sealed class RememberedCredentials(
    string registry, ICredentialSource source, TimeSpan lifetime, TimeProvider time, ILogger logger) : IDisposable
{
    private readonly SemaphoreSlim _gate = new(1, 1);
    private (CredentialLookup Found, long At)? _last;

    /// <summary>The credential now.</summary>
    public async ValueTask<CredentialLookup> FindAsync(CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        try
        {
            if (_last is { } last && time.GetElapsedTime(last.At) < lifetime)
            {
                return last.Found;
            }

            var found = await source.FindAsync(registry, cancellationToken);
            if (found.Fault is not null)
            {
                logger.CredentialsUnreadable(registry, found.Fault);
            }

            _last = (found, time.GetTimestamp());
            return found;
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _gate.Dispose();
}
