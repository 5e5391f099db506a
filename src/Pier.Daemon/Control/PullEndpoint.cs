using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Pier.Api;
using Pier.Api.Images;
using Pier.Api.Progress;
using Pier.Content.Contracts;
using Pier.Daemon.Http;
using Pier.Daemon.Nodes;
using Pier.Daemon.Progress;
using Pier.Fetch.Images;

namespace Pier.Daemon.Control;

/// <summary>POST <c>/v1/images/pull</c>: an image into the store, with its progress.</summary>
internal static class PullEndpoint
{
    /// <summary>Maps it.</summary>
    public static void Map(IEndpointRouteBuilder endpoints) => endpoints.MapPost(
        ApiPaths.Pull,
        static async (HttpContext context, ImagePull pull, IContentStore store, TimeProvider clock) =>
        {
            var request = await Bodies.ReadAsync(context, ApiJson.Default.PullRequest);
            var image = ContentNames.Image(request.Image);
            var scope = Scope(request);
            var start = clock.GetTimestamp();
            await ProgressStream.RunAsync(context, async (board, cancellationToken) =>
            {
                var pulled = await pull.RunAsync(image, scope, new BoardProgress(board), cancellationToken);
                var root = await store.StatAsync(pulled.Digest, cancellationToken);
                var summary = new ImageSummary(
                    pulled.Reference.Familiar, pulled.Digest.ToString(), pulled.MediaType,
                    pulled.Manifests.Concat(pulled.Blobs).Sum(part => part.Size), MissingBlobs: 0, clock.GetUtcNow(), root is { Pinned: true });
                return new PullResult(summary, StatusRecords.Sources(pulled.Sources), clock.GetElapsedTime(start).TotalSeconds, Text(pulled.Warning));
            });
        });

    /// <summary>The words of a <c>Warning</c> header's value, which are quoted after a code and an agent (RFC 7234 §5.5).</summary>
    private static string? Text(string? warning) => warning?.Split('"') is [_, var text, ..] ? text : warning;

    private static PlatformScope Scope(PullRequest request)
    {
        try
        {
            return request.AllPlatforms ? PlatformScope.All : PlatformScope.Parse(request.Platform);
        }
        catch (FormatException malformed)
        {
            throw ControlException.BadRequest(malformed.Message, "Write OS/ARCHITECTURE[/VARIANT], for example linux/arm64; several with commas between them.");
        }
    }
}
