using System.Text.Json;
using Xunit;
using static RnnCodegen.Tests.Training.LinearData;

namespace RnnCodegen.Tests.Training;

/// <summary>Logs hold each report, and can be read by a machine.</summary>
public sealed class TrainingLogTests
{
    [Fact]
    public void Csv_has_a_header_and_a_line_a_report()
    {
        using var folder = new TempFolder();
        var path = folder.File("log.csv");
        var reports = Train(TrainingLog.Csv(path));
        Train(TrainingLog.Csv(path, append: true));
        var lines = File.ReadAllLines(path);
        Assert.Equal(1 + (2 * reports.Count), lines.Length);
        Assert.Equal(
            "epoch,batch,update,loss,validation_loss,MAE,gradient_norm,exploding,learning_rate,samples_per_second,elapsed_seconds",
            lines[0]);
        for (var i = 0; i < reports.Count; i++)
        {
            var (r, fields) = (reports[i], lines[1 + i].Split(','));
            Assert.Equal((r.Epoch, r.Batch, r.Update),
                (int.Parse(fields[0], Invariant), int.Parse(fields[1], Invariant), long.Parse(fields[2], Invariant)));
            Assert.Equal(r.Loss, float.Parse(fields[3], Invariant));
            Assert.Equal(r.IsValidated ? r.ValidationLoss!.Value.ToString("R", Invariant) : "", fields[4]);
            Assert.Equal(r.IsValidated ? r.Metrics[0].Value.ToString("R", Invariant) : "", fields[5]);
            Assert.Equal(r.GradientNorm, float.Parse(fields[6], Invariant));
            Assert.Equal("0.125", fields[8]);
        }
    }

    [Fact]
    public void Json_lines_are_objects_without_numbers_that_are_none()
    {
        using var folder = new TempFolder();
        var path = folder.File("log.jsonl");
        var reports = Train(TrainingLog.JsonLines(path, every: 2));
        var lines = File.ReadAllLines(path);
        Assert.Equal(reports.Where(r => r.Update % 2 == 0 || r.IsValidated).Select(r => r.Update), lines.Select(Update));
        using var last = JsonDocument.Parse(lines[^1]);
        Assert.Equal(reports[^1].ValidationLoss, last.RootElement.GetProperty("validation_loss").GetSingle());
        Assert.Equal(reports[^1].Metrics[0].Value, last.RootElement.GetProperty("MAE").GetDouble());
        using var first = JsonDocument.Parse(lines[0]);
        Assert.Equal(JsonValueKind.Null, first.RootElement.GetProperty("validation_loss").ValueKind);

        static long Update(string line)
        {
            using var document = JsonDocument.Parse(line);
            return document.RootElement.GetProperty("update").GetInt64();
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_training_that_goes_on_repeats_no_line(bool json)
    {
        using var folder = new TempFolder();
        var (log, checkpoint) = (folder.File("log"), folder.File("checkpoint"));
        var set = Set(Samples([1, 2, 3, 4, 5], new Random(1)));
        using (var first = Open(append: false))
        {
            Create().Fit(set, set, 1, first);
        }

        // A crash: two more epochs are logged, but the checkpoint is the first epoch's, and the last line is cut.
        var bytes = File.ReadAllBytes(checkpoint);
        using (var more = Open(append: true))
        {
            Create().Resume(checkpoint, set, set, 3, more);
        }

        File.WriteAllBytes(checkpoint, bytes);
        File.AppendAllText(log, json ? "{\"epoch\":9" : "9,9");
        using (var rest = Open(append: true))
        {
            Create().Resume(checkpoint, set, set, 4, rest);
        }

        string[] lines = [.. File.ReadAllLines(log).Skip(json ? 0 : 1)];
        Assert.Equal(12, lines.Length);
        for (var i = 0; i < lines.Length; i++)
        {
            Assert.Contains(json ? $"\"update\":{i + 1}," : $",{i + 1},", lines[i], StringComparison.Ordinal);
        }

        TrainingLog Open(bool append) => json ? TrainingLog.JsonLines(log, append) : TrainingLog.Csv(log, append);

        Trainer<LinearModel> Create() => new(new LinearModel(), Loss.MeanSquaredError,
            new Sgd(0.125)) { BatchSize = 2, Checkpoint = new(checkpoint) };
    }

    [Fact]
    public void A_training_that_goes_on_leaves_the_lines_of_an_earlier_one()
    {
        using var folder = new TempFolder();
        var path = folder.File("log.csv");
        Write(every: 1, 1, 12);
        Write(every: 5, 1, 11);
        Write(every: 5, 4, 7, isResumed: true);
        Assert.Equal([.. Enumerable.Range(1, 12), 5], File.ReadAllLines(path).Skip(1).Select(l => int.Parse(l.Split(',')[2], Invariant)));

        void Write(int every, int first, int last, bool isResumed = false)
        {
            using var log = TrainingLog.Csv(path, append: true, every);
            for (var update = first; update <= last; update++)
            {
                log.Report(Report() with { Update = update, IsResumed = isResumed });
            }
        }
    }

    [Fact]
    public void Columns_have_names_that_differ()
    {
        using var folder = new TempFolder();
        var path = folder.File("log.csv");
        using (var log = TrainingLog.Csv(path))
        {
            log.Report(Report(new MetricValue("loss", 1), new MetricValue("a, b", 2), new MetricValue("a, b", 3)));
        }

        Assert.StartsWith("epoch,batch,update,loss,validation_loss,loss (2),\"a, b\",\"a, b (2)\",gradient_norm,",
            File.ReadAllLines(path)[0], StringComparison.Ordinal);
        using var other = TrainingLog.Csv(path, append: true);
        Assert.Contains("other columns", Assert.Throws<InvalidDataException>(() => other.Report(Report())).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Metrics_of_one_name_are_told_apart()
    {
        var set = TrainingSet.OfRows(1);
        set.Add(new float[] { 1 }, 0);
        var matrix = new ConfusionMatrix(3);
        var result = new Trainer<ShapedModel>(new ShapedModel(), Loss.CrossEntropy, new Sgd(1))
        {
            Metrics = [new Accuracy(), matrix], EarlyStopping = new EarlyStopping { Monitor = matrix },
        }.Fit(set, set, 1);
        Assert.Equal(["accuracy", "accuracy (2)"], result.Metrics.Select(m => m.Name));
        Assert.Equal("accuracy (2)", result.Monitored);
    }

    private static System.Globalization.CultureInfo Invariant => System.Globalization.CultureInfo.InvariantCulture;

    private static TrainingProgress Report(params MetricValue[] metrics) => new()
    {
        Epoch = 1, Epochs = 1, Batch = 1, Batches = 1, Update = 1, Loss = 1, Metrics = metrics, GradientNorm = 1, LearningRate = 1,
        SamplesPerSecond = 1,
        Elapsed = default, Remaining = default,
    };

    private static Reports Train(TrainingLog log)
    {
        using (log)
        {
            var (set, reports) = (Set(Samples([1, 2, 3, 4, 5], new Random(1))), new Reports());
            new Trainer<LinearModel>(new LinearModel(), Loss.MeanSquaredError,
                new Sgd(0.125)) { BatchSize = 2, Metrics = [new MeanAbsoluteError()] }
                .Fit(set, set, 2, new CombinedProgress(reports, log));
            return reports;
        }
    }
}
