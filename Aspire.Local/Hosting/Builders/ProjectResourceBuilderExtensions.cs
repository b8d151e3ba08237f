using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting;

public static class ProjectResourceBuilderExtensions
{
    /// <summary>Adds a project that the AppHost references.</summary>
    public static IResourceBuilder<ProjectResource> AddProject<TProject>(this IDistributedApplicationBuilder builder, string name)
        where TProject : IProjectMetadata, new() => builder.AddProject<TProject>(name, launchProfileName: null);

    public static IResourceBuilder<ProjectResource> AddProject<TProject>(this IDistributedApplicationBuilder builder, string name, string? launchProfileName)
        where TProject : IProjectMetadata, new() => builder.AddProject(name, new TProject(), launchProfileName);

    /// <summary>Adds a project by its path, relative to the AppHost's folder.</summary>
    public static IResourceBuilder<ProjectResource> AddProject(this IDistributedApplicationBuilder builder, string name, string projectPath) =>
        builder.AddProject(name, projectPath, launchProfileName: null);

    public static IResourceBuilder<ProjectResource> AddProject(this IDistributedApplicationBuilder builder, string name, string projectPath, string? launchProfileName) =>
        builder.AddProject(name, new ProjectFile(Path.GetFullPath(projectPath, builder.AppHostDirectory)), launchProfileName);

    /// <summary>Runs the project several times, each on a port of its own.</summary>
    public static IResourceBuilder<ProjectResource> WithReplicas(this IResourceBuilder<ProjectResource> builder, int replicas)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(replicas, 1);
        return builder.WithAnnotation(new ReplicaAnnotation(replicas), ResourceAnnotationMutationBehavior.Replace);
    }

    private static IResourceBuilder<ProjectResource> AddProject(this IDistributedApplicationBuilder builder, string name, IProjectMetadata project, string? launchProfileName)
    {
        var resource = builder.AddResource(new ProjectResource(name)).WithAnnotation(project);
        return LaunchProfile.Find(Path.GetDirectoryName(project.ProjectPath)!, launchProfileName) is { } profile
            ? resource.WithLaunchProfile(profile)
            : resource;
    }

    private static IResourceBuilder<ProjectResource> WithLaunchProfile(this IResourceBuilder<ProjectResource> builder, LaunchProfile profile)
    {
        builder.WithAnnotation(profile);
        // No certificate is made for https here.
        var addresses = (profile.ApplicationUrl ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries).Select(url => new Uri(url)).Where(url => url.Scheme == "http");
        foreach (var (index, address) in addresses.Index())
            builder.WithHttpEndpoint(address.Port, name: index == 0 ? "http" : $"http{index + 1}");
        if (profile.CommandLineArgs is { Length: > 0 } arguments)
            builder.WithArgs(arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries));
        return builder;
    }

    private sealed class ProjectFile(string path) : IProjectMetadata
    {
        public string ProjectPath { get; } = Directory.Exists(path) && Directory.GetFiles(path, "*.csproj") is [var only] ? only : path;
    }
}
