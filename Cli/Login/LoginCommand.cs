using System.CommandLine;

namespace Sluice.Cli.Login;

/// <summary>login.</summary>
internal static class LoginCommand
{
    public static Command Create(CommandFactory commands) => commands.Create(
        "login", "A fresh link that signs in to the dashboard, once.", [],
        static async (session, _, token) =>
        {
            var link = await session.Gateway.SendAsync(HttpMethod.Post, "login-links", null, token);
            if (session.Printer.IsJson)
                session.Printer.Document(link);
            else
                session.Printer.Line(link.GetProperty("url").GetString()!);
            return ExitCode.Ok;
        },
        "sluice login", "xdg-open \"$(sluice login)\"");
}
