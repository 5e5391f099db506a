using System.CommandLine;
using Pier.Api;
using Pier.Cli.Sessions;

namespace Pier.Cli.Commands;

/// <summary><c>pier pin</c> and <c>pier unpin</c>: keep from eviction, or no longer.</summary>
internal static class PinCommands
{
    /// <summary>Builds <c>pin</c>.</summary>
    public static Command CreatePin() => Create("pin", "Keep an image or blob from eviction and removal", HttpMethod.Put,
        ("pier pin debian:12", "The image with all its blobs"));

    /// <summary>Builds <c>unpin</c>.</summary>
    public static Command CreateUnpin() => Create("unpin", "Take a pin back", HttpMethod.Delete,
        ("pier unpin debian:12", "The image with all its blobs"));

    private static PierCommand Create(string verb, string description, HttpMethod method, (string Line, string Does) example)
    {
        var names = new Argument<string[]>("NAME") { Description = "Image, or digest of a blob", Arity = ArgumentArity.OneOrMore };
        return new PierCommand(verb, description, example) { names }
        .Does(async (session, parsed, cancellationToken) =>
        {
            foreach (var name in parsed.GetRequiredValue(names))
            {
                var answer = await session.Daemon.SendAsync(
                    method, $"{ApiPaths.Pins}?name={Uri.EscapeDataString(name)}", ApiJson.Default.PinAnswer, cancellationToken);
                session.Write(answer, ApiJson.Default.PinAnswer, writer =>
                    writer.WriteLine($"{(answer.Pinned ? "pinned" : "unpinned")} {answer.Name}: {answer.Blobs} blobs"));
            }
        });
    }
}
