using Pretrained;
using Samples;

// Models that others trained, on real sound: each beside ONNX Runtime on the same rows.
var command = new SampleCommand(
    "Pretrained", "Runs trained models on sound, beside ONNX Runtime: the same outputs, and the time of a step.",
    "a folder of published models and their clips: silero-vad-v6 (voice), dtln-model-1 (noise), precise-hey-mycroft (wake word)");
return command.Run(
    args, run =>
    {
        switch (run.DataFolder is { } folder ? Path.GetFileName(folder) : null)
        {
            case "silero-vad-v6":
                Voice.Run(run, run.DataFolder!);
                break;
            case "dtln-model-1":
                Noise.Run(run, run.DataFolder!);
                break;
            case "precise-hey-mycroft":
                WakeWord.Run(run, run.DataFolder!);
                break;
            case null:
                Synthetic.Run(run);
                break;
            case var other:
                throw new DirectoryNotFoundException($"'{other}' is none of silero-vad-v6, dtln-model-1 and precise-hey-mycroft.");
        }
    });
