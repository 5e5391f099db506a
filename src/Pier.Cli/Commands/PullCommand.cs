using System.CommandLine;
using Pier.Api;
using Pier.Api.Images;
using Pier.Api.Progress;
using Pier.Cli.Output;
using Pier.Cli.Sessions;

namespace Pier.Cli.Commands;

/// <summary><c>pier pull</c>: an image into the node's store.</summary>
internal static class PullCommand
{
    /// <summary>Builds the command.</summary>
    public static Command Create()
    {
        var image = new Argument<string>("IMAGE") { Description = "A reference as Docker spells it" };
        var platform = new Option<string>("--platform") { HelpName = "OS/ARCH[/VARIANT],…", Description = "Pull for these platforms (default the daemon's own)" };
        var all = new Option<bool>("--all-platforms") { Description = "Pull for every platform that the image has" };
        var command = new PierCommand("pull", "Pull an image into the node's store, from peers where they have it",
            ("pier pull debian:12", "For this host's platform"),
            ("pier pull --platform linux/arm64 ghcr.io/owner/app:1.2", "For another platform"),
            ("pier pull --platform linux/amd64,linux/arm64 alpine", "For two"),
            ("pier pull --all-platforms busybox", "For all platforms, for example before 'pier export'"))
        { image, platform, all };
        command.Validators.Add(result =>
        {
            if (result.GetValue(all) && result.GetValue(platform) is not null)
            {
                result.AddError("--platform and --all-platforms exclude each other.");
            }
        });
        return command.Does(async (session, parsed, cancellationToken) =>
        {
            var request = new PullRequest(parsed.GetRequiredValue(image), parsed.GetValue(platform), parsed.GetValue(all));
            var result = await session.FollowAsync<PullRequest, PullResult>(ApiPaths.Pull, request, ApiJson.Default.PullRequest, cancellationToken);
            session.Write<ProgressLine>(result, ApiJson.Default.ProgressLine, writer =>
            {
                if (result.Warning is not null)
                {
                    session.Error.WriteLine($"pier: {result.Warning}");
                }
                writer.WriteLine($"{result.Image.Name}  {result.Image.Digest}");
                writer.WriteLine(
                    $"{Sizes.Bytes(result.Sources.Total)} in {Sizes.Duration(TimeSpan.FromSeconds(result.Seconds))}: {SourceSplit.Amounts(result.Sources)}");
            });
        });
    }
}
