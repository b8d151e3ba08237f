using Sluice.Gateway.Clients;
using Sluice.Gateway.Limits;
using Sluice.Gateway.Proxy;
using Sluice.Gateway.Settings;
using Sluice.Gateway.Traffic;

var builder = WebApplication.CreateBuilder(args);
builder.AddSettings();
builder.AddServiceDefaults();
builder.AddRedisStore("redis");
builder.AddPostgresStore("traffic");
builder.AddRabbitMqHealthCheck("rabbitmq");
builder.AddClients();
builder.AddLimits();
builder.AddTraffic("traffic");
builder.AddProxy();

var app = builder.Build();
app.UseServiceDefaults();
app.UseClients();
app.UseLimits();
app.UseAuthorization();
app.MapLimits();
app.MapTraffic();
app.MapProxy();
app.MapDefaultEndpoints();
app.Run();
