namespace Pier.Fetch.Manifests;

/// <summary>Work that runs once however many ask for it at the same time; it is cancelled when the last of them has gone.</summary>
internal sealed class SingleFlight<TKey, TResult>
    where TKey : notnull
{
    private readonly Lock _gate = new();
    private readonly Dictionary<TKey, Flight> _flights = [];

    /// <summary>Joins the flight of this key, or starts it.</summary>
    public async Task<TResult> RunAsync(TKey key, Func<CancellationToken, Task<TResult>> work, CancellationToken cancellationToken)
    {
        Flight? flight;
        lock (_gate)
        {
            if (!_flights.TryGetValue(key, out flight))
            {
                flight = new Flight();
                _flights[key] = flight;
                flight.Task = FlyAsync(key, flight, work);
            }
            flight.Passengers++;
        }

        try
        {
            return await flight.Task.WaitAsync(cancellationToken);
        }
        finally
        {
            await LeaveAsync(key, flight);
        }
    }

    private async Task<TResult> FlyAsync(TKey key, Flight flight, Func<CancellationToken, Task<TResult>> work)
    {
        await Task.Yield();
        try
        {
            return await work(flight.Stop.Token);
        }
        finally
        {
            Remove(key, flight);
        }
    }

    private async ValueTask LeaveAsync(TKey key, Flight flight)
    {
        lock (_gate)
        {
            if (--flight.Passengers > 0)
            {
                return;
            }
            // Whoever asks from now on begins a flight of their own.
            Remove(key, flight);
        }
        await flight.Stop.CancelAsync();
        await ((Task)flight.Task).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        flight.Stop.Dispose();
    }

    private void Remove(TKey key, Flight flight)
    {
        lock (_gate)
        {
            if (_flights.TryGetValue(key, out var current) && current == flight)
            {
                _flights.Remove(key);
            }
        }
    }

    private sealed class Flight
    {
        public CancellationTokenSource Stop { get; } = new();

        public Task<TResult> Task { get; set; } = null!;

        public int Passengers { get; set; }
    }
}
