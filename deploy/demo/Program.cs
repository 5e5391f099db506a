using System.Runtime.InteropServices;
using Pier.Demo;

// Three hosts on one machine: a registry, and two Docker hosts with Pier. ./run.sh demo starts this.
using var stop = new CancellationTokenSource();
using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
try
{
    await TwoHostDemo.RunAsync(stop.Token);
    return 0;
}
catch (OperationCanceledException) when (stop.IsCancellationRequested)
{
    await Console.Error.WriteLineAsync("Stopped; everything the demo started is gone.");
    return 130;
}
catch (Exception failure)
{
    await Console.Error.WriteLineAsync($"The demo failed: {failure.Message}");
    return 1;
}

void Stop(PosixSignalContext signal)
{
    // The hosts are taken down in order instead of ending here.
    signal.Cancel = true;
    stop.Cancel();
}
