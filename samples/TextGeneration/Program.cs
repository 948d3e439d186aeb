using System.CommandLine;
using RnnCodegen;
using Samples;
using TextGeneration;

// Learns to go on with a text, character by character, and writes some. Ships with a novel of 1865; --weights FILE writes at once.
var prompt = new Option<string>("--prompt") { Description = "What the text begins with.", DefaultValueFactory = _ => "\n" };
var temperature = new Option<double>("--temperature")
{
    Description = "Less than 1 favours likely characters, more than 1 makes all more alike.", DefaultValueFactory = _ => 0.8,
};
temperature.Validators.Add(result =>
{
    if (!(result.GetValueOrDefault<double>() > 0))
    {
        result.AddError("--temperature must be positive; with --top-k 1 only the likeliest character is written.");
    }
});
var topK = new Option<int>("--top-k") { Description = "How many of the likeliest characters are drawn from; 0 for all." };
var length = new Option<int>("--length") { Description = "Characters to write.", DefaultValueFactory = _ => 800 };
var weights = new Option<FileInfo?>("--weights") { Description = "Weights of an earlier run: writes without learning." };

return new SampleCommand(
        "TextGeneration", "Learns a text character by character and writes more of it.",
        "tinyshakespeare: a million characters of Shakespeare's plays, from https://github.com/karpathy/char-rnn (or any folder of .txt).")
    .Add(prompt).Add(temperature).Add(topK).Add(length).Add(weights)
    .Run(args, run =>
    {
        var corpus = Corpus.Read(run.DataFolder ?? Path.Combine(AppContext.BaseDirectory, "novel"), run.IsShort);
        var nGrams = new NGram(corpus.Training.Span).Losses(corpus.Validation.Span);

        var file = run.Value(weights)?.FullName;
        if (file is null)
        {
            var trained = new CharacterModel(run.Seed);
            var result = Training.For(corpus, run.IsShort).Fit(trained, corpus, run.Seed);
            trained.Save(file = run.File("text.safetensors"));
            LossPicture.Save(run.File("loss.png"), result, nGrams.Min());
            Console.WriteLine($"weights: {file}\npicture: {run.File("loss.png")}");
        }

        var model = CharacterModel.Load(file);
        var sampler = new TokenSampler(run.Seed) { Temperature = run.Value(temperature), TopK = run.Value(topK) };
        Console.Write($"\n{run.Value(prompt)}");
        foreach (var character in Writing.Continue(model, run.Value(prompt)!, run.Value(length), sampler))
        {
            Console.Write(character);
        }

        Console.WriteLine();
        var loss = Reading.Loss(model, corpus.Validation.Span);
        var isBarred = Path.GetFileName(run.DataFolder) == "tinyshakespeare";
        run.Score(
            "last 10 % of the text, nats a character", $"{loss:F3}",
            $"best n-gram, n = {Array.IndexOf(nGrams, nGrams.Min()) + 1}: {nGrams.Min():F3}",
            isBarred ? "<= 1.60" : null, isBarred && !run.IsShort ? loss <= 1.60 : null);
    });
