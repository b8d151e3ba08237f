using Sluice.ItemApi.Orders;

namespace Sluice.OrderTests;

public sealed class QueuedOrdersTests
{
    private readonly QueuedOrders queued = new();

    [Fact]
    public void What_waits_is_what_was_published_last()
    {
        foreach (var size in (int[])[10, 20, 30, 40])
            queued.Add(size);
        Assert.Equal(100, queued.Count);

        queued.Seen(queued.Published, 2);
        Assert.Equal(70, queued.Count);

        queued.Add(5);
        Assert.Equal(75, queued.Count);

        queued.Seen(queued.Published, 0);
        Assert.Equal(0, queued.Count);
    }

    [Fact]
    public void What_is_published_while_the_broker_is_asked_counts_on_top()
    {
        queued.Add(10);
        var published = queued.Published;
        queued.Add(20);

        queued.Seen(published, 0);

        Assert.Equal(20, queued.Count);
    }

    [Fact]
    public void Messages_from_before_the_start_count_as_one_order_each()
    {
        queued.Add(10);

        queued.Seen(queued.Published, 8);

        Assert.Equal(17, queued.Count);
    }

    [Fact]
    public void Sizes_are_remembered_for_many_messages()
    {
        for (var message = 0; message < 200_000; message++)
            queued.Add(3);

        queued.Seen(queued.Published, 1000);

        Assert.Equal(3000, queued.Count);
    }
}
