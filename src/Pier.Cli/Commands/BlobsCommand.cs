using System.CommandLine;
using Pier.Api;
using Pier.Cli.Output;
using Pier.Cli.Sessions;

namespace Pier.Cli.Commands;

/// <summary><c>pier blobs</c>: the sealed blobs of this node.</summary>
internal static class BlobsCommand
{
    /// <summary>Builds the command.</summary>
    public static Command Create()
    {
        var magnets = new Option<bool>("--magnets") { Description = "Print the magnet link of each blob's torrent" };
        var v1 = new Option<bool>("--v1") { Description = "With --magnets: links for clients that cannot read hybrids (aria2, Transmission 3)" };
        return new PierCommand("blobs", "List the blobs in the node's store",
            ("pier blobs", "Digests, sizes, sources"),
            ("pier blobs --magnets", "A link per blob for BitTorrent clients that know hybrids, as libtorrent and Transmission 4 do"),
            ("pier blobs --magnets --v1", "The same for those that do not"))
        { magnets, v1 }
        .Does(async (session, parsed, cancellationToken) =>
        {
            var list = await session.Daemon.GetAsync(ApiPaths.Blobs, ApiJson.Default.BlobList, cancellationToken);
            session.Write(list, ApiJson.Default.BlobList, writer =>
            {
                if (parsed.GetValue(magnets))
                {
                    foreach (var magnet in list.Blobs.Select(blob => parsed.GetValue(v1) ? blob.V1Magnet : blob.Magnet).OfType<string>())
                    {
                        writer.WriteLine(magnet);
                    }
                    return;
                }
                var table = new TextTable("DIGEST", "SIZE>", "USED", "PINNED", "CAME FROM");
                foreach (var blob in list.Blobs)
                {
                    table.Row(
                        blob.Digest, Sizes.Bytes(blob.Size), $"{Sizes.Duration(session.Clock.GetUtcNow() - blob.LastUsed)} ago",
                        blob.Pinned ? "yes" : "", blob.Sources is { } sources ? SourceSplit.Shares(sources) : "");
                }
                table.WriteTo(writer);
            });
        });
    }
}
