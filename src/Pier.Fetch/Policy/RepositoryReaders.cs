using Microsoft.Extensions.Logging;
using Pier.Content;
using Pier.Content.Contracts;
using Pier.Content.References;
using Pier.Distribution.Credentials;
using Pier.Fetch.Upstreams;

namespace Pier.Fetch.Policy;

/// <summary>
/// Who may read a private repository: whoever asks, this node for its clients or a client with a login of its own, is believed for a
/// short time after the repository's upstream gave it something, and has to prove it again then. What members say counts for nothing here.
/// </summary>
internal sealed class RepositoryReaders(
    AccessRecords records, IUpstream upstream, FetchOptions options, TimeProvider time, ILogger log, UpstreamHealth? health = null)
{
    private const int MostProofs = 4096;

    private readonly Lock _gate = new();
    private readonly Dictionary<(string Reader, RepositoryName Repository), DateTimeOffset> _until = [];

    /// <summary>The upstream gave who is asking now something of the repository.</summary>
    public void Note(RepositoryName repository)
    {
        lock (_gate)
        {
            if (_until.Count >= MostProofs)
            {
                _until.Clear();
            }
            _until[KeyOf(repository)] = time.GetUtcNow() + options.ProofLifetime;
        }
    }

    /// <summary>True when who is asking now may read the repository; its upstream is asked for the blob unless that was proved a moment ago.</summary>
    /// <exception cref="ContentUnavailableException">A client's own login cannot be proved now.</exception>
    public async ValueTask<bool> MayReadAsync(RepositoryName repository, Digest digest, CancellationToken cancellationToken)
    {
        var login = CallerLogin.For(repository);
        if (LocalNames.IsLocal(repository) || IsFresh(repository) || records.Find(repository) is { IsPublic: true }
            || (login is null && records.IsGiven(repository, digest)))
        {
            return true;
        }
        try
        {
            if (!await HasAsync(repository, digest, cancellationToken))
            {
                return false;
            }
        }
        catch (ContentUnavailableException) when (login is null && records.Find(repository) is { IsOurs: true })
        {
            // As with tags: while nobody can be asked, the last known answer stands.
            return true;
        }
        catch (ContentUnavailableException silence) when (login is not null)
        {
            throw new ContentUnavailableException($"{repository.Registry} does not say whether this login may read {repository}: {silence.Message}", silence);
        }
        catch (ContentException refusal)
        {
            LogMessages.AccessNotProved(log, digest, repository, refusal.Message);
            return false;
        }
        Note(repository);
        return true;
    }

    /// <summary>True when the upstream says now that who is asking may have this very blob there; what is this node's own is asked of nobody.</summary>
    public async ValueTask<bool> HasNowAsync(RepositoryName repository, Digest digest, CancellationToken cancellationToken)
    {
        if (LocalNames.IsLocal(repository))
        {
            return true;
        }
        try
        {
            if (!await HasAsync(repository, digest, cancellationToken))
            {
                return false;
            }
        }
        catch (ContentException refusal)
        {
            LogMessages.AccessNotProved(log, digest, repository, refusal.Message);
            return false;
        }
        Note(repository);
        return true;
    }

    private bool IsFresh(RepositoryName repository)
    {
        lock (_gate)
        {
            return _until.TryGetValue(KeyOf(repository), out var until) && until > time.GetUtcNow();
        }
    }

    /// <summary>Whether it is a blob or a manifest is not known.</summary>
    private async Task<bool> HasAsync(RepositoryName repository, Digest digest, CancellationToken cancellationToken)
    {
        if (health?.IsDown(repository.Registry) == true)
        {
            throw new ContentUnavailableException("it could not be reached a moment ago");
        }
        using var patience = new CancellationTokenSource(options.FirstByteTimeoutOf(repository.Registry), time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        try
        {
            if (await upstream.SizeOfAsync(repository, digest, both.Token) is null)
            {
                await upstream.HeadManifestAsync(repository, digest.ToString(), both.Token);
            }
            return true;
        }
        catch (ContentNotFoundException)
        {
            return false;
        }
        catch (ContentUnavailableException)
        {
            health?.MarkDown(repository.Registry);
            throw;
        }
        catch (OperationCanceledException late) when (!cancellationToken.IsCancellationRequested)
        {
            health?.MarkDown(repository.Registry);
            throw new ContentUnavailableException($"no answer within {options.FirstByteTimeoutOf(repository.Registry).TotalSeconds:0.#} s", late);
        }
    }

    private static (string Reader, RepositoryName Repository) KeyOf(RepositoryName repository) => (CallerLogin.For(repository)?.Mark ?? "", repository);
}
