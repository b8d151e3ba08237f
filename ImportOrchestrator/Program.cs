using Sluice.ImportOrchestrator;
using Sluice.ImportOrchestrator.Api;
using Sluice.Sources;

var builder = WebApplication.CreateBuilder(args);
builder.AddServiceDefaults();
builder.AddSources();
builder.AddImports();

var app = builder.Build();
app.UseServiceDefaults();
app.MapImports();
app.MapDefaultEndpoints();

app.Run();
