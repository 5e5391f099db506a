using System.CommandLine;
using System.CommandLine.Invocation;
using Pier.Cli;
using Pier.Cli.Commands;

// Docker runs its plugin as `docker-pier pier …`.
var words = DockerPlugin.StripName(Environment.GetCommandLineArgs()[0], args);
return await CommandLine.RunAsync(words, new InvocationConfiguration());
