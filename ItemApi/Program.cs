using Sluice.Contracts;
using Sluice.ItemApi.Catalog;
using Sluice.ItemApi.Items;

var builder = WebApplication.CreateBuilder(args);
builder.AddServiceDefaults();
builder.AddPostgresStore("inventory", ItemStore.Tune);
builder.AddMigrations("inventory");
builder.AddCatalog();

builder.Services.ConfigureHttpJsonOptions(json => json.SerializerOptions.TypeInfoResolverChain.Insert(0, ItemsJson.Default));
builder.Services.AddSingleton<LandmarkReader>();
builder.Services.AddSingleton<ItemStore>();

var app = builder.Build();
app.MapItems();
app.MapDefaultEndpoints();
app.Run();
