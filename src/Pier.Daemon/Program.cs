using System.Globalization;
using Pier.Daemon.Hosting;
using Pier.Volumes.Keeping;

// The daemon starts itself once more to keep its mounts, and the managed plugin starts it below a first process (Pier.Volumes, Keeping);
// nobody types these.
return args switch
{
    ["mountd", var socket, var seconds] when int.TryParse(seconds, NumberStyles.None, CultureInfo.InvariantCulture, out var wait) =>
        MountKeeper.Run(socket, TimeSpan.FromSeconds(wait)),
    ["first", .. var flags] => await FirstProcess.RunAsync([.. OwnProgram.Command, .. flags], TimeProvider.System),
    _ => await DaemonCommand.RunAsync(args),
};
