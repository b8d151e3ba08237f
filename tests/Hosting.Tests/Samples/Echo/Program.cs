using System.Collections;

var builder = WebApplication.CreateBuilder(args);
if (builder.Configuration["Echo:Fault"] is { Length: > 0 } fault)
{
    Console.Error.WriteLine(fault);
    return 3;
}

var app = builder.Build();
app.MapGet("/health", (IConfiguration configuration) => configuration.GetValue("Echo:Healthy", true) ? Results.Ok() : Results.StatusCode(503));
app.MapGet("/environment", () => Environment.GetEnvironmentVariables().Cast<DictionaryEntry>().ToDictionary(entry => (string)entry.Key, entry => (string?)entry.Value));
app.MapGet("/arguments", () => args);
app.MapGet("/process", () => new { id = Environment.ProcessId, folder = Directory.GetCurrentDirectory() });
app.Run();
return 0;
