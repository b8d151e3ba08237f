using Sluice.Contracts;
using Sluice.ItemApi.Catalog;
using Sluice.ItemApi.Data;
using Sluice.ItemApi.Faults;
using Sluice.ItemApi.Items;
using Sluice.ItemApi.Orders;
using Sluice.ItemApi.Records;
using Sluice.ItemApi.Search;
using Sluice.ItemApi.Uploads;

var builder = WebApplication.CreateBuilder(args);
builder.AddServiceDefaults();
builder.AddPostgresStore("inventory", ItemStore.Tune);
builder.AddMigrations("inventory");
builder.AddCatalog();
builder.AddRecords();
builder.AddUploads();
builder.AddOrders();
builder.AddFaults();

builder.Services.ConfigureHttpJsonOptions(json => json.SerializerOptions.TypeInfoResolverChain.Insert(0, ItemsJson.Default));
builder.Services.AddSingleton<LandmarkReader>();
builder.Services.AddSingleton<ItemStore>();
builder.Services.AddSingleton<SearchStore>();

var app = builder.Build();
app.UseServiceDefaults();
app.UseFaults();
app.MapItems();
app.MapRecords();
app.MapData();
app.MapSearch();
app.MapUploads();
app.MapOrdersAndSales();
app.MapDefaultEndpoints();
app.Run();
