using System.Globalization;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace RnnCodegen;

/// <summary>The trainer's own estimate of the time left, which knows of resumed epochs.</summary>
internal sealed class TrainingTimeColumn : ProgressColumn
{
    public const string Key = "remaining";

    public override IRenderable Render(RenderOptions options, ProgressTask task, TimeSpan deltaTime) =>
        new Text(Format(task.State.Get<TimeSpan>(Key)));

    private static string Format(TimeSpan time) =>
        time.TotalHours >= 100 ? "**:**:**" : string.Create(CultureInfo.InvariantCulture, $"{(int)time.TotalHours:D2}:{time:mm\\:ss}");
}
