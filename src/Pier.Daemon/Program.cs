using Pier.Daemon.Hosting;

return await DaemonCommand.RunAsync(args);
