using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Servers;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;

namespace Aspire.Hosting.Orchestration;

/// <summary>What every replica needs to run.</summary>
internal sealed record InstanceContext(
    ProcessGuard Guard,
    ResourceNotificationService Notifications,
    ResourceLoggerService Logs,
    AppHostSettings Settings,
    IHostEnvironment Environment,
    IConfiguration Configuration,
    DistributedApplicationExecutionContext ExecutionContext,
    HttpClient Http,
    TimeProvider Time);
