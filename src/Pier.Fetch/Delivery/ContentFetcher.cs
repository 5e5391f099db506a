using System.Runtime.ExceptionServices;
using Pier.Content.Contracts;
using Pier.Fetch.Ladder;
using Pier.Fetch.Policy;
using Pier.Fetch.Status;

namespace Pier.Fetch.Delivery;

/// <summary>Delivery's front door: a blob from the store when held, else from the one fetch of its digest (design §3.3 and §3.4).</summary>
internal sealed class ContentFetcher(IContentStore store, FetchTable table, IBlobSizes sizes, IShareRights rights, FetchHistory history, TimeProvider time)
    : IContentFetcher
{
    /// <inheritdoc/>
    public async ValueTask<IContentReader> OpenAsync(BlobRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        var asker = Asker.Of(request.Origin);
        var (isFirst, isOurs) = (true, !request.IsFromClient);
        while (true)
        {
            // Step 3: what the store holds is read from its file.
            if (await store.OpenAsync(request.Digest, cancellationToken) is { } held)
            {
                if (!isOurs && !await MayShareAsync(request, cancellationToken))
                {
                    await held.DisposeAsync();
                    throw Denied(request);
                }
                Count(isHeld: true);
                return new HeldReader(held, bytes => history.CountCached(request, held.Length, bytes, time.GetUtcNow()));
            }

            // Step 4: one fetch per digest; this client joins it.
            Count(isHeld: false);
            var fetch = table.Join(request);
            if (await TryOpenArrivingAsync(fetch, request.Priority, asker, cancellationToken) is { } reader)
            {
                return await JudgedAsync(request, new JoinedReader(reader, fetch, asker, token => MayShareAsync(request, token)), cancellationToken);
            }
            if (!fetch.IsSealed)
            {
                // The store may hold it a moment before the fetch says so, and who began is not to be asked then.
                await fetch.Ended.WaitAsync(cancellationToken);
            }
            isOurs |= fetch.IsSealed && fetch.Demand.IsFor(asker);
        }

        void Count(bool isHeld)
        {
            if (isFirst)
            {
                history.CountAsked(isHeld);
            }
            isFirst = false;
        }
    }

    /// <inheritdoc/>
    public async ValueTask<long?> StatAsync(BlobRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (await store.StatAsync(request.Digest, cancellationToken) is { } held)
        {
            return held.Size;
        }
        return table.Find(request.Digest) is { IsAccepted: true } fetch && (fetch.Demand.IsFor(Asker.Of(request.Origin)) || await MayShareAsync(request, cancellationToken))
            ? await fetch.Accepted
            : await sizes.FindAsync(request, cancellationToken);
    }

    /// <summary>Waits until the store holds the blob, fetching it if need be; tells how it came, null when it was held before.</summary>
    /// <exception cref="ContentException">It cannot be had.</exception>
    public async Task<BlobDelivery?> CompleteAsync(BlobRequest request, CancellationToken cancellationToken)
    {
        var asker = Asker.Of(request.Origin);
        while (await store.StatAsync(request.Digest, cancellationToken) is null)
        {
            var fetch = table.Join(request);
            try
            {
                await fetch.Ended.WaitAsync(cancellationToken);
            }
            finally
            {
                table.Leave(fetch);
            }
            if (fetch.Failure is null)
            {
                return BlobDelivery.Of(fetch);
            }
            ThrowIfAsked(fetch, asker);
        }
        return null;
    }


    /// <summary>Opens a fetch that is under way here without starting one; null when there is none. For followers (design §3.5).</summary>
    /// <param name="request">What is asked for.</param>
    /// <param name="judge">Says whether the follower may have the blob; asked before its first byte, and whenever the fetch goes on to another source.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async ValueTask<IContentReader?> OpenArrivingAsync(BlobRequest request, Func<CancellationToken, ValueTask<bool>> judge, CancellationToken cancellationToken)
    {
        if (table.TryFollow(request) is not { } fetch)
        {
            return null;
        }
        if ((await OpenArrivingAsync(fetch, request.Priority, cancellationToken) ?? await store.OpenAsync(request.Digest, cancellationToken)) is not { } arriving)
        {
            return null;
        }
        var reader = new JoinedReader(arriving, fetch, asker: null, judge);
        try
        {
            // Only now is it known which repository it belongs to.
            if (await reader.MayReadAsync(cancellationToken))
            {
                return reader;
            }
        }
        catch
        {
            await reader.DisposeAsync();
            throw;
        }
        await reader.DisposeAsync();
        return null;
    }

    /// <summary>A failed fetch is told in the words of whoever asked for it in this client's name; where nobody did, this returns, so that the client begins anew.</summary>
    private static void ThrowIfAsked(BlobFetch fetch, Asker asker)
    {
        if (fetch.Failure is { } failure && (failure is ContentStorageException || fetch.Demand.WasAsked(asker)))
        {
            ExceptionDispatchInfo.Throw(fetch.Demand.RefusalTo(asker) ?? failure);
        }
    }

    /// <summary>Before a client is promised anything it has a right to the blob, or a registry of its own that says it has it and is to show it with the whole.</summary>
    private async ValueTask<IContentReader> JudgedAsync(BlobRequest request, JoinedReader reader, CancellationToken cancellationToken)
    {
        try
        {
            if (!await reader.MayReadAsync(cancellationToken)
                && (request.Origin is not { } repository || !await rights.MayAwaitAsync(repository, request.Digest, reader.Length, cancellationToken)))
            {
                throw Denied(request);
            }
            return reader;
        }
        catch
        {
            await reader.DisposeAsync();
            throw;
        }
    }

    private static ContentDeniedException Denied(BlobRequest request) =>
        new($"{request.Digest} came here for others, and {request.Origin} does not give access to it.");

    /// <summary>Who names a digest alone was judged by whoever asks for it.</summary>
    private ValueTask<bool> MayShareAsync(BlobRequest request, CancellationToken cancellationToken) =>
        request.Origin is { } repository ? rights.MayShareAsync(repository, request.Digest, cancellationToken) : ValueTask.FromResult(true);

    /// <summary>As <see cref="OpenArrivingAsync(BlobFetch, FetchPriority, CancellationToken)"/>; null, too, when others were refused in whose names alone it was asked.</summary>
    private async ValueTask<IContentReader?> TryOpenArrivingAsync(BlobFetch fetch, FetchPriority priority, Asker asker, CancellationToken cancellationToken)
    {
        try
        {
            return await OpenArrivingAsync(fetch, priority, cancellationToken);
        }
        catch (ContentException) when (fetch.Failure is not null)
        {
            ThrowIfAsked(fetch, asker);
            return null;
        }
    }

    /// <summary>Waits for a source to accept; null when the store came to hold the blob meanwhile.</summary>
    private async ValueTask<IContentReader?> OpenArrivingAsync(BlobFetch fetch, FetchPriority priority, CancellationToken cancellationToken)
    {
        try
        {
            await fetch.Accepted.WaitAsync(cancellationToken);
            if (fetch.TryOpenReader(priority) is { } reader)
            {
                return new FetchReader(reader, () => table.Leave(fetch));
            }
        }
        catch
        {
            table.Leave(fetch);
            throw;
        }

        table.Leave(fetch);
        return null;
    }
}
