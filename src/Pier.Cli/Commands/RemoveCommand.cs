using System.CommandLine;
using Pier.Api;
using Pier.Cli.Output;
using Pier.Cli.Sessions;

namespace Pier.Cli.Commands;

/// <summary><c>pier rm</c>: an image with the blobs that nothing else needs, or one blob.</summary>
internal static class RemoveCommand
{
    /// <summary>Builds the command.</summary>
    public static Command Create()
    {
        var names = new Argument<string[]>("NAME") { Description = "Image, or digest of a blob", Arity = ArgumentArity.OneOrMore };
        return new PierCommand("rm", "Remove images or blobs from the node's store",
            ("pier rm debian:12", "The image, with the blobs that no other image needs"),
            ("pier rm sha256:2c26b46b…", "One blob"))
        { names }
        .Does(async (session, parsed, cancellationToken) =>
        {
            foreach (var name in parsed.GetRequiredValue(names))
            {
                var removed = await session.Daemon.SendAsync(
                    HttpMethod.Delete, $"{ApiPaths.Images}?name={Uri.EscapeDataString(name)}", ApiJson.Default.RemoveAnswer, cancellationToken);
                session.Write(removed, ApiJson.Default.RemoveAnswer, writer =>
                    writer.WriteLine($"removed {removed.Name}: {removed.Blobs} blobs, {Sizes.Bytes(removed.Bytes)}"));
            }
        });
    }
}
