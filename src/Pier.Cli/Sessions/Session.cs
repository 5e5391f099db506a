using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Pier.Api;
using Pier.Api.Progress;
using Pier.Cli.Output;
using Spectre.Console;

namespace Pier.Cli.Sessions;

/// <summary>What a command works with: the daemon, the two outputs, and how the user wants to see things.</summary>
internal sealed class Session(string socket, bool json, TextWriter output, TextWriter error, TimeProvider clock, bool terminal) : IDisposable
{
    private readonly Lazy<ControlClient> _client = new(() => new ControlClient(socket));

    /// <summary>The daemon.</summary>
    public ControlClient Daemon => _client.Value;

    /// <summary>True when the user asked for JSON.</summary>
    public bool Json { get; } = json;

    /// <summary>Where results go.</summary>
    public TextWriter Output { get; } = output;

    /// <summary>Where remarks and errors go.</summary>
    public TextWriter Error { get; } = error;

    /// <summary>The clock.</summary>
    public TimeProvider Clock { get; } = clock;

    /// <summary>Columns of the terminal that results go to; 80 when they go elsewhere.</summary>
    public int Width => Output == Console.Out && !Console.IsOutputRedirected && Console.WindowWidth > 0 ? Console.WindowWidth : 80;

    /// <summary>Progress as it fits: JSON lines, bars at a terminal, plain lines otherwise. Never on the output of results.</summary>
    public IProgressDisplay Progress =>
        Json ? new JsonProgress(Output)
        : terminal ? new BarsProgress(AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Error) }))
        : new PlainProgress(Error, Clock);

    /// <summary>Writes a document when JSON is wanted, else what <paramref name="text"/> writes.</summary>
    public void Write<T>(T document, JsonTypeInfo<T> type, Action<TextWriter> text)
    {
        if (Json)
        {
            Output.WriteLine(JsonSerializer.Serialize(document, type));
        }
        else
        {
            text(Output);
        }
    }

    /// <summary>Runs long work at the daemon with its progress shown, and returns its result.</summary>
    public Task<TResult> FollowAsync<TRequest, TResult>(
        string path, TRequest request, JsonTypeInfo<TRequest> type, CancellationToken cancellationToken)
        where TResult : ProgressLine =>
        Progress.ShowAsync(async report =>
        {
            TResult? result = null;
            await foreach (var line in Daemon.PostLinesAsync(path, request, type, cancellationToken))
            {
                if (line is ProgressUpdate update)
                {
                    report(update);
                }
                result = line as TResult ?? result;
            }
            return result ?? throw new InvalidDataException($"The daemon ended {path} without the result that belongs to it.");
        });

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_client.IsValueCreated)
        {
            _client.Value.Dispose();
        }
    }
}
