using System.CommandLine;
using System.Globalization;
using Pier.Api;
using Pier.Api.Tags;
using Pier.Cli.Output;
using Pier.Cli.Sessions;

namespace Pier.Cli.Commands;

/// <summary><c>pier tag</c>: what tags of mirrored repositories name here, asked anew, or held where they are.</summary>
internal static class TagCommand
{
    /// <summary>Builds the command with its four.</summary>
    public static Command Create() =>
        new PierCommand("tag", "Show what tags name here, ask their registries anew, or hold them where they are",
            ("pier tag ls", "Every tag that was pulled through this node"),
            ("pier tag pin debian:12", "Answer debian:12 as it is now, whatever Docker Hub says"))
        { List(), Refresh(), Pin(), Unpin() };

    /// <summary>Tags as a table.</summary>
    internal static void Render(IReadOnlyList<TagSummary> tags, DateTimeOffset now, TextWriter writer)
    {
        var table = new TextTable("TAG", "DIGEST", "AS OF>", "");
        foreach (var tag in tags)
        {
            var age = now - tag.AsOf;
            table.Row(tag.Name, Sizes.ShortDigest(tag.Digest), $"{Sizes.Duration(age > TimeSpan.Zero ? age : TimeSpan.Zero)} ago", tag.Pinned ? "pinned" : "");
        }
        table.WriteTo(writer);
    }

    private static PierCommand List()
    {
        var part = new Argument<string>("PART") { Description = "Only tags whose names contain this", Arity = ArgumentArity.ZeroOrOne };
        return new PierCommand("ls", "List the tags that this node remembers", ("pier tag ls debian", "Those with debian in their names")) { part }
        .Does(async (session, parsed, cancellationToken) =>
        {
            var list = await session.Daemon.GetAsync(ApiPaths.Tags, ApiJson.Default.TagList, cancellationToken);
            var wanted = parsed.GetValue(part) is { } text ? new TagList([.. list.Tags.Where(tag => tag.Name.Contains(text, StringComparison.Ordinal))]) : list;
            session.Write(wanted, ApiJson.Default.TagList, writer => Render(wanted.Tags, session.Clock.GetUtcNow(), writer));
        });
    }

    private static PierCommand Refresh() => ForEach(
        "refresh", "Ask the registry what a tag names now", HttpMethod.Post, ApiPaths.TagRefresh,
        tag => tag.Previous is { } previous
            ? string.Create(CultureInfo.InvariantCulture, $"{tag.Name}  {previous} → {tag.Digest}")
            : $"{tag.Name}  {tag.Digest}",
        ("pier tag refresh debian:12", "Needed only where tagFreshness is set"));

    private static PierCommand Pin() => ForEach(
        "pin", "Answer a tag as it is now, or with the digest given, whatever its registry says", HttpMethod.Put, ApiPaths.TagPins,
        tag => $"pinned {tag.Name} to {tag.Digest}",
        ("pier tag pin debian:12", "As it is now"), ("pier tag pin debian:12@sha256:…", "To a certain image"));

    private static PierCommand Unpin() => ForEach(
        "unpin", "Let a tag follow its registry again", HttpMethod.Delete, ApiPaths.TagPins, tag => $"unpinned {tag.Name}",
        ("pier tag unpin debian:12", "The next pull asks Docker Hub"));

    private static PierCommand ForEach(
        string verb, string description, HttpMethod method, string path, Func<TagSummary, string> line, params ReadOnlySpan<(string Line, string Does)> examples)
    {
        var names = new Argument<string[]>("IMAGE") { Description = "Image with a tag; latest where it has none", Arity = ArgumentArity.OneOrMore };
        return new PierCommand(verb, description, examples) { names }
        .Does(async (session, parsed, cancellationToken) =>
        {
            foreach (var name in parsed.GetRequiredValue(names))
            {
                var tag = await session.Daemon.SendAsync(method, $"{path}?name={Uri.EscapeDataString(name)}", ApiJson.Default.TagSummary, cancellationToken);
                session.Write(tag, ApiJson.Default.TagSummary, writer => writer.WriteLine(PlainText.Of(line(tag))));
            }
        });
    }
}
