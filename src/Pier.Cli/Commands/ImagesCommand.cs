using System.CommandLine;
using Pier.Api;
using Pier.Cli.Output;
using Pier.Cli.Sessions;

namespace Pier.Cli.Commands;

/// <summary><c>pier images</c>: the tags this node remembers.</summary>
internal static class ImagesCommand
{
    /// <summary>Builds the command.</summary>
    public static Command Create() =>
        new PierCommand("images", "List the images in the node's store", ("pier images", "Names, digests, sizes"))
        .Does(async (session, _, cancellationToken) =>
        {
            var list = await session.Daemon.GetAsync(ApiPaths.Images, ApiJson.Default.ImageList, cancellationToken);
            session.Write(list, ApiJson.Default.ImageList, writer =>
            {
                var table = new TextTable("IMAGE", "DIGEST", "SIZE>", "MISSING>", "SEEN", "PINNED");
                foreach (var image in list.Images)
                {
                    table.Row(
                        image.Name, Sizes.ShortDigest(image.Digest), Sizes.Bytes(image.Size),
                        image.MissingBlobs == 0 ? "-" : $"{image.MissingBlobs}",
                        $"{Sizes.Duration(session.Clock.GetUtcNow() - image.SeenAt)} ago", image.Pinned ? "yes" : "");
                }
                table.WriteTo(writer);
            });
        });
}
