using System.IO.Pipelines;
using Microsoft.AspNetCore.Http;
using Pier.Distribution.Wire;
using Pier.Registry.Errors;
using Pier.Store.Uploads;

namespace Pier.Registry.Local;

/// <summary>Brings the body of a request into an upload as it arrives; slow is fine, silent is not.</summary>
internal sealed class UploadBody(MirrorOptions options, TimeProvider clock)
{
    private readonly PushOptions _push = options.Push;

    /// <summary>Appends the body. What came before a failure stays, so that the client can go on from there; a body that breaks its word does not.</summary>
    /// <param name="context">The request.</param>
    /// <param name="turn">Where the bytes go.</param>
    /// <param name="announced">How many there are to be, or null.</param>
    /// <exception cref="RegistryRefusal">Too many bytes, too few, too slow, or somebody else took the upload over.</exception>
    public async Task CopyAsync(HttpContext context, UploadTurn turn, long? announced)
    {
        var start = turn.Offset;
        Check(start + (announced ?? context.Request.ContentLength ?? 0));
        using var stall = new CancellationTokenSource(_push.Stall, clock);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, turn.Lost, stall.Token);
        var reader = context.Request.BodyReader;
        while (true)
        {
            var read = await ReadAsync(context, reader, turn, stall, stop.Token);
            try
            {
                if (turn.Offset + read.Buffer.Length - start > announced)
                {
                    turn.ReturnTo(start);
                    throw new RegistryRefusal(400, ErrorCodes.SizeInvalid, $"The chunk has more than the {announced} bytes that were announced.");
                }

                Check(turn.Offset + read.Buffer.Length);
                turn.Append(read.Buffer);
            }
            finally
            {
                reader.AdvanceTo(read.Buffer.End);
            }

            if (read.IsCompleted)
            {
                break;
            }
        }

        if (turn.Offset - start < announced)
        {
            var came = turn.Offset - start;
            turn.ReturnTo(start);
            throw new RegistryRefusal(400, ErrorCodes.SizeInvalid, $"The chunk was announced with {announced} bytes and has {came}.");
        }
    }

    private async ValueTask<ReadResult> ReadAsync(
        HttpContext context, PipeReader reader, UploadTurn turn, CancellationTokenSource stall, CancellationToken stop)
    {
        stall.CancelAfter(_push.Stall);
        try
        {
            return await reader.ReadAsync(stop);
        }
        catch (OperationCanceledException) when (!context.RequestAborted.IsCancellationRequested)
        {
            context.Response.Headers.Connection = "close";
            throw turn.Lost.IsCancellationRequested
                ? new RegistryRefusal(409, ErrorCodes.BlobUploadInvalid, "Another request goes on with this upload.")
                : new RegistryRefusal(400, ErrorCodes.BlobUploadInvalid,
                    $"Nothing came for {_push.Stall.TotalSeconds:0} s. The upload stays: ask for its status and go on from there.");
        }
    }

    private void Check(long size)
    {
        if (size > _push.MaxBlob)
        {
            throw new RegistryRefusal(413, ErrorCodes.SizeInvalid, $"A blob may have {_push.MaxBlob} bytes here (pushMaxBlob in the configuration file).");
        }
    }
}
