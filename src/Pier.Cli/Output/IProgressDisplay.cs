using Pier.Api.Progress;

namespace Pier.Cli.Output;

/// <summary>Shows how long work is coming along.</summary>
internal interface IProgressDisplay
{
    /// <summary>Runs the work; what it reports is shown until it ends.</summary>
    Task<T> ShowAsync<T>(Func<Action<ProgressUpdate>, Task<T>> work);
}
