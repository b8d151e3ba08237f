using Sluice.Contracts;
using Sluice.ItemApi.Catalog;
using Sluice.ItemApi.Data;
using Sluice.ItemApi.Items;
using Sluice.ItemApi.Search;
using Sluice.ItemApi.Uploads;

var builder = WebApplication.CreateBuilder(args);
builder.AddServiceDefaults();
builder.AddPostgresStore("inventory", ItemStore.Tune);
builder.AddMigrations("inventory");
builder.AddCatalog();
builder.AddUploads();

builder.Services.ConfigureHttpJsonOptions(json => json.SerializerOptions.TypeInfoResolverChain.Insert(0, ItemsJson.Default));
builder.Services.AddSingleton<LandmarkReader>();
builder.Services.AddSingleton<ItemStore>();
builder.Services.AddSingleton<SearchStore>();

var app = builder.Build();
app.MapItems();
app.MapData();
app.MapSearch();
app.MapUploads();
app.MapDefaultEndpoints();
app.Run();
