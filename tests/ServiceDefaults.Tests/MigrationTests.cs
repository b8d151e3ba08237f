using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Sluice.ServiceDefaults.Migrations;
using Sluice.ServiceDefaults.Startup;
using Sluice.Testing;

namespace Sluice.ServiceDefaults.Tests;

public sealed class MigrationTests(PostgresFixture postgres)
{
    private static readonly Migration Create = new("001_create.sql", "create table steps (step text);\ninsert into steps values ('one');");
    private static readonly Migration Extend = new("002_extend.sql", "insert into steps values ('two');");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Files_run_in_order_and_once()
    {
        var database = await CreateDatabaseAsync();
        await MigrateAsync(database, Create);
        await MigrateAsync(database, Create, Extend);
        await MigrateAsync(database, Create, Extend);
        Assert.Equal("one,two", await StepsAsync(database));
    }

    [Fact]
    public async Task Replicas_that_start_together_apply_each_file_once()
    {
        var database = await CreateDatabaseAsync();
        var slow = Create with { Sql = Create.Sql + "select pg_sleep(0.2);" };
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => MigrateAsync(database, slow, Extend)))).Within();
        Assert.Equal("one,two", await StepsAsync(database));
    }

    [Fact]
    public async Task A_changed_file_is_refused_and_nothing_after_it_runs()
    {
        var database = await CreateDatabaseAsync();
        await MigrateAsync(database, Create);
        var refused = await Assert.ThrowsAsync<StartupException>(() => MigrateAsync(database, new Migration(Create.Name, "select 1"), Extend));
        Assert.StartsWith("001_create.sql was changed after it had been applied", Assert.Single(refused.Faults), StringComparison.Ordinal);
        Assert.Equal("one", await StepsAsync(database));
    }

    [Fact]
    public async Task A_file_numbered_below_an_applied_one_is_refused()
    {
        var database = await CreateDatabaseAsync();
        await MigrateAsync(database, Create, Extend);
        var refused = await Assert.ThrowsAsync<StartupException>(() => MigrateAsync(database, new Migration("001_between.sql", "select 1")));
        Assert.StartsWith("001_between.sql comes before 002_extend.sql", Assert.Single(refused.Faults), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_fails_leaves_nothing_of_itself()
    {
        var database = await CreateDatabaseAsync();
        var broken = new Migration("002_broken.sql", "insert into steps values ('half');\ninsert into nowhere values (1);");
        var failed = await Assert.ThrowsAsync<StartupException>(() => MigrateAsync(database, Create, broken));
        Assert.Equal("002_broken.sql: relation \"nowhere\" does not exist", Assert.Single(failed.Faults));
        Assert.Equal("one", await StepsAsync(database));
    }

    [Fact]
    public void Line_ends_do_not_change_the_hash()
    {
        var migrations = Migration.In(typeof(MigrationTests).Assembly);
        Assert.Equal(["001_things.sql", "002_names.sql"], migrations.Select(migration => migration.Name));
        Assert.DoesNotContain(migrations, migration => migration.Sql.Contains('\r', StringComparison.Ordinal));
    }

    [Fact]
    public async Task Waits_for_a_server_that_is_still_starting()
    {
        await using var server = await PostgresServer.StartAsync(Deadline.Token());
        var database = await server.CreateDatabaseAsync(cancellationToken: Cancellation);
        await server.KillAsync();
        var migrating = MigrateAsync(database, Create);
        await server.RestartAsync(Cancellation);
        await migrating.Within();
        Assert.Equal("one", await StepsAsync(database));
    }

    [Fact]
    public async Task Gives_up_on_a_server_that_stays_away()
    {
        var time = new FakeTimeProvider();
        var migrating = MigrateAsync("Host=127.0.0.1;Port=1;Username=postgres;Database=nothing", time, Create);
        while (!migrating.IsCompleted)
        {
            await Deadline.UntilAsync(() => Task.FromResult(time.PendingTimers > 0 || migrating.IsCompleted), "a pause", cancellationToken: Cancellation);
            time.Advance(TimeSpan.FromSeconds(10));
        }

        var failed = await Assert.ThrowsAsync<StartupException>(() => migrating);
        Assert.Contains("127.0.0.1:1, database nothing", Assert.Single(failed.Faults), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_wrong_password_is_not_waited_for()
    {
        var settings = new NpgsqlConnectionStringBuilder(postgres.Server.ConnectionString) { Password = "wrong" };
        var failed = await Assert.ThrowsAsync<StartupException>(() => MigrateAsync(settings.ConnectionString, new FakeTimeProvider(), Create).Within());
        Assert.Contains("password", Assert.Single(failed.Faults), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_hosts_other_services_find_the_tables_there()
    {
        var database = await CreateDatabaseAsync();
        var builder = TestService.Builder(("ConnectionStrings:things", database));
        builder.AddPostgresStore("things");
        builder.Services.AddHostedService<ReadsThings>();
        builder.AddMigrations("things");
        await using var service = await TestService.StartAsync(builder);
        Assert.Equal(0L, service.Services.GetServices<IHostedService>().OfType<ReadsThings>().Single().Count);
    }

    private Task<string> CreateDatabaseAsync() => postgres.Server.CreateDatabaseAsync(cancellationToken: Cancellation);

    private static Task MigrateAsync(string database, params Migration[] migrations) => MigrateAsync(database, TimeProvider.System, migrations);

    private static Task MigrateAsync(string database, TimeProvider time, params Migration[] migrations) =>
        new Migrator(database, migrations, time, NullLogger<Migrator>.Instance).RunAsync(Cancellation);

    private static async Task<string?> StepsAsync(string database)
    {
        await using var source = NpgsqlDataSource.Create(database);
        await using var command = source.CreateCommand("select string_agg(step, ',' order by step) from steps");
        return (string?)await command.ExecuteScalarAsync(Cancellation);
    }

    private sealed class ReadsThings(NpgsqlDataSource database) : IHostedLifecycleService
    {
        public long? Count { get; private set; }

        public async Task StartingAsync(CancellationToken cancellationToken)
        {
            await using var command = database.CreateCommand("select count(*) from things where name is not null");
            Count = (long?)await command.ExecuteScalarAsync(cancellationToken);
        }

        public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
