using System;
using System.Linq;
using System.Net.Http;
using System.Net.Http.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using RnnCodegen;

// One model serves all requests at once; the program asks itself, and ends.
var builder = WebApplication.CreateBuilder(args);
builder.Services.AddSingleton(_ => Models.Echo.LoadEmbedded());
var app = builder.Build();
app.Urls.Add("http://127.0.0.1:0");
app.MapPost("/echo", (float[] values, Models.Echo model) => model.Answer(values));
await app.StartAsync();
using var client = new HttpClient { BaseAddress = new Uri(app.Urls.First()) };
var answers = await (await client.PostAsJsonAsync("/echo", new[] { 0.25f, 0.5f })).Content.ReadFromJsonAsync<float[]>();
await app.StopAsync();
Console.WriteLine($"web: {string.Join(" ", answers!)}, own model of {Own.ParameterCount} parameters");
return answers!.Length == 2 ? 0 : 1;

/// <summary>A model in a web project.</summary>
[RnnModel(InputSize = 2)]
public partial class Own
{
    /// <summary>Its only layer.</summary>
    [Gru(4)]
    public partial GruLayer Memory { get; }
}
