using System.Buffers.Binary;
using System.Diagnostics;
using System.Globalization;

namespace Aspire.Hosting.Servers;

/// <summary>RabbitMQ with an epmd of its own: the machine's shared one is neither used nor left behind.</summary>
internal sealed class RabbitMqServerProcess(ProcessGuard guard, NativeServerOptions options, int? managementPort = null) : NativeServer(guard, options)
{
    private readonly int epmdPort = FreePorts.Next();
    private readonly int distributionPort = FreePorts.Next();
    private GuardedProcess? epmd;

    public string ConnectionString { get; } = $"amqp://guest:{options.Password}@127.0.0.1:{options.Port}";

    public override async Task StopAsync(CancellationToken deadline)
    {
        await base.StopAsync(deadline);
        epmd?.Kill();
    }

    public override async Task KillAsync()
    {
        epmd?.Kill();
        await base.KillAsync();
    }

    protected override async Task<GuardedProcess> LaunchAsync(CancellationToken cancellationToken)
    {
        var program = await ServerPrograms.FindAsync(() => ServerPrograms.InFolders("rabbitmq-server", "/usr/lib/rabbitmq/bin"), "rabbitmq-server", Options, cancellationToken);
        await WriteConfigurationAsync(cancellationToken);

        epmd = Guard.Start(Prepare(ServerPrograms.InFolders("epmd") ?? throw new ServerStartException($"{Options.Name}: epmd, a part of Erlang, is missing."),
            "-address", "127.0.0.1", "-port", epmdPort.ToString(CultureInfo.InvariantCulture)), Output);

        // A node that finds no epmd starts one that outlives it.
        while (!await AnswersAsync(ProbeEpmdAsync, cancellationToken))
        {
            if (epmd.HasExited)
                throw new ServerStartException($"{Options.Name}: epmd ended with code {await epmd.ExitCode} while starting.");
            await Task.Delay(ProbeInterval, TimeProvider.System, cancellationToken);
        }
        return Guard.Start(Prepare(program), Output);
    }

    protected override Task<bool> ProbeAsync(CancellationToken cancellationToken) =>
        // The answer to a protocol header is a method frame (1) on channel 0: Connection.Start.
        AskAsync(Port, "AMQP\0\0\u0009\u0001"u8.ToArray(), "\u0001\0\0"u8.ToArray(), cancellationToken);

    private Task<bool> ProbeEpmdAsync(CancellationToken cancellationToken)
    {
        // The answer to a request for the names of its nodes (NAMES_REQ) begins with its port.
        var answer = new byte[sizeof(int)];
        BinaryPrimitives.WriteInt32BigEndian(answer, epmdPort);
        return AskAsync(epmdPort, "\0\u0001n"u8.ToArray(), answer, cancellationToken);
    }

    private async Task WriteConfigurationAsync(CancellationToken cancellationToken)
    {
        await PrivateFile.WriteAsync(InFolder("rabbitmq.conf"), $"""
            listeners.tcp.1 = 127.0.0.1:{Port}
            default_user = guest
            default_pass = {Options.Password}
            loopback_users = none
            log.file = false
            log.console = true
            log.console.level = warning
            log.connection.level = error
            raft.wal_max_size_bytes = 64000000
            {(managementPort is { } port ? $"management.tcp.ip = 127.0.0.1\nmanagement.tcp.port = {port}" : "")}

            """, cancellationToken);
        await File.WriteAllTextAsync(InFolder("plugins"), managementPort is null ? "[]." : "[rabbitmq_management].", cancellationToken);
    }

    private ProcessStartInfo Prepare(string program, params string[] arguments) => new(program, arguments)
    {
        WorkingDirectory = Options.DataFolder,
        Environment =
        {
            ["HOME"] = Options.DataFolder,
            ["ERL_EPMD_PORT"] = epmdPort.ToString(CultureInfo.InvariantCulture),
            ["RABBITMQ_NODENAME"] = "rabbit@localhost",
            ["RABBITMQ_NODE_IP_ADDRESS"] = "127.0.0.1",
            ["RABBITMQ_NODE_PORT"] = Port.ToString(CultureInfo.InvariantCulture),
            ["RABBITMQ_DIST_PORT"] = distributionPort.ToString(CultureInfo.InvariantCulture),
            ["RABBITMQ_MNESIA_BASE"] = InFolder("mnesia"),
            ["RABBITMQ_LOG_BASE"] = InFolder("log"),
            ["RABBITMQ_ENABLED_PLUGINS_FILE"] = InFolder("plugins"),
            ["RABBITMQ_CONFIG_FILE"] = InFolder("rabbitmq.conf"),
            ["RABBITMQ_CONF_ENV_FILE"] = "/dev/null",
            ["RABBITMQ_ADVANCED_CONFIG_FILE"] = InFolder("advanced.config"),
            // Until it has read its configuration.
            ["RABBITMQ_LOG"] = "warning,-color",
            // With "input allowed" the script becomes the Erlang node instead of its parent: one process to signal. It reads none.
            ["RABBITMQ_ALLOW_INPUT"] = "1",
            // Idle schedulers sleep instead of spinning: the cluster shares a small machine.
            ["RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS"] = "-noinput +sbwt none +sbwtdcpu none +sbwtdio none",
        },
    };

    private string InFolder(string name) => Path.Combine(Options.DataFolder, name);
}
