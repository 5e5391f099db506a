using System.Globalization;
using System.Text;

namespace Pier.Daemon.Metrics;

/// <summary>Writes metrics in Prometheus's text format, version 0.0.4.</summary>
internal sealed class PrometheusText
{
    /// <summary>The format's media type.</summary>
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    private readonly StringBuilder _text = new();
    private string? _family;

    /// <summary>A value that only grows.</summary>
    public PrometheusText Counter(string name, string help, double value, params ReadOnlySpan<(string Name, string Value)> labels) =>
        Add("counter", name, help, value, labels);

    /// <summary>A value that goes up and down.</summary>
    public PrometheusText Gauge(string name, string help, double value, params ReadOnlySpan<(string Name, string Value)> labels) =>
        Add("gauge", name, help, value, labels);

    /// <summary>Begins a metric that may have no value yet, or more than one kind of line.</summary>
    public PrometheusText Family(string type, string name, string help)
    {
        _family = name;
        _text.Append($"# HELP {name} {help}\n# TYPE {name} {type}\n");
        return this;
    }

    /// <summary>A line of the metric that <see cref="Family"/> began.</summary>
    public PrometheusText Sample(string name, double value, params ReadOnlySpan<(string Name, string Value)> labels) => Line(name, value, labels);

    /// <inheritdoc/>
    public override string ToString() => _text.ToString();

    private PrometheusText Add(string type, string name, string help, double value, ReadOnlySpan<(string Name, string Value)> labels)
    {
        if (_family != name)
        {
            Family(type, name, help);
        }
        return Line(name, value, labels);
    }

    private PrometheusText Line(string name, double value, ReadOnlySpan<(string Name, string Value)> labels)
    {
        _text.Append(name);
        var separator = '{';
        foreach (var (label, labelValue) in labels)
        {
            _text.Append(separator).Append(label).Append("=\"").Append(Escape(labelValue)).Append('"');
            separator = ',';
        }
        if (!labels.IsEmpty)
        {
            _text.Append('}');
        }
        _text.Append(' ').Append(value.ToString(CultureInfo.InvariantCulture)).Append('\n');
        return this;
    }

    private static string Escape(string value) =>
        value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);
}
