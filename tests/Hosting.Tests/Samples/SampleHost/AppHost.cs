using Microsoft.Extensions.Configuration;

var builder = DistributedApplication.CreateBuilder(args);

var redis = builder.AddRedis("redis");
var postgres = builder.AddPostgres("postgres");
var shop = postgres.AddDatabase("shop");
var rabbitMq = builder.AddRabbitMQ("rabbitmq");

var echo = builder.AddProject<Projects.Echo>("echo")
    .WithReplicas(2)
    .WithHttpEndpoint()
    .WithHttpHealthCheck("/health")
    .WithReference(redis).WaitFor(redis)
    .WithReference(shop).WaitFor(shop)
    .WithReference(rabbitMq).WaitFor(rabbitMq);

builder.AddProject<Projects.Echo>("front")
    .WithHttpEndpoint(builder.Configuration.GetValue("Front:Port", 18080))
    .WithExternalHttpEndpoints()
    .WithHttpHealthCheck("/health")
    .WithUrlForEndpoint("http", url => url.DisplayText = $"curl {url.Url}/environment")
    .WithReference(echo).WaitFor(echo);

builder.Build().Run();
