using System.Security.Cryptography;
using System.Text;
using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting;

/// <summary>What the three servers have in common.</summary>
internal static class ServerBuilder
{
    public static IResourceBuilder<T> WithVolume<T>(this IResourceBuilder<T> builder, string? name, bool isReadOnly)
        where T : ContainerResource
    {
        if (isReadOnly)
            throw new NotSupportedException($"The data volume of '{builder.Resource.Name}' can't be read-only: the server writes to it.");
        return builder.WithAnnotation(new DataVolumeAnnotation(name ?? DefaultVolume(builder)), ResourceAnnotationMutationBehavior.Replace);
    }

    public static void RefuseUserName(string server, IResourceBuilder<ParameterResource>? userName)
    {
        if (userName is not null)
            throw new NotSupportedException($"'{server}' can't be given a user name here; build with -p:UseAspire=true for that.");
    }

    /// <summary>Two clones of one repository have volumes of their own.</summary>
    private static string DefaultVolume<T>(IResourceBuilder<T> builder)
        where T : ContainerResource
    {
        var clone = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(builder.ApplicationBuilder.AppHostDirectory)))[..10];
        return $"{builder.ApplicationBuilder.Environment.ApplicationName}-{clone}-{builder.Resource.Name}-data";
    }
}
