using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Globalization;
using Microsoft.Extensions.Hosting;

namespace Pier.Daemon.Metrics;

/// <summary>Adds up what the rooms' instruments report (System.Diagnostics.Metrics), for the page of metrics.</summary>
internal sealed class MeterReader : IHostedService, IDisposable
{
    /// <summary>Series of one instrument; whatever more a client could provoke is dropped.</summary>
    private const int MaxSeries = 1000;
    private static readonly double[] Bounds = [0.005, 0.02, 0.1, 0.5, 1, 2, 5, 10, 30, 60, 300];

    private readonly MeterListener _listener = new();
    private readonly ConcurrentDictionary<string, Family> _families = new(StringComparer.Ordinal);

    public MeterReader(IMeterFactory meters)
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            // Of this daemon and not of another one in the same process.
            if (instrument.Meter.Scope == meters && instrument.Meter.Name.StartsWith("Pier.", StringComparison.Ordinal))
            {
                listener.EnableMeasurementEvents(instrument, _families.GetOrAdd(instrument.Name, _ => new Family(instrument)));
            }
        };
        _listener.SetMeasurementEventCallback<long>(static (_, value, labels, state) => ((Family)state!).Add(value, labels));
        _listener.SetMeasurementEventCallback<double>(static (_, value, labels, state) => ((Family)state!).Add(value, labels));
        _listener.Start();
    }

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Adds everything to the page, by name.</summary>
    public void Write(PrometheusText page)
    {
        foreach (var family in _families.Values.OrderBy(family => family.Name, StringComparer.Ordinal))
        {
            family.Write(page);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _listener.Dispose();

    /// <summary>One instrument with its series.</summary>
    private sealed class Family(Instrument instrument)
    {
        private readonly Lock _gate = new();
        private readonly Dictionary<SeriesKey, Series> _series = [];
        private readonly bool _isHistogram = instrument is Histogram<double> or Histogram<long>;

        public string Name { get; } = instrument.Name.Replace('.', '_') + (instrument is Histogram<double> or Histogram<long> ? "" : "_total");

        public void Add(double value, ReadOnlySpan<KeyValuePair<string, object?>> labels)
        {
            var key = SeriesKey.Of(labels);
            lock (_gate)
            {
                if (!_series.TryGetValue(key, out var series))
                {
                    if (_series.Count >= MaxSeries)
                    {
                        return;
                    }
                    _series[key] = series = new Series(Labels(labels));
                }
                series.Add(value);
            }
        }

        public void Write(PrometheusText page)
        {
            lock (_gate)
            {
                page.Family(_isHistogram ? "histogram" : "counter", Name, instrument.Description ?? "");
                foreach (var series in _series.Values.OrderBy(series => series.Order, StringComparer.Ordinal))
                {
                    if (!_isHistogram)
                    {
                        page.Sample(Name, series.Sum, series.Labels);
                        continue;
                    }
                    for (var i = 0; i <= Bounds.Length; i++)
                    {
                        var bound = i < Bounds.Length ? Bounds[i].ToString(CultureInfo.InvariantCulture) : "+Inf";
                        page.Sample($"{Name}_bucket", series.Below[i], [.. series.Labels, ("le", bound)]);
                    }
                    page.Sample($"{Name}_sum", series.Sum, series.Labels);
                    page.Sample($"{Name}_count", series.Count, series.Labels);
                }
            }
        }

        private static (string Name, string Value)[] Labels(ReadOnlySpan<KeyValuePair<string, object?>> labels)
        {
            var list = new (string, string)[labels.Length];
            for (var i = 0; i < labels.Length; i++)
            {
                list[i] = (labels[i].Key, Convert.ToString(labels[i].Value, CultureInfo.InvariantCulture) ?? "");
            }
            return list;
        }
    }

    /// <summary>The sum, and for histograms how many measurements were at most each bound.</summary>
    private sealed class Series((string Name, string Value)[] labels)
    {
        public (string Name, string Value)[] Labels { get; } = labels;

        public string Order { get; } = string.Join('\n', labels.Select(label => $"{label.Name}={label.Value}"));

        public double Sum { get; private set; }

        public long Count { get; private set; }

        public long[] Below { get; } = new long[Bounds.Length + 1];

        public void Add(double value)
        {
            Sum += value;
            Count++;
            for (var i = 0; i < Below.Length; i++)
            {
                Below[i] += i == Bounds.Length || value <= Bounds[i] ? 1 : 0;
            }
        }
    }
}
