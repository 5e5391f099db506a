using System.Reflection;

namespace Pier.Daemon.Hosting;

/// <summary>This build's version.</summary>
internal static class DaemonVersion
{
    /// <summary>As the build set it, without the commit.</summary>
    public static string Text { get; } =
        typeof(DaemonVersion).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];
}
