using Sluice.ImportOrchestrator;
using Sluice.ImportOrchestrator.Api;
using Sluice.ImportOrchestrator.Backfills;
using Sluice.ImportOrchestrator.Control;
using Sluice.ImportOrchestrator.Events;
using Sluice.ImportOrchestrator.Throughput;
using Sluice.Sources;

var builder = WebApplication.CreateBuilder(args);
builder.AddServiceDefaults();
builder.AddSources();
builder.AddImports();

var app = builder.Build();
app.UseServiceDefaults();
app.MapImports();
app.MapImportControl();
app.MapImportEvents();
app.MapBackfills();
app.MapThroughput();
app.MapDefaultEndpoints();

app.Run();
