using Pier.Daemon.Metrics;

namespace Pier.UnitTests.Daemon;

/// <summary>The text that Prometheus reads.</summary>
public sealed class PrometheusTextTests
{
    [Fact]
    public void Families_have_one_heading_and_labels_are_escaped()
    {
        var text = new PrometheusText()
            .Counter("pier_bytes_total", "Bytes.", 5, ("source", "peers"))
            .Counter("pier_bytes_total", "Bytes.", 7, ("source", "a\"b\\c\nd"), ("x", "y"))
            .Gauge("pier_ratio", "A ratio.", 0.5)
            .ToString();

        text.ShouldBe("""
            # HELP pier_bytes_total Bytes.
            # TYPE pier_bytes_total counter
            pier_bytes_total{source="peers"} 5
            pier_bytes_total{source="a\"b\\c\nd",x="y"} 7
            # HELP pier_ratio A ratio.
            # TYPE pier_ratio gauge
            pier_ratio 0.5

            """);
    }
}
