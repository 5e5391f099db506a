using Pier.TestKit.Engines;

namespace Pier.EndToEndTests.Builds;

/// <summary>Images whose containers serve what they hold, and the containers that a test ran.</summary>
public abstract class ServingSuite(BuildSetting setting) : BuildSuite(setting)
{
    private protected static TimeSpan Deadline { get; } = TimeSpan.FromSeconds(60);

    private protected ServingContainers Containers { get; } = new(setting);

    public override async ValueTask DisposeAsync()
    {
        await Containers.DisposeAsync();
        GC.SuppressFinalize(this);
        await base.DisposeAsync();
    }

    /// <summary>A build context with pierdat in it.</summary>
    private protected async Task<string> PierdatContextAsync(string name)
    {
        var context = Setting.Folder.MakeFolder(name);
        File.Copy(await PierdatProgram.MakeAsync(Cancel), Path.Combine(context, "pierdat"));
        return context;
    }

    /// <summary>Builds a machine that has the seeded file, which pierdat fetched; no PIER line is about.</summary>
    private protected async Task BuildWithPierdatAsync(string tag, string context, string lines)
    {
        await File.WriteAllTextAsync(Path.Combine(context, "Dockerfile"), $"""
            FROM {await DebianAsync()}
            COPY pierdat /usr/bin/
            ENV PIERDAT_DHT=off
            RUN pierdat '{Setting.FileMagnet}' /data/
            {lines}
            """, Cancel);
        (await Setting.Docker.BuildAsync(["--network", "host", "--tag", tag, context], Cancel)).OrThrow();
    }
}
