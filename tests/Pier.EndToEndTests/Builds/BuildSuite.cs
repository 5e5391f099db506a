namespace Pier.EndToEndTests.Builds;

/// <summary>What every suite of builds begins with: the setting is started by whichever comes first.</summary>
public abstract class BuildSuite(BuildSetting setting) : IAsyncLifetime
{
    protected static CancellationToken Cancel => TestContext.Current.CancellationToken;

    protected BuildSetting Setting => setting;

    public virtual async ValueTask InitializeAsync() => await setting.StartAsync(Cancel);

    public virtual ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }

    /// <summary>Name of an image with a shell to build on, pulled.</summary>
    protected async Task<string> DebianAsync()
    {
        await setting.Docker.PullAsync(setting.Cluster.Images.Debian.Name, Cancel);
        return setting.Cluster.Images.Debian.Name;
    }
}
