using System.Globalization;
using Microsoft.AspNetCore.Http;
using Pier.Content;
using Pier.Content.Contracts;
using Pier.Distribution.Wire;
using Pier.Registry.Errors;
using Pier.Store.Uploads;

namespace Pier.Registry.Local;

/// <summary>Pushes of blobs: at once, in chunks, resumed, mounted, given up (OCI distribution-spec, "Pushing blobs").</summary>
internal sealed class UploadEndpoint(Uploads uploads, UploadBody body, BlobMount mount, LocalContent content)
{
    public Task InvokeAsync(HttpContext context, LocalAddress address)
    {
        var id = address.Path.Reference;
        if (id.Length == 0)
        {
            return HttpMethods.IsPost(context.Request.Method) ? StartAsync(context, address) : throw LocalEndpoints.NotAllowed(context, "POST");
        }

        var upload = uploads.Find(address.Repository, id) ?? throw Unknown(id);
        return context.Request.Method switch
        {
            "GET" or "HEAD" => TellStatus(context, address, upload),
            "PATCH" => AppendAsync(context, address, upload),
            "PUT" => FinishAsync(context, address, upload),
            "DELETE" => CancelAsync(context, upload),
            _ => throw LocalEndpoints.NotAllowed(context, "GET, HEAD, PATCH, PUT, DELETE"),
        };
    }

    private async Task StartAsync(HttpContext context, LocalAddress address)
    {
        var query = context.Request.Query;
        if (query["mount"].ToString() is { Length: > 0 } mounted
            && LocalAddress.ParseDigest(mounted) is var known
            && await mount.TryAsync(context, address.Repository, known, query["from"].ToString()))
        {
            Created(context, address, known);
            return;
        }

        var digest = query["digest"].ToString() is { Length: > 0 } named ? LocalAddress.ParseDigest(named) : default(Digest?);
        var upload = uploads.Create(address.Repository, digest?.Algorithm ?? Algorithm(query["digest-algorithm"].ToString()));
        if (digest is null)
        {
            Accepted(context, address, upload, StatusCodes.Status202Accepted);
            return;
        }

        // One request with all of it: there is nothing that a client could resume.
        using var turn = await uploads.TakeTurnAsync(upload, context.RequestAborted);
        try
        {
            await body.CopyAsync(context, turn, announced: null);
            await ProveAsync(context, address, turn, digest.Value);
        }
        catch
        {
            turn.End();
            throw;
        }
    }

    private async Task AppendAsync(HttpContext context, LocalAddress address, Upload upload)
    {
        using var turn = await TakeTurnAsync(context, upload);
        await CopyAsync(context, address, upload, turn);
        turn.Flush();
        Accepted(context, address, upload, StatusCodes.Status202Accepted);
    }

    private async Task FinishAsync(HttpContext context, LocalAddress address, Upload upload)
    {
        var digest = LocalAddress.ParseDigest(context.Request.Query["digest"].ToString());
        using var turn = await TakeTurnAsync(context, upload);
        await CopyAsync(context, address, upload, turn);
        await ProveAsync(context, address, turn, digest);
    }

    private async Task ProveAsync(HttpContext context, LocalAddress address, UploadTurn turn, Digest digest)
    {
        Digest sha256;
        try
        {
            sha256 = turn.Prove(digest);
        }
        catch (ContentMismatchException wrong)
        {
            turn.End();
            throw new RegistryRefusal(400, ErrorCodes.DigestInvalid, $"{wrong.Message} The upload is dropped.");
        }

        await content.KeepBlobAsync(address.Repository, digest, sha256, turn.Seal, context.RequestAborted);
        Created(context, address, digest);
    }

    private async Task CopyAsync(HttpContext context, LocalAddress address, Upload upload, UploadTurn turn)
    {
        var range = ChunkRange.Of(context.Request);
        if (range is { } chunk && chunk.Start != turn.Offset)
        {
            Accepted(context, address, upload, StatusCodes.Status416RangeNotSatisfiable);
            throw new RegistryRefusal(416, ErrorCodes.BlobUploadInvalid, $"The chunk begins at {chunk.Start}; the next byte here is {turn.Offset}.");
        }

        await body.CopyAsync(context, turn, range?.Length);
    }

    private async Task CancelAsync(HttpContext context, Upload upload)
    {
        using var turn = await TakeTurnAsync(context, upload);
        turn.End();
        context.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    private async ValueTask<UploadTurn> TakeTurnAsync(HttpContext context, Upload upload)
    {
        try
        {
            return await uploads.TakeTurnAsync(upload, context.RequestAborted);
        }
        catch (ContentNotFoundException)
        {
            throw Unknown(upload.Id);
        }
    }

    private static Task TellStatus(HttpContext context, LocalAddress address, Upload upload)
    {
        Accepted(context, address, upload, StatusCodes.Status204NoContent);
        return Task.CompletedTask;
    }

    private static void Accepted(HttpContext context, LocalAddress address, Upload upload, int status)
    {
        var response = context.Response;
        response.StatusCode = status;
        response.Headers.Location = address.Of("blobs/uploads", upload.Id);

        // The grammar has no empty range: distribution's registry says 0-0 before the first byte, and clients expect that.
        response.Headers.Range = $"0-{Math.Max(upload.Offset - 1, 0).ToString(CultureInfo.InvariantCulture)}";
        response.Headers["Docker-Upload-UUID"] = upload.Id;
        if (status == StatusCodes.Status202Accepted)
        {
            response.ContentLength = 0;
        }
    }

    private static void Created(HttpContext context, LocalAddress address, Digest digest)
    {
        var response = context.Response;
        response.StatusCode = StatusCodes.Status201Created;
        response.Headers.Location = address.Of("blobs", digest.ToString());
        response.Headers["Docker-Content-Digest"] = digest.ToString();
        response.ContentLength = 0;
    }

    private static DigestAlgorithm Algorithm(string name) => name switch
    {
        "" or "sha256" => DigestAlgorithm.Sha256,
        "sha512" => DigestAlgorithm.Sha512,
        _ => throw new RegistryRefusal(400, ErrorCodes.DigestInvalid, $"'{name}' is no digest algorithm that is known here: sha256 and sha512 are."),
    };

    private static RegistryRefusal Unknown(string id) =>
        new(404, ErrorCodes.BlobUploadUnknown, $"No upload {id} to this repository is under way: it has ended, or it expired. Begin anew.");
}
