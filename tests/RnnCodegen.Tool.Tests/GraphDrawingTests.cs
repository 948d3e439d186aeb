using RnnCodegen.Tool.Inspection;
using Xunit;

namespace RnnCodegen.Tool.Tests;

public class GraphDrawingTests
{
    [Fact]
    public void A_skip_runs_on_a_rail_beside_the_boxes()
    {
        var model = new ModelDescription { Model = new RnnModelAttribute { InputSize = 5, Output = OutputTransform.Softmax } };
        model.Add("Front", new DenseAttribute(8));
        model.Add("Encoder", new GruAttribute(8));
        model.Add("Sum", new AddAttribute("Encoder", "Front"));

        Assert.Equal(
            """
              input [T, B, 5]
                  │
              ┌───▼────────────────────────────────────────────┐
              │ Front    Dense 8  [T, B, 8]                    │
              └───┬────────────────────────────────────────────┘
                  ├──────────────────────────────────────────────┐
                  │                                              │
              ┌───▼────────────────────────────────────────────┐ │
              │ Encoder  Gru 8    [T, B, 8]                    │ │
              └───┬────────────────────────────────────────────┘ │
                  │                                              │
                  ├◄─────────────────────────────────────────────┘
              ┌───▼────────────────────────────────────────────┐
              │ Sum      Add      [T, B, 8]  of Encoder, Front │
              └───┬────────────────────────────────────────────┘
                  │
              output, Softmax in Run and Step
            """.ReplaceLineEndings("\n"),
            string.Join('\n', GraphDrawing.Draw(model)));
    }

    [Fact]
    public void No_line_is_wider_than_it_may_be_however_many_skips_there_are()
    {
        var model = new ModelDescription { Model = new RnnModelAttribute { InputSize = 5 } };
        var names = Enumerable.Range(0, 40).Select(i => $"Layer{i}").ToArray();
        foreach (var name in names)
        {
            model.Add(name, new DenseAttribute(8));
        }

        model.Add("All", new ConcatAttribute(names));

        var lines = GraphDrawing.Draw(model);

        Assert.All(lines, line => Assert.InRange(line.Length, 0, GraphDrawing.Width));
        Assert.Contains(lines, line => line.Contains("Concat") && line.Contains("of Layer0, Layer1"));
        Assert.True(lines.Max(line => line.Length) > 90);
    }
}
