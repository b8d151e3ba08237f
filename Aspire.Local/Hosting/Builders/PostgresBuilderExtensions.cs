using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Orchestration;

namespace Aspire.Hosting;

public static class PostgresBuilderExtensions
{
    /// <summary>Adds a PostgreSQL server.</summary>
    /// <exception cref="NotSupportedException">A user name is given: the server's one account is <c>postgres</c> here.</exception>
    public static IResourceBuilder<PostgresServerResource> AddPostgres(
        this IDistributedApplicationBuilder builder,
        string name,
        IResourceBuilder<ParameterResource>? userName = null,
        IResourceBuilder<ParameterResource>? password = null,
        int? port = null)
    {
        ServerBuilder.RefuseUserName(name, userName);
        return builder.AddResource(new PostgresServerResource(name, password?.Resource ?? GeneratedPassword.For(builder, name), port));
    }

    /// <summary>Adds a database, which is created when the server has started.</summary>
    public static IResourceBuilder<PostgresDatabaseResource> AddDatabase(this IResourceBuilder<PostgresServerResource> builder, string name, string? databaseName = null)
    {
        var database = new PostgresDatabaseResource(name, databaseName ?? name, builder.Resource);
        builder.Resource.AddDatabase(name, database.DatabaseName);
        database.Annotations.Add(new WaitAnnotation(builder.Resource, WaitType.WaitUntilHealthy));
        return builder.ApplicationBuilder.AddResource(database);
    }

    /// <inheritdoc cref="RedisBuilderExtensions.WithDataVolume"/>
    public static IResourceBuilder<PostgresServerResource> WithDataVolume(this IResourceBuilder<PostgresServerResource> builder, string? name = null, bool isReadOnly = false) =>
        builder.WithVolume(name, isReadOnly);
}
