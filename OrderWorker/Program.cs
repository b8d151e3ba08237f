using Microsoft.Extensions.Hosting;
using Sluice.OrderWorker;
using Sluice.OrderWorker.Reconciliation;

if (args is [ReconcileCommand.Name, .. var rest])
    return await ReconcileCommand.RunAsync(rest);

var builder = Host.CreateApplicationBuilder(args);
builder.AddServiceDefaults();
builder.AddOrderWorker();

await builder.Build().RunAsync();
return 0;
