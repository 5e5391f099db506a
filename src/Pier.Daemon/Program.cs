using System.Globalization;
using Pier.Daemon.Hosting;
using Pier.Volumes.Keeping;

// The daemon starts itself once more to keep its mounts (Pier.Volumes, Keeping); nobody types this.
return args is ["mountd", var socket, var seconds] && int.TryParse(seconds, NumberStyles.None, CultureInfo.InvariantCulture, out var wait)
    ? MountKeeper.Run(socket, TimeSpan.FromSeconds(wait))
    : await DaemonCommand.RunAsync(args);
