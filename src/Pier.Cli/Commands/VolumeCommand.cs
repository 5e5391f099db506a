using System.CommandLine;
using Pier.Api;
using Pier.Api.Volumes;
using Pier.Cli.Output;
using Pier.Cli.Sessions;

namespace Pier.Cli.Commands;

/// <summary><c>pier volume</c>: volumes of containers, as the engine's own commands see them, and what only Pier knows of them.</summary>
internal static class VolumeCommand
{
    /// <summary>Builds the command.</summary>
    public static Command Create() => new("volume", "Volumes whose content arrives while it is read")
    {
        CreateOne(), List(), Show(), Prefetch(), VolumeWriting.Commit(), VolumeWriting.Reset(), Remove(),
    };

    /// <summary>Writes one volume.</summary>
    internal static void Render(VolumeSummary volume, TextWriter writer)
    {
        writer.WriteLine($"name      {volume.Name}");
        writer.WriteLine($"source    {volume.Source ?? volume.Options.GetValueOrDefault("source", "")}");
        writer.WriteLine($"content   {(volume.Size is { } size ? $"{Sizes.Bytes(size)}, {Percent(volume)} here; {volume.Peers} peers" : "nobody has told yet")}");
        writer.WriteLine($"mounted   {(volume.Mountpoint is { } at ? $"{at}, for {volume.Users.Count}; {volume.OpenFiles} open files, {volume.Waiting} reads wait" : "no")}");
        foreach (var (option, value) in volume.Options.Where(option => option.Key != "source").OrderBy(option => option.Key, StringComparer.Ordinal))
        {
            writer.WriteLine($"option    {option}={value}");
        }
        foreach (var failure in volume.Failures)
        {
            writer.WriteLine($"failure   {failure}");
        }
    }

    private static PierCommand CreateOne()
    {
        var name = new Argument<string>("NAME") { Description = "Name of the volume" };
        var options = new Option<string[]>("--opt", "-o") { HelpName = "KEY=VALUE", Description = "As for 'docker volume create': source=, subpath=, mode=, prefetch=, …; may be repeated" };
        return new PierCommand("create", "Make a volume",
            ("pier volume create -o source='magnet:?xt=urn:btih:…' data", "Its content is there at once, its bytes when they are read"),
            ("pier volume create -o source='magnet:?xt=urn:btih:…' -o writable=true -o quota=20g work", "To be written over; see 'pier volume commit'"))
        { name, options }
        .Does(async (session, parsed, cancellationToken) =>
        {
            var request = new VolumeRequest(parsed.GetRequiredValue(name), VolumeWords.Options(parsed.GetValue(options) ?? []));
            var volume = await session.Daemon.PostAsync(
                ApiPaths.Volumes, request, ApiJson.Default.VolumeRequest, ApiJson.Default.VolumeSummary, cancellationToken);
            session.Write(volume, ApiJson.Default.VolumeSummary, writer => writer.WriteLine(volume.Name));
        });
    }

    private static PierCommand List() => new PierCommand("ls", "List volumes and mounted folders", ("pier volume ls", "Every one, with how much is here"))
        .Does(async (session, _, cancellationToken) =>
        {
            var list = await session.Daemon.GetAsync(ApiPaths.Volumes, ApiJson.Default.VolumeList, cancellationToken);
            session.Write(list, ApiJson.Default.VolumeList, writer =>
            {
                var table = new TextTable("NAME", "SIZE>", "HERE>", "PEERS>", "USERS>", "MOUNTED ON");
                foreach (var volume in list.Volumes)
                {
                    table.Row(volume.Name, volume.Size is { } size ? Sizes.Bytes(size) : "?", Percent(volume), $"{volume.Peers}", $"{volume.Users.Count}", volume.Mountpoint ?? "-");
                }
                table.WriteTo(writer);
            });
        });

    private static PierCommand Show()
    {
        var name = new Argument<string>("NAME") { Description = "Name of the volume" };
        return new PierCommand("show", "Show a volume: how far it is, who uses it, why reads failed", ("pier volume show data", "One volume")) { name }
            .Does(async (session, parsed, cancellationToken) =>
            {
                var volume = await session.Daemon.GetAsync(VolumeWords.PathOf(parsed.GetRequiredValue(name)), ApiJson.Default.VolumeSummary, cancellationToken);
                session.Write(volume, ApiJson.Default.VolumeSummary, writer => Render(volume, writer));
            });
    }

    private static PierCommand Prefetch()
    {
        var name = new Argument<string>("NAME") { Description = "Name of the volume" };
        var pattern = new Argument<string?>("GLOB") { Description = "Files to fetch, ** for any folders (default all)", Arity = ArgumentArity.ZeroOrOne };
        return new PierCommand("prefetch", "Fetch files of a volume before they are read; returns when they are here",
            ("pier volume prefetch data '**/*.idx'", "The indices first"))
        { name, pattern }
        .Does(async (session, parsed, cancellationToken) =>
        {
            var volume = await session.Daemon.PostAsync(
                VolumeWords.PathOf(parsed.GetRequiredValue(name)) + "/prefetch", new PrefetchRequest(parsed.GetValue(pattern)),
                ApiJson.Default.PrefetchRequest, ApiJson.Default.VolumeSummary, cancellationToken);
            session.Write(volume, ApiJson.Default.VolumeSummary, writer => writer.WriteLine($"{volume.Name}: {Percent(volume)} of {Sizes.Bytes(volume.Size ?? 0)} here"));
        });
    }

    private static PierCommand Remove()
    {
        var names = new Argument<string[]>("NAME") { Description = "Name of a volume", Arity = ArgumentArity.OneOrMore };
        var force = new Option<bool>("--force", "-f") { Description = "Also while somebody uses it: their open files fail from then on" };
        return new PierCommand("rm", "Remove volumes, and their content when no other shows it", ("pier volume rm data", "One volume")) { names, force }
            .Does(async (session, parsed, cancellationToken) =>
            {
                foreach (var name in parsed.GetRequiredValue(names))
                {
                    await session.Daemon.DeleteAsync($"{VolumeWords.PathOf(name)}?force={(parsed.GetValue(force) ? "true" : "false")}", cancellationToken);
                    if (!session.Json)
                    {
                        session.Output.WriteLine(name);
                    }
                }
            });
    }

    private static string Percent(VolumeSummary volume) => volume.Size switch
    {
        null => "?",
        0 => "100 %",
        // Never 100 before it is all.
        { } size => $"{Math.Floor(100.0 * volume.Local / size)} %",
    };
}
