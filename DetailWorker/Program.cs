using Microsoft.Extensions.Hosting;
using Sluice.DetailWorker;
using Sluice.Sources;

var builder = Host.CreateApplicationBuilder(args);
builder.AddServiceDefaults();
builder.AddSources();
builder.AddDetailWorker();

builder.Build().Run();
