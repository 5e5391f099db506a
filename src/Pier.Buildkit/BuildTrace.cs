using System.Collections.Concurrent;
using System.Globalization;

namespace Pier.Buildkit;

/// <summary>What took how long between the program's start and its Return, for the engine's log: one line of calls, <c>name begun+lasted</c> in milliseconds.</summary>
internal sealed class BuildTrace(TimeProvider clock)
{
    private readonly long _start = clock.GetTimestamp();
    private readonly ConcurrentQueue<string> _steps = new();

    /// <summary>Waits for a call and notes it.</summary>
    public async Task<T> StepAsync<T>(string name, Task<T> call)
    {
        var begun = Elapsed;
        try
        {
            return await call;
        }
        finally
        {
            _steps.Enqueue(string.Create(CultureInfo.InvariantCulture, $"{name} {begun:0.0}+{Elapsed - begun:0.0}"));
        }
    }

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"pier-frontend: {Elapsed:0.0} ms to Return: {string.Join(", ", _steps)}");

    private double Elapsed => clock.GetElapsedTime(_start).TotalMilliseconds;
}
