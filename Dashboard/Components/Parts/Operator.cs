using Radzen;
using Sluice.Dashboard.Gateway;

namespace Sluice.Dashboard.Components.Parts;

/// <summary>What an operator does on a page: says how it went, and asks first where it can't be undone. One per circuit.</summary>
internal sealed class Operator(NotificationService notifications, DialogService dialogs)
{
    private const int ShownForMilliseconds = 6000;

    /// <returns>Whether it was done; where it wasn't, the person has been told why.</returns>
    public async Task<bool> DoAsync(Func<CancellationToken, Task> work, string done)
    {
        try
        {
            await work(CancellationToken.None);
            notifications.Notify(NotificationSeverity.Success, done, "", ShownForMilliseconds);
            return true;
        }
        catch (GatewayException refused)
        {
            notifications.Notify(NotificationSeverity.Error, "That did not work", refused.Message, ShownForMilliseconds);
            return false;
        }
    }

    public async Task<bool> AskAsync(string question, string title, string yes) =>
        await dialogs.Confirm(question, title, new ConfirmOptions { OkButtonText = yes, CancelButtonText = "Keep it" }) == true;
}
