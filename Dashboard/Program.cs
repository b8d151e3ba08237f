using Sluice.Dashboard;
using Sluice.Dashboard.Security;
using Sluice.Dashboard.SignIn;

var builder = WebApplication.CreateBuilder(args);
builder.AddServiceDefaults();
builder.AddSignIn();
builder.AddPages();

var app = builder.Build();
app.UseServiceDefaults();
app.UsePublicAddress();
app.UseSecurityHeaders();
app.UseNotFoundPage();
app.UseRouting();
app.UseOwnOrigin();
app.UseAuthentication();
app.UseAuthorization();
app.UseAntiforgery();
app.MapSignIn();
app.MapPages();
app.MapDefaultEndpoints();
app.Run();
