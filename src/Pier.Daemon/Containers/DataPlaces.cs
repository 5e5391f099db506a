using Pier.Content.Contracts;
using Pier.Content.Labels;
using Pier.Daemon.Options;

namespace Pier.Daemon.Containers;

/// <summary>Whether labelled content may be served, and where it is read: in the container or, where containers' files cannot be read, in the store.</summary>
internal sealed class DataPlaces(IContentStore store, IAccessPolicy policy, DaemonOptions options)
{
    /// <summary>Refuses what may not be served, whatever its bytes are.</summary>
    /// <exception cref="DataRefusedException">Says why.</exception>
    public async Task AdmitAsync(DataLabel label, CancellationToken cancellationToken)
    {
        if (options.Announce == AnnouncePolicy.Off)
        {
            throw new DataRefusedException("this node tells nobody what it has (announce: off)");
        }

        if (label.Size > DataProof.MostBytes && !label.IsTree)
        {
            throw new DataRefusedException($"it has {label.Size} bytes, more than {DataProof.MostBytes}");
        }

        // A label must not bring out what is private: neither what this node knows as such, nor what nobody can tell.
        if (policy.IsClosed(label.Digest))
        {
            throw new DataRefusedException($"{label.Digest} belongs to a repository that is not public");
        }

        // A folder's digest is not proved, and so says nothing of what may be done with it.
        if (!LabelSources.IsOpen(label) && (label.IsTree || !await policy.MayServeAsync(label.Digest, under: null, Door.Swarm, cancellationToken)))
        {
            throw new DataRefusedException("none of its sources is known as public");
        }
    }

    /// <summary>Refuses content with a file that may not be served: a folder's label does not tell them.</summary>
    /// <exception cref="DataRefusedException">Says which.</exception>
    public void Admit(ProvedData data)
    {
        foreach (var file in data.Files.Where(policy.IsClosed))
        {
            throw new DataRefusedException($"{file} belongs to a repository that is not public");
        }
    }

    /// <summary>Opens the content.</summary>
    /// <exception cref="DataRefusedException">It cannot be read anywhere.</exception>
    /// <exception cref="IOException">It cannot be read in the container.</exception>
    public async Task<IDataFiles> OpenAsync(DataHolder holder, CancellationToken cancellationToken)
    {
        if (holder.Container.Root is { } root)
        {
            var files = new ContainerFiles(root, holder.Label.Path);
            try
            {
                // Of a folder the proof opens the files one by one.
                if (!holder.Label.IsTree)
                {
                    await files.LengthAsync("", cancellationToken);
                }

                return files;
            }
            catch
            {
                await files.DisposeAsync();
                throw;
            }
        }

        // Nobody can tell whether the container has these bytes: none are given out for its sake that would not be anyway.
        return !holder.Label.IsTree && await policy.MayServeAsync(holder.Label.Digest, under: null, Door.Swarm, cancellationToken)
            && await StoredFile.OpenAsync(store, holder.Label.Digest, cancellationToken) is { } stored
            ? stored
            : throw new DataRefusedException("the container's files are not this daemon's to read");
    }
}
