using Pier.Buildkit;

return await FrontendCommand.RunAsync(args);
