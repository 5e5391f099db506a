using System.Diagnostics.Metrics;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Pier.Daemon.Metrics;
using Pier.Registry;
using Pier.TestKit.Logging;
using Pier.TestKit.Time;

namespace Pier.UnitTests.Registry;

/// <summary>What is counted and written down of a request, and what never is.</summary>
public sealed class RegistryTelemetryTests : IDisposable
{
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly ManualTimeProvider _clock = new();
    private readonly CollectedLogs _logs = new();

    private IMeterFactory Meters => _services.GetRequiredService<IMeterFactory>();

    [Fact]
    public void A_request_is_written_down_without_what_is_secret()
    {
        using var telemetry = Telemetry(written: true);

        Answer(telemetry, "/v2/owner/app/blobs/uploads/session", "?ns=ghcr.io&_state=secret1", 401, TimeSpan.FromMilliseconds(12));

        var line = _logs.Entries.ShouldHaveSingleItem().Message;
        line.ShouldContain("/v2/owner/app/blobs/uploads/session ns=ghcr.io: 401");
        line.ShouldContain("12 ms");
        line.ShouldNotContain("secret");
    }

    [Fact]
    public void Nothing_is_written_unless_asked_for()
    {
        using var telemetry = Telemetry(written: false);

        Answer(telemetry, "/v2/", "", 200, TimeSpan.Zero);

        _logs.Entries.ShouldBeEmpty();
    }

    [Fact]
    public void Requests_are_counted_by_kind_and_their_times_fall_into_buckets()
    {
        using var reader = new MeterReader(Meters);
        using var telemetry = Telemetry(written: false);
        Answer(telemetry, "/v2/library/app/manifests/1", "", 200, TimeSpan.FromMilliseconds(10));
        Answer(telemetry, "/v2/library/app/manifests/1", "", 200, TimeSpan.FromSeconds(3));
        Answer(telemetry, "/elsewhere", "", 404, TimeSpan.Zero);

        var page = new PrometheusText();
        reader.Write(page);

        var lines = page.ToString().Split('\n');
        lines.ShouldContain("pier_registry_requests_total{kind=\"manifest\",method=\"GET\",status=\"200\"} 2");
        lines.ShouldContain("pier_registry_requests_total{kind=\"other\",method=\"GET\",status=\"404\"} 1");
        lines.ShouldContain("pier_registry_seconds_bucket{kind=\"manifest\",le=\"0.005\"} 0");
        lines.ShouldContain("pier_registry_seconds_bucket{kind=\"manifest\",le=\"0.02\"} 1");
        lines.ShouldContain("pier_registry_seconds_bucket{kind=\"manifest\",le=\"+Inf\"} 2");
        lines.ShouldContain("pier_registry_seconds_count{kind=\"manifest\"} 2");
    }

    [Fact]
    public void Instruments_of_another_daemon_in_the_process_are_not_ours()
    {
        using var reader = new MeterReader(Meters);
        using var others = new ServiceCollection().AddMetrics().BuildServiceProvider();
        using var telemetry = new RegistryTelemetry(new MirrorOptions(), others.GetRequiredService<IMeterFactory>(), _clock, _logs.CreateLogger<RegistryTelemetry>());
        Answer(telemetry, "/v2/", "", 200, TimeSpan.Zero);

        var page = new PrometheusText();
        reader.Write(page);

        page.ToString().ShouldBeEmpty();
    }

    public void Dispose()
    {
        _services.Dispose();
        _logs.Dispose();
    }

    private RegistryTelemetry Telemetry(bool written) =>
        new(new MirrorOptions { RequestLog = written }, Meters, _clock, _logs.CreateLogger<RegistryTelemetry>());

    private void Answer(RegistryTelemetry telemetry, string path, string query, int status, TimeSpan time)
    {
        var context = new DefaultHttpContext();
        context.Request.Method = "GET";
        context.Request.Path = path;
        context.Request.QueryString = new QueryString(query);
        context.Request.Headers.Authorization = "Bearer secret2";
        context.Response.StatusCode = status;
        var start = telemetry.Start();
        _clock.Advance(time);
        telemetry.Ended(context, start);
    }
}
