using System.Collections.Concurrent;
using Microsoft.Playwright;

namespace Sluice.BrowserTests;

/// <summary>A page, and what its browser saw on the way.</summary>
public sealed class Visit
{
    /// <summary>Where pictures go: a folder's full path. Default: screenshots, next to the tests.</summary>
    public const string FolderVariable = "SLUICE_SCREENSHOTS";

    private readonly ConcurrentQueue<string> errors = new();
    private readonly ConcurrentQueue<string> requests = new();

    public Visit(IPage page)
    {
        Page = page;
        page.Console += (_, message) =>
        {
            if (message.Type == "error")
                errors.Enqueue($"{message.Text} ({message.Location})");
        };
        page.PageError += (_, error) => errors.Enqueue(error);
        page.Request += (_, request) => requests.Enqueue(request.Url);
        page.WebSocket += (_, socket) => requests.Enqueue(socket.Url);
    }

    public IPage Page { get; }

    public ILocator Button(string name) => Page.GetByRole(AriaRole.Button, new() { Name = name, Exact = true });

    public ILocator Link(string name) => Page.GetByRole(AriaRole.Link, new() { Name = name, Exact = true });

    public ILocator Heading(string name) => Page.GetByRole(AriaRole.Heading, new() { Name = name, Exact = true });

    /// <summary>The page's content, once its circuit is there: from then on it is live.</summary>
    public ILocator LiveContent => Page.Locator("#content:not([inert])");

    /// <summary>Takes a picture of what the browser shows.</summary>
    public Task PictureAsync(string name)
    {
        var folder = Environment.GetEnvironmentVariable(FolderVariable) is { Length: > 0 } chosen ? chosen : Path.Combine(AppContext.BaseDirectory, "screenshots");
        return Page.ScreenshotAsync(new() { Path = Path.Combine(folder, $"{name}.png"), Animations = ScreenshotAnimations.Disabled });
    }

    /// <summary>No page has logged an error, and none has asked another machine for anything.</summary>
    public void AssertClean()
    {
        Assert.Empty(errors);
        Assert.NotEmpty(requests);
        Assert.All(requests, url => Assert.True(new Uri(url) is { IsLoopback: true } or { Scheme: "data" or "blob" }, $"{url} is on another machine"));
    }
}
