using Google.Protobuf;
using Pier.Buildkit.Wire;

namespace Pier.Buildkit.Gateway;

/// <summary>BuildKit as a frontend sees it: service <c>moby.buildkit.v1.frontend.LLBBridge</c>.</summary>
internal sealed class Bridge(GrpcChannel channel, BuildTrace trace)
{
    private const string Service = "moby.buildkit.v1.frontend.LLBBridge/";
    private const int NotFound = 5;

    /// <summary>The capabilities of this BuildKit's gateway.</summary>
    public async Task<IReadOnlySet<string>> CapabilitiesAsync(CancellationToken cancellationToken)
    {
        var pong = await CallAsync("Ping", new PingRequest(), PongResponse.Parser, cancellationToken);
        return pong.FrontendApiCaps.Where(capability => capability.Enabled).Select(capability => capability.Id).ToHashSet(StringComparer.Ordinal);
    }

    /// <summary>What the client gave as inputs.</summary>
    public async Task<IDictionary<string, Definition>> InputsAsync(CancellationToken cancellationToken) =>
        (await CallAsync("Inputs", new InputsRequest(), InputsResponse.Parser, cancellationToken)).Definitions;

    /// <summary>Solves a definition, or lets another frontend make one; nothing runs before a result is read.</summary>
    /// <exception cref="GrpcException">BuildKit refuses it.</exception>
    public async Task<Result> SolveAsync(SolveRequest request, CancellationToken cancellationToken)
    {
        request.AllowResultReturn = true;
        request.AllowResultArrayRef = true;
        return (await trace.StepAsync(
            request.Frontend.Length > 0 ? request.Frontend : "Solve",
            channel.CallAsync(Service + "Solve", request, SolveResponse.Parser, cancellationToken))).Result;
    }

    /// <summary>Reads a file of a result, which makes BuildKit carry it out.</summary>
    /// <exception cref="GrpcException">There is no such file, or making it failed.</exception>
    public async Task<byte[]> ReadFileAsync(Result result, string path, FileRange? range, CancellationToken cancellationToken) =>
        (await CallAsync(
            "ReadFile", new ReadFileRequest { Ref = result.Ref.Id, FilePath = path, Range = range }, ReadFileResponse.Parser, cancellationToken)).Data.ToByteArray();

    /// <summary>As <see cref="ReadFileAsync"/>; null when there is no such file.</summary>
    public async Task<byte[]?> TryReadFileAsync(Result result, string path, CancellationToken cancellationToken)
    {
        try
        {
            return await ReadFileAsync(result, path, range: null, cancellationToken);
        }
        catch (GrpcException refused) when (refused.Status.Code == NotFound || refused.Message.Contains("no such file", StringComparison.Ordinal))
        {
            return null;
        }
    }

    /// <summary>Shows a warning beside the build; only where the capability <c>gateway.warnings</c> is there.</summary>
    public Task WarnAsync(WarnRequest request, CancellationToken cancellationToken) =>
        CallAsync("Warn", request, WarnResponse.Parser, cancellationToken);

    /// <summary>Ends the build of this frontend, well or not; once.</summary>
    public Task ReturnAsync(ReturnRequest request, CancellationToken cancellationToken) =>
        CallAsync("Return", request, ReturnResponse.Parser, cancellationToken);

    private Task<T> CallAsync<T>(string method, IMessage request, MessageParser<T> parser, CancellationToken cancellationToken)
        where T : IMessage<T> =>
        trace.StepAsync(method, channel.CallAsync(Service + method, request, parser, cancellationToken));
}
