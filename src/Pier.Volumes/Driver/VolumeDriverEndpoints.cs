using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Pier.Content.Contracts;
using Pier.Volumes.Shelf;
using Pier.Volumes.Specs;

namespace Pier.Volumes.Driver;

/// <summary>
/// Docker's VolumeDriver protocol (plugin API 1.2): one POST for each verb, JSON both ways, errors in <c>Err</c>. Who reaches
/// the socket is the engine.
/// </summary>
public static class VolumeDriverEndpoints
{
    private const string ContentType = "application/vnd.docker.plugins.v1.2+json";
    private const int MaxRequest = 1 << 20;

    /// <summary>Maps them.</summary>
    public static void MapVolumeDriver(this IEndpointRouteBuilder endpoints)
    {
        endpoints.MapPost("/Plugin.Activate", static async context =>
        {
            context.Response.ContentType = ContentType;
            await JsonSerializer.SerializeAsync(
                context.Response.Body, new DriverActivation(["VolumeDriver"]), DriverJson.Default.DriverActivation, context.RequestAborted);
        });
        Map(endpoints, "Capabilities", static (_, _, _) => Task.FromResult(new DriverAnswer("", Capabilities: new DriverCapabilities("local"))));
        Map(endpoints, "Create", static async (shelf, request, token) =>
        {
            await shelf.CreateAsync(Name(request), request.Opts ?? [], target: null, token);
            return new DriverAnswer("");
        });
        Map(endpoints, "Remove", static async (shelf, request, token) =>
        {
            await shelf.RemoveAsync(Name(request), force: false, token);
            return new DriverAnswer("");
        });
        Map(endpoints, "Mount", static async (shelf, request, token) =>
            new DriverAnswer("", await shelf.MountAsync(Name(request), Id(request), token)));
        Map(endpoints, "Unmount", static async (shelf, request, token) =>
        {
            await shelf.UnmountAsync(Name(request), Id(request), token);
            return new DriverAnswer("");
        });
        Map(endpoints, "Path", static (shelf, request, _) => Task.FromResult(new DriverAnswer("", Find(shelf, request).Mountpoint ?? "")));
        Map(endpoints, "Get", static (shelf, request, _) => Task.FromResult(new DriverAnswer("", Volume: Describe(Find(shelf, request), withStatus: true))));
        Map(endpoints, "List", static (shelf, _, _) => Task.FromResult(
            new DriverAnswer("", Volumes: [.. shelf.List().Where(status => status.Target is null).Select(status => Describe(status, withStatus: false))])));
    }

    private static void Map(
        IEndpointRouteBuilder endpoints, string verb, Func<VolumeShelf, DriverRequest, CancellationToken, Task<DriverAnswer>> work) =>
        endpoints.MapPost("/VolumeDriver." + verb, context => AnswerAsync(context, verb, work));

    private static async Task AnswerAsync(HttpContext context, string verb, Func<VolumeShelf, DriverRequest, CancellationToken, Task<DriverAnswer>> work)
    {
        DriverAnswer answer;
        try
        {
            answer = await work(context.RequestServices.GetRequiredService<VolumeShelf>(), await ReadAsync(context), context.RequestAborted);
        }
        catch (Exception refused) when (refused is ContentException or VolumeOptionException or JsonException or BadHttpRequestException)
        {
            // The engine shows Err to the user whatever the status is; a status of its own makes it an error for every version.
            LogMessages.EngineRefused(context.RequestServices.GetRequiredService<ILogger<VolumeShelf>>(), verb, refused.Message);
            context.Response.StatusCode = StatusCodes.Status500InternalServerError;
            answer = new DriverAnswer(refused.Message);
        }

        context.Response.ContentType = ContentType;
        await JsonSerializer.SerializeAsync(context.Response.Body, answer, DriverJson.Default.DriverAnswer, context.RequestAborted);
    }

    private static async Task<DriverRequest> ReadAsync(HttpContext context)
    {
        using var body = new MemoryStream();
        var buffer = new byte[4096];
        while (await context.Request.Body.ReadAsync(buffer, context.RequestAborted) is > 0 and var read)
        {
            body.Write(buffer, 0, read);
            if (body.Length > MaxRequest)
            {
                throw new BadHttpRequestException($"The request has more than {MaxRequest} bytes.", StatusCodes.Status413PayloadTooLarge);
            }
        }

        // List and Capabilities may come without a body.
        return body.Length == 0
            ? new DriverRequest(null, null, null)
            : JsonSerializer.Deserialize(body.ToArray(), DriverJson.Default.DriverRequest) ?? new DriverRequest(null, null, null);
    }

    private static string Name(DriverRequest request) => VolumeName.Check(request.Name);

    private static string Id(DriverRequest request) => request.Id is { Length: > 0 and <= 256 } id
        ? id
        : throw new VolumeOptionException("The request has no ID.");

    private static VolumeStatus Find(VolumeShelf shelf, DriverRequest request) =>
        shelf.Find(Name(request)) ?? throw new ContentNotFoundException($"There is no volume '{request.Name}'.");

    private static DriverVolume Describe(VolumeStatus status, bool withStatus) => new(
        status.Name,
        status.Mountpoint ?? "",
        status.Created.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture),
        withStatus ? StatusOf(status) : null);

    private static DriverStatus StatusOf(VolumeStatus status) => new(
        status.Arrival?.Source ?? status.Options.GetValueOrDefault("source", ""),
        status.Arrival is { } arrival ? arrival.IsComplete ? "complete" : "arriving" : status.Failures.Count > 0 ? "failed" : "opening",
        status.Arrival?.Length,
        status.Arrival is { } known ? known.Length == 0 ? 100 : Math.Round(100.0 * known.Here / known.Length, 1) : null,
        status.Arrival?.Peers ?? 0,
        status.Users.Count,
        status.Waiting,
        status.Failures);
}
