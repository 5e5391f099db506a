using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Pier.Api;
using Pier.Api.Progress;
using Pier.Api.Seeds;
using Pier.Api.Volumes;
using Pier.Content.Contracts;
using Pier.Daemon.Http;
using Pier.Daemon.Nodes;
using Pier.Daemon.Options;
using Pier.Daemon.Progress;
using Pier.Daemon.Seeds;
using Pier.Volumes.Shelf;

namespace Pier.Daemon.Control;

/// <summary><c>/v1/volumes</c>: for <c>pier volume</c>, <c>pier mount</c> and <c>pier umount</c>.</summary>
internal static class VolumeEndpoints
{
    /// <summary>The user that a folder's own mount is for.</summary>
    private const string Folder = "folder";

    /// <summary>Maps them.</summary>
    public static void Map(IEndpointRouteBuilder endpoints)
    {
        endpoints.MapGet(ApiPaths.Volumes, static (VolumeShelf shelf, string? target) =>
            TypedResults.Json(new VolumeList([.. (target is null ? shelf.List() : At(shelf, target)).Select(Describe)]), ApiJson.Default.VolumeList));
        endpoints.MapGet(ApiPaths.Volumes + "/{name}", static (string name, VolumeShelf shelf) =>
            TypedResults.Json(Describe(Find(shelf, name)), ApiJson.Default.VolumeSummary));
        endpoints.MapPost(ApiPaths.Volumes, static async (HttpContext context, VolumeShelf shelf, SeedLibrary seeds, DaemonOptions options) =>
        {
            var request = await Bodies.ReadAsync(context, ApiJson.Default.VolumeRequest);
            CheckFree(request.Target, shelf, seeds, options);
            return TypedResults.Json(Describe(await AddAsync(shelf, request, context.RequestAborted)), ApiJson.Default.VolumeSummary);
        });
        endpoints.MapPost(ApiPaths.Volumes + "/{name}/prefetch", static async (HttpContext context, string name, VolumeShelf shelf) =>
        {
            var request = await Bodies.ReadAsync(context, ApiJson.Default.PrefetchRequest);
            await shelf.PrefetchAsync(name, request.Pattern, context.RequestAborted);
            return TypedResults.Json(Describe(Find(shelf, name)), ApiJson.Default.VolumeSummary);
        });
        endpoints.MapPost(ApiPaths.Volumes + "/{name}/commit", static async (HttpContext context, string name, VolumeShelf shelf, SeedLibrary seeds, Magnets magnets) =>
            await CommitAsync(context, name, (await Bodies.ReadAsync(context, ApiJson.Default.CommitRequest)).Title, shelf, seeds, magnets));
        endpoints.MapPost(ApiPaths.Volumes + "/{name}/reset", static async (HttpContext context, string name, VolumeShelf shelf) =>
        {
            await shelf.ResetAsync(name, context.RequestAborted);
            return TypedResults.Json(Describe(Find(shelf, name)), ApiJson.Default.VolumeSummary);
        });
        endpoints.MapDelete(ApiPaths.Volumes + "/{name}", static async (HttpContext context, string name, bool? force, VolumeShelf shelf) =>
        {
            if (Find(shelf, name).Target is not null && force != true)
            {
                await shelf.UnmountAsync(name, Folder, context.RequestAborted);
            }
            await shelf.RemoveAsync(name, force == true, context.RequestAborted);
            return TypedResults.NoContent();
        });
    }

    private static async Task<VolumeStatus> AddAsync(VolumeShelf shelf, VolumeRequest request, CancellationToken cancellationToken)
    {
        if (request.Options is null || (request.Name is null && request.Target is null))
        {
            throw ControlException.BadRequest("The request names no volume, or has no options.");
        }
        if (request.Target is { } target && (!Path.IsPathFullyQualified(target) || Path.GetFullPath(target) != target || !Directory.Exists(target)))
        {
            throw ControlException.BadRequest($"'{target}' is not the absolute path of a folder.", "Make the folder first: mkdir -p DIR.");
        }
        var name = request.Name ?? $"folder-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(request.Target!)))[..12]}";
        var isNew = shelf.Find(name) is null;
        await shelf.CreateAsync(name, request.Options, request.Target, cancellationToken);
        if (request.Target is not null)
        {
            try
            {
                await shelf.MountAsync(name, Folder, cancellationToken);
            }
            catch (Exception) when (isNew)
            {
                await shelf.RemoveAsync(name, force: true, CancellationToken.None);
                throw;
            }
        }
        return Find(shelf, name);
    }

    /// <summary>This daemon must not come to its own mounts when it opens what it needs.</summary>
    private static void CheckFree(string? target, VolumeShelf shelf, SeedLibrary seeds, DaemonOptions options)
    {
        if (target is null || !Path.IsPathFullyQualified(target))
        {
            return;
        }
        if (shelf.FindAround(target) is { } volume)
        {
            throw ControlException.BadRequest($"'{target}' cannot be mounted on: it lies in the volume '{volume.Name}', which this pierd answers itself.", "Choose another folder.");
        }
        if (VolumeShelf.Meet(target, options.State))
        {
            throw ControlException.BadRequest($"'{target}' cannot be mounted on: the daemon's state lies in {options.State}.", "Choose another folder.");
        }
        if (seeds.Paths.FirstOrDefault(path => VolumeShelf.Meet(target, path)) is { } seeded)
        {
            throw ControlException.BadRequest($"'{target}' cannot be mounted on: {seeded} is seeded.", "Choose another folder, or end that first with 'pier seed --stop'.");
        }
    }

    private static Task CommitAsync(HttpContext context, string name, string? title, VolumeShelf shelf, SeedLibrary seeds, Magnets magnets) =>
        ProgressStream.RunAsync(context, async (board, cancellationToken) =>
        {
            var snapshot = await shelf.SnapshotAsync(name, title, cancellationToken);
            var isKept = false;
            try
            {
                var (summary, torrent) = await seeds.AddAsync(new SeedRequest(snapshot), new SeedEndpoints.Hashing(board), cancellationToken);
                isKept = summary.Path == snapshot;
                if (isKept)
                {
                    shelf.KeepSnapshot(snapshot);
                }

                return new SeedResult(summary, magnets.FileOf(torrent));
            }
            finally
            {
                if (!isKept)
                {
                    shelf.RemoveSnapshot(snapshot);
                }
            }
        });

    private static IEnumerable<VolumeStatus> At(VolumeShelf shelf, string target) => shelf.FindAt(target) is { } volume ? [volume] : [];

    private static VolumeStatus Find(VolumeShelf shelf, string name) =>
        shelf.Find(name) ?? throw new ContentNotFoundException($"There is no volume '{name}'.");

    private static VolumeSummary Describe(VolumeStatus status) => new(
        status.Name, status.Created, status.Options, status.Mountpoint, status.Target, status.Users,
        status.Arrival?.Length, status.Arrival?.Nodes, status.Arrival?.Here ?? 0, status.Arrival?.Peers ?? 0, status.Arrival?.Source,
        status.Waiting, status.OpenFiles, status.Failures);
}
