using Microsoft.Extensions.Logging;
using Pier.Content.Contracts;

namespace Pier.Daemon.Containers;

/// <summary>
/// Where served content is read: in the container that proved it, then in the next that has it. With the last of them it ends.
/// Owned by <see cref="ContainerSeeds"/>, whose turn it has to be.
/// </summary>
internal sealed class SeedSources(SeedList seeds, SeedSwarms swarms, DataPlaces places, ILogger logger)
{
    /// <summary>Content is proved: it is served, read where it was proved.</summary>
    /// <exception cref="NoRoomException">Not now: the files are still the caller's.</exception>
    public void Take(ContainerSeed seed, DataHolder holder, IDataFiles files, ProvedData data)
    {
        seeds.Admit(data.Weight);
        (seed.Source, seed.Files, seed.Data) = (holder, files, data);
        seed.Storage = new ProvedStorage(data, files, Spoils(seed, holder));
        seeds.Change();
    }

    /// <summary>Takes containers from content; what others have is read there from now on.</summary>
    public async Task LeaveAsync(ContainerSeed seed, Predicate<DataHolder> leaving)
    {
        seeds.Change();
        seed.Holders.RemoveAll(leaving);
        if (seed.Source is { } source && !leaving(source))
        {
            return;
        }

        var before = seed.Files;
        try
        {
            while (seed.Data is not null && seed.Holders is [var next, ..] && !await MoveAsync(seed, next))
            {
                seed.Holders.Remove(next);
            }

            if (seed.Holders.Count == 0)
            {
                seeds.Remove(seed);
                await EndAsync(seed);
            }
        }
        finally
        {
            if (before is not null)
            {
                await before.DisposeAsync();
            }
        }
    }

    /// <summary>Says why a container's content is not served; what nobody foresaw with where it came from.</summary>
    public void Refuse(DataHolder holder, Exception why)
    {
        if (why is DataRefusedException or NoRoomException or IOException or ContentException)
        {
            logger.DataRefused(holder.Label.Path, holder.Container.Name, why.Message);
        }
        else
        {
            logger.ProofFailed(why, holder.Label.Path, holder.Container.Name);
        }
    }

    private Action<string> Spoils(ContainerSeed seed, DataHolder source) => how => seeds.Queue.Drop(new SpoiledSeed(seed, source, how));

    private async Task<bool> MoveAsync(ContainerSeed seed, DataHolder next)
    {
        try
        {
            await places.AdmitAsync(next.Label, CancellationToken.None);
            places.Admit(seed.Data!);
            var files = await places.OpenAsync(next, CancellationToken.None);
            (seed.Source, seed.Files) = (next, files);
            seed.Storage!.Move(files, Spoils(seed, next));
            return true;
        }
        catch (Exception refused) when (refused is not OperationCanceledException)
        {
            Refuse(next, refused);
            return false;
        }
    }

    private async Task EndAsync(ContainerSeed seed)
    {
        if (seed is { Data: not null, Source: { } source })
        {
            await swarms.EndAsync(seed);
            logger.DataEnded(source.Label.Path, source.Container.Name);
        }
    }
}
