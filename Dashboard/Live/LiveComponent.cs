using Microsoft.AspNetCore.Components;

namespace Sluice.Dashboard.Live;

/// <summary>A component that shows watched values, and is rendered again with each reading of them.</summary>
public abstract class LiveComponent : ComponentBase, IDisposable
{
    private readonly List<IDisposable> watches = [];

    /// <summary>Watches a value for as long as the component is there, or until <see cref="Unwatch"/>.</summary>
    protected LiveWatch<T> Watch<TKey, T>(LiveFeed<TKey, T> feed, TKey key)
        where TKey : notnull
        where T : class
    {
        ArgumentNullException.ThrowIfNull(feed);
        var watch = feed.Watch(key, () => _ = InvokeAsync(StateHasChanged));
        watches.Add(watch);
        return watch;
    }

    /// <summary>For a component that turns to another value. Null does nothing.</summary>
    protected void Unwatch(IDisposable? watch)
    {
        if (watch is null)
            return;
        watches.Remove(watch);
        watch.Dispose();
    }

    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    protected virtual void Dispose(bool disposing)
    {
        if (!disposing)
            return;
        foreach (var watch in watches)
            watch.Dispose();
        watches.Clear();
    }
}
