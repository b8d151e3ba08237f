using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Sluice.Contracts;
using Sluice.ItemApi.Sales;
using Sluice.Testing;

namespace Sluice.OrderTests.World;

/// <summary>What buyers and operators do, in the gateway's words.</summary>
internal static class Buyers
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <param name="client">The registered client's name; null for an unregistered one.</param>
    public static Task<HttpResponseMessage> SendAsync(
        this OrderSystem system, HttpMethod method, string path, string? json = null, string? client = "alice", string? key = null, string? roles = null)
    {
        var request = new HttpRequestMessage(method, path);
        if (json is not null)
            request.Content = new StringContent(json, Encoding.UTF8, "application/json");
        if (client is not null)
            request.Headers.Add("X-Client", client);
        if (roles is not null)
            request.Headers.Add("X-Client-Roles", roles);
        if (key is not null)
            request.Headers.TryAddWithoutValidation("Idempotency-Key", key);
        return system.Client.SendAsync(request, Cancellation);
    }

    public static Task<HttpResponseMessage> BuyAsync(this OrderSystem system, string json = "{}", string? client = "alice", string? key = null) =>
        system.SendAsync(HttpMethod.Post, "/buy", json, client, key);

    /// <summary>Buys, and is accepted.</summary>
    public static async Task<Guid> OrderAsync(this OrderSystem system, string json = "{}", string? client = "alice", string? key = null)
    {
        using var answer = await system.BuyAsync(json, client, key);
        Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
        var accepted = await answer.ReadAsync<OrderAccepted>();
        Assert.Equal(OrderStatus.Queued, accepted.Status);
        Assert.Equal($"/orders/{accepted.OrderId}", answer.Headers.Location?.ToString());
        return accepted.OrderId;
    }

    public static async Task<OrderSnapshot> FindAsync(this OrderSystem system, Guid id)
    {
        using var answer = await system.SendAsync(HttpMethod.Get, $"/orders/{id}");
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return await answer.ReadAsync<OrderSnapshot>();
    }

    /// <summary>Waits until the order has an outcome.</summary>
    public static async Task<OrderSnapshot> OutcomeAsync(this OrderSystem system, Guid id)
    {
        OrderSnapshot order = null!;
        await Deadline.UntilAsync(
            async () => (order = await system.FindAsync(id)).Status != OrderStatus.Queued, $"order {id} has an outcome", cancellationToken: Cancellation);
        return order;
    }

    /// <summary>Waits until buyers would be refused. Nobody buys meanwhile: an order that is accepted just before would take what comes back.</summary>
    public static Task UntilSoldOutAsync(this OrderSystem system, string sku)
    {
        var board = system.Service<SaleBoard>();
        return Deadline.UntilAsync(
            () => Task.FromResult(board.Find(sku) is { } known && board.IsSoldOut(known)), $"{sku} is known to be sold out", cancellationToken: Cancellation);
    }

    public static async Task<SaleSnapshot> OpenSaleAsync(this OrderSystem system, object sale)
    {
        using var answer = await system.SendAsync(HttpMethod.Post, "/sales", JsonSerializer.Serialize(sale));
        Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
        var opened = await answer.ReadAsync<SaleSnapshot>();
        Assert.Equal($"/sales/{opened.Id}", answer.Headers.Location?.ToString());
        return opened;
    }

    public static async Task<SaleSnapshot> SaleAsync(this OrderSystem system, Guid id) =>
        (await system.Client.GetFromJsonAsync<SaleSnapshot>($"/sales/{id}", Cancellation))!;

    public static Task<HttpResponseMessage> CancelAsync(this OrderSystem system, Guid id, string? client = "alice", string? roles = null) =>
        system.SendAsync(HttpMethod.Post, $"/orders/{id}/cancel", client: client, roles: roles);

    public static async Task<T> ReadAsync<T>(this HttpResponseMessage answer) => (await answer.Content.ReadFromJsonAsync<T>(Cancellation))!;

    /// <summary>What a refusal says.</summary>
    public static async Task<JsonElement> ProblemAsync(this HttpResponseMessage answer, HttpStatusCode status)
    {
        Assert.Equal(status, answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
        return await answer.ReadAsync<JsonElement>();
    }

    public static async Task AssertRefusedAsync(this Task<HttpResponseMessage> sending, HttpStatusCode status, string reason)
    {
        using var answer = await sending;
        Assert.Equal(reason, (await answer.ProblemAsync(status)).GetProperty("reason").GetString());
        if (status == HttpStatusCode.ServiceUnavailable)
            Assert.True(answer.Headers.RetryAfter?.Delta >= TimeSpan.FromSeconds(1));
    }
}
