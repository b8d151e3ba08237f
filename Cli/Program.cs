using System.Runtime.InteropServices;
using Sluice.Cli;

using var interruption = new CancellationTokenSource();
using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, OnSignal);
using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, OnSignal);
return await CommandLine.RunAsync(args, Surroundings.OfProcess(), interruption.Token);

void OnSignal(PosixSignalContext signal)
{
    // The first one lets the command say its last words, the second one ends it.
    signal.Cancel = !interruption.IsCancellationRequested;
    interruption.Cancel();
}
