using System.Threading.Channels;
using Microsoft.AspNetCore.Http;
using Sluice.Testing;

namespace Sluice.ImportTests.World;

/// <summary>Holds requests until it is opened, and tells when so many have come. Thread-safe.</summary>
internal sealed class Gate
{
    private readonly TaskCompletionSource opened = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Channel<bool> arrived = Channel.CreateUnbounded<bool>();

    public void Open() => opened.TrySetResult();

    public async Task<bool> PassAsync(HttpContext context)
    {
        arrived.Writer.TryWrite(true);
        await opened.Task.WaitAsync(context.RequestAborted);
        return false;
    }

    /// <summary>Waits for so many more requests.</summary>
    public async Task ArrivedAsync(int count = 1)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        deadline.CancelAfter(Deadline.Default);
        for (var number = 0; number < count; number++)
            await arrived.Reader.ReadAsync(deadline.Token);
    }
}
