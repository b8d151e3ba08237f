using System.Security.Cryptography;
using Microsoft.Extensions.Configuration;

var builder = DistributedApplication.CreateBuilder(args);

var redis = builder.AddRedis("redis");
var rabbitmq = builder.AddRabbitMQ("rabbitmq");
var postgres = builder.AddPostgres("postgres");
var inventory = postgres.AddDatabase("inventory");
var imports = postgres.AddDatabase("imports");
var traffic = postgres.AddDatabase("traffic");

var itemApi = builder.AddProject<Projects.ItemApi>("itemapi")
    .WithHttpEndpoint()
    .WithHttpHealthCheck("/health")
    .WithReference(inventory).WaitFor(inventory)
    .WithReference(redis).WaitFor(redis)
    .WithReference(rabbitmq).WaitFor(rabbitmq);

var gateway = builder.AddProject<Projects.Gateway>("gateway")
    .WithHttpEndpoint(port: builder.Configuration.GetValue<int?>("Gateway:Port"))
    // 64 MB: where the runtime isn't told of the processor's caches it takes 2 MB for its first generation, and collects it over twenty times a second under load.
    .WithEnvironment("DOTNET_GCgen0size", "0x4000000")
    // What waits for a socket goes on in the thread that hears of it, not in one that has to be woken first: that thread must never be blocked, and the gateway blocks none.
    .WithEnvironment("DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS", "1")
    .WithExternalHttpEndpoints()
    .WithHttpHealthCheck("/health")
    .WithUrlForEndpoint("http", url => url.DisplayText =
        $$"""curl -X POST {{url.Url}}/imports -H 'X-API-Key: operator' -H 'content-type: application/json' -d '{"source":"items","fresh":true}'""")
    .WithReference(redis).WaitFor(redis)
    .WithReference(traffic).WaitFor(traffic)
    .WithReference(rabbitmq).WaitFor(rabbitmq)
    .WithReference(itemApi);

var orchestrator = builder.AddProject<Projects.ImportOrchestrator>("orchestrator")
    .WithHttpEndpoint()
    .WithHttpHealthCheck("/health")
    .WithReference(redis).WaitFor(redis)
    .WithReference(imports).WaitFor(imports)
    .WithReference(rabbitmq).WaitFor(rabbitmq)
    .WithReference(gateway);

gateway.WithReference(orchestrator);

var loginToken = RandomNumberGenerator.GetHexString(64, lowercase: true);
var dashboard = builder.AddProject<Projects.Dashboard>("dashboard")
    .WithHttpEndpoint()
    .WithHttpHealthCheck("/health")
    .WithEnvironment("Dashboard__LoginToken", loginToken)
    .WithReference(gateway);

gateway.WithReference(dashboard)
    .WithUrlForEndpoint("http", _ => new ResourceUrlAnnotation { Url = $"/login?t={loginToken}", DisplayText = "The dashboard. This link signs in once." });

builder.AddProject<Projects.DetailWorker>("detailworker")
    .WithReplicas(builder.Configuration.GetValue<int>("DetailWorker:Replicas"))
    .WithReference(redis).WaitFor(redis)
    .WithReference(imports).WaitFor(imports)
    .WithReference(rabbitmq).WaitFor(rabbitmq)
    .WithReference(gateway)
    .WaitFor(orchestrator);

builder.AddProject<Projects.OrderWorker>("orderworker")
    .WithReplicas(2)
    .WithReference(redis).WaitFor(redis)
    .WithReference(inventory).WaitFor(inventory)
    .WithReference(rabbitmq).WaitFor(rabbitmq)
    .WaitFor(itemApi);

builder.Build().Run();
