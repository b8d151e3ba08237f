using Sluice.ItemApi.Orders;

namespace Sluice.OrderTests;

public sealed class QueuedOrdersTests
{
    private const long Limit = 1_000_000;

    private readonly QueuedOrders queued = new();

    [Fact]
    public void What_waits_is_what_was_published_last()
    {
        foreach (var size in (int[])[10, 20, 30, 40])
            Publish(size);
        Assert.Equal(100, queued.Count);

        queued.Seen(queued.Published, 2);
        Assert.Equal(70, queued.Count);

        Publish(5);
        Assert.Equal(75, queued.Count);

        queued.Seen(queued.Published, 0);
        Assert.Equal(0, queued.Count);
    }

    [Fact]
    public void What_is_published_while_the_broker_is_asked_counts_on_top()
    {
        Publish(10);
        var published = queued.Published;
        Publish(20);

        queued.Seen(published, 0);

        Assert.Equal(20, queued.Count);
    }

    [Fact]
    public void A_message_that_the_broker_counts_before_its_confirm_is_here_is_counted_once()
    {
        Publish(1);
        Send(1);

        queued.Seen(queued.Published, 2);
        Assert.Equal(2, queued.Count);

        queued.Left(1, isQueued: true);
        Assert.Equal(2, queued.Count);
    }

    [Fact]
    public void A_message_that_is_confirmed_while_the_broker_is_asked_is_counted_once()
    {
        Publish(1);
        var published = queued.Published;
        Publish(1);

        queued.Seen(published, 2);

        Assert.Equal(2, queued.Count);
    }

    [Fact]
    public void As_many_are_let_in_as_the_limit_says_wherever_they_are()
    {
        Publish(2);
        Send(2);
        Assert.True(queued.TryEnter(5));
        Assert.False(queued.TryEnter(5));

        // They are refused, and leave room.
        queued.Left(2, isQueued: false);

        Assert.True(queued.TryEnter(5));
        Assert.True(queued.TryEnter(5));
        Assert.False(queued.TryEnter(5));
    }

    [Fact]
    public void Messages_from_before_the_start_count_as_one_order_each()
    {
        Publish(10);

        queued.Seen(queued.Published, 8);

        Assert.Equal(17, queued.Count);
    }

    [Fact]
    public void Sizes_are_remembered_for_many_messages()
    {
        for (var message = 0; message < 200_000; message++)
            Publish(3);

        queued.Seen(queued.Published, 1000);

        Assert.Equal(3000, queued.Count);
    }

    private void Publish(int orders)
    {
        Send(orders);
        queued.Left(orders, isQueued: true);
    }

    private void Send(int orders)
    {
        for (var order = 0; order < orders; order++)
            Assert.True(queued.TryEnter(Limit));
        queued.Leaving();
    }
}
