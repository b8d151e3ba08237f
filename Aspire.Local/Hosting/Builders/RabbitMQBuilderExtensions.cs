using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Orchestration;

namespace Aspire.Hosting;

public static class RabbitMQBuilderExtensions
{
    /// <summary>Adds a RabbitMQ broker.</summary>
    /// <exception cref="NotSupportedException">A user name is given: the server's one account is <c>guest</c> here.</exception>
    public static IResourceBuilder<RabbitMQServerResource> AddRabbitMQ(
        this IDistributedApplicationBuilder builder,
        string name,
        IResourceBuilder<ParameterResource>? userName = null,
        IResourceBuilder<ParameterResource>? password = null,
        int? port = null)
    {
        ServerBuilder.RefuseUserName(name, userName);
        return builder.AddResource(new RabbitMQServerResource(name, password?.Resource ?? GeneratedPassword.For(builder, name), port));
    }

    public static IResourceBuilder<RabbitMQServerResource> WithManagementPlugin(this IResourceBuilder<RabbitMQServerResource> builder) => builder.WithManagementPlugin(null);

    /// <summary>Adds the web interface of the broker as endpoint <c>management</c>.</summary>
    public static IResourceBuilder<RabbitMQServerResource> WithManagementPlugin(this IResourceBuilder<RabbitMQServerResource> builder, int? port)
    {
        if (!builder.Resource.ManagementEndpoint.Exists)
            builder.Resource.AddServerEndpoint(RabbitMQServerResource.ManagementEndpointName, "http", port);
        return builder;
    }

    /// <inheritdoc cref="RedisBuilderExtensions.WithDataVolume"/>
    public static IResourceBuilder<RabbitMQServerResource> WithDataVolume(this IResourceBuilder<RabbitMQServerResource> builder, string? name = null, bool isReadOnly = false) =>
        builder.WithVolume(name, isReadOnly);
}
