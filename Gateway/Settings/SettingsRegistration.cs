using Microsoft.Extensions.Configuration.Json;

namespace Sluice.Gateway.Settings;

public static class SettingsRegistration
{
    /// <summary>Edits of the settings files take effect while the gateway runs, or are refused as a whole. Goes before what reads settings.</summary>
    public static void AddSettings(this WebApplicationBuilder builder)
    {
        var configuration = builder.Configuration;
        List<JsonConfigurationSource> files = [.. configuration.Sources.OfType<JsonConfigurationSource>()];
        files.ForEach(file => file.EnsureDefaults(configuration));

        var place = configuration.Sources.IndexOf(files[0]);
        var gate = new SettingsFiles(files);
        configuration.Sources[place] = gate;
        foreach (var file in files.Skip(1))
            configuration.Sources.Remove(file);

        builder.Services.AddSingleton(gate);
        builder.Services.AddSingleton(new Rehearsal(builder.Services));
        builder.Services.AddHostedService<SettingsReload>();
    }
}
