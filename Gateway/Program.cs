using Sluice.Gateway.Clients;
using Sluice.Gateway.Limits;
using Sluice.Gateway.Proxy;
using Sluice.Gateway.Settings;

var builder = WebApplication.CreateBuilder(args);
builder.AddSettings();
builder.AddServiceDefaults();
builder.AddRedisStore("redis");
builder.AddPostgresStore("postgres");
builder.AddRabbitMqHealthCheck("rabbitmq");
builder.AddClients();
builder.AddLimits();
builder.AddProxy();

var app = builder.Build();
app.UseServiceDefaults();
app.UseClients();
app.UseLimits();
app.UseAuthorization();
app.MapLimits();
app.MapProxy();
app.MapDefaultEndpoints();
app.Run();
