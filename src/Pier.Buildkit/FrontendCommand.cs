using System.Collections;
using Pier.Buildkit.Dockerfiles;
using Pier.Buildkit.Gateway;
using Pier.Buildkit.Wire;

namespace Pier.Buildkit;

/// <summary>The program: speaks to BuildKit over its standard streams, ends with exactly one Return.</summary>
internal static class FrontendCommand
{
    private const int Unknown = 2;

    /// <summary>Runs it; 0 when the build's outcome, good or bad, was told to BuildKit.</summary>
    public static async Task<int> RunAsync(string[] arguments)
    {
        if (arguments is ["--version"])
        {
            Console.WriteLine("pier-frontend 0.1.0");
            return 0;
        }

        if (Environment.GetEnvironmentVariable("BUILDKIT_SESSION_ID") is null)
        {
            await Console.Error.WriteLineAsync("pier-frontend is run by BuildKit: begin a Dockerfile with '# syntax=pier/frontend'.");
            return 2;
        }

        var trace = new BuildTrace(TimeProvider.System);
        using var channel = new GrpcChannel(new StdioStream(Console.OpenStandardInput(), Console.OpenStandardOutput()));
        var bridge = new Bridge(channel, trace);
        var options = BuildOptions.Read(Variables());
        var frontend = new Frontend(bridge, options);
        ReturnRequest outcome;
        try
        {
            outcome = new ReturnRequest { Result = await frontend.BuildAsync(CancellationToken.None) };
        }
        catch (DockerfileException error)
        {
            outcome = new ReturnRequest { Error = ErrorDetails.Of(error, frontend.Dockerfile) };
        }
        catch (GrpcException refused)
        {
            outcome = new ReturnRequest { Error = ErrorDetails.Restore(refused.Status, frontend.Dockerfile) };
        }
        catch (Exception failure) when (failure is not HttpRequestException)
        {
            // Whoever builds sees this text; the engine's log gets the rest.
            await Console.Error.WriteLineAsync(failure.ToString());
            outcome = new ReturnRequest { Error = new Status { Code = Unknown, Message = $"pier/frontend failed: {failure.Message}" } };
        }

        if (options.IsTraced)
        {
            await Console.Error.WriteLineAsync(trace.ToString());
        }

        await bridge.ReturnAsync(outcome, CancellationToken.None);
        return 0;
    }

    private static IEnumerable<KeyValuePair<string, string>> Variables() => Environment.GetEnvironmentVariables()
        .Cast<DictionaryEntry>()
        .Select(entry => KeyValuePair.Create((string)entry.Key, (string?)entry.Value ?? ""));
}
