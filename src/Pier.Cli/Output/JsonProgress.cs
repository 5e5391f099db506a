using System.Text.Json;
using Pier.Api;
using Pier.Api.Progress;

namespace Pier.Cli.Output;

/// <summary>Progress for programs: the daemon's own lines.</summary>
internal sealed class JsonProgress(TextWriter writer) : IProgressDisplay
{
    /// <inheritdoc/>
    public Task<T> ShowAsync<T>(Func<Action<ProgressUpdate>, Task<T>> work) =>
        work(update => writer.WriteLine(JsonSerializer.Serialize(update, ApiJson.Default.ProgressLine)));
}
