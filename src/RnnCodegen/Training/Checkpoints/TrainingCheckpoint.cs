using System.Text;

namespace RnnCodegen;

/// <summary>
/// A file with all that a training needs to go on (see <see cref="BatchTrainer.Resume"/>), read and found whole: how far it came, and
/// its weights. It is a safetensors file: tensors <c>model.*</c> (the parameters), <c>best.*</c> (those of the best validation),
/// <c>optimizer.*</c> (its state), and few more; the rest are strings of its metadata, with a checksum over everything. Those of an encoder
/// and a decoder have <c>encoder.</c> and <c>decoder.</c> before their names.
/// </summary>
public sealed class TrainingCheckpoint
{
    internal const string Format = "rnncodegen.checkpoint.1";
    internal const string ModelPrefix = "model.";
    internal const string BestPrefix = "best.";
    internal const string OptimizerPrefix = "optimizer.";
    internal const string TrainingLossesName = "losses.training";
    internal const string ValidationLossesName = "losses.validation";
    internal const string NormsName = "norms";
    internal const string CarriedName = "streams.state";
    internal const string ModelKey = "model";

    /// <summary>What each model is, where several are trained together.</summary>
    internal const string RolesKey = "trainees";

    private const string FormatKey = "format";
    private const string ChecksumKey = "checksum";

    private readonly string _path;
    private readonly SafeTensorsFile _file;
    private readonly string[] _roles;

    private TrainingCheckpoint(string path, SafeTensorsFile file)
    {
        (_path, _file) = (path, file);
        Fields = new CheckpointFields(path, file.Metadata);
        _roles = file.Metadata.TryGetValue(RolesKey, out var roles) ? roles.Split(' ') : [""];
        Models = [.. _roles.Select(role => new CheckpointModel(this, role))];
        Epoch = Fields.Count("epoch");
        Batch = Fields.Count("batch");
        Update = Fields.Integer("update");
        TrainingLosses = Array.AsReadOnly(Floats(TrainingLossesName).ToArray());
        ValidationLosses = Array.AsReadOnly(Floats(ValidationLossesName).ToArray());
        BestEpoch = Fields.Integers("best.position", 3)[0] is > 0 and var epoch ? (int)epoch : null;
    }

    /// <summary>Full name of the model's class; of an encoder and a decoder, both.</summary>
    public string Model => string.Join(" and ", Models.Select(m => m.Name));

    /// <summary>The models with their weights: one, or an encoder and then its decoder.</summary>
    public IReadOnlyList<CheckpointModel> Models { get; }

    /// <summary>Epochs done.</summary>
    public int Epoch { get; }

    /// <summary>Batches done of the epoch after these.</summary>
    public int Batch { get; }

    /// <summary>Updates of the parameters done.</summary>
    public long Update { get; }

    /// <summary>The epoch, from 1, with the best validation; null where there is none.</summary>
    public int? BestEpoch { get; }

    /// <summary>The training loss of each epoch done.</summary>
    public IReadOnlyList<float> TrainingLosses { get; }

    /// <summary>The loss of each validation done.</summary>
    public IReadOnlyList<float> ValidationLosses { get; }

    internal CheckpointFields Fields { get; }

    /// <summary>What the file says of a normaliser; empty where there is none.</summary>
    internal IReadOnlyDictionary<string, string> Normalizer => _file.Metadata
        .Where(m => m.Key.StartsWith(RnnCodegen.Normalizer.KeyStart, StringComparison.Ordinal)).ToDictionary();

    /// <summary>Reads a whole file and checks that it is one and undamaged.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="InvalidDataException">It is not a checkpoint, or is damaged; the message says where.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static TrainingCheckpoint Read(string path) => Of(path, SafeTensorsFile.Read(path));

    /// <summary>A checkpoint whose file was read.</summary>
    /// <exception cref="InvalidDataException">It is not a checkpoint, or is damaged; the message says where.</exception>
    internal static TrainingCheckpoint Of(string path, SafeTensorsFile file)
    {
        if (!file.Metadata.TryGetValue(FormatKey, out var format) || format != Format)
        {
            throw new InvalidDataException($"'{path}' is a safetensors file, but not a checkpoint of a training ({Format}).");
        }

        if (!file.Metadata.TryGetValue(ChecksumKey, out var checksum) || checksum != Checksum(file.Tensors, file.Metadata))
        {
            throw new InvalidDataException($"'{path}': the checkpoint is damaged: its contents do not have its checksum.");
        }

        return new TrainingCheckpoint(path, file);
    }

    /// <summary>Copies the weights into a model's parameters.</summary>
    /// <param name="parameters">Parameters of the checkpoint's model.</param>
    /// <exception cref="InvalidOperationException">There are several models: see <see cref="Models"/>.</exception>
    /// <exception cref="InvalidDataException">They are another model's; nothing was copied.</exception>
    public void CopyTo(ParameterSet parameters) => Only().CopyTo(parameters);

    /// <summary>Copies the weights of the best validation into a model's parameters.</summary>
    /// <param name="parameters">Parameters of the checkpoint's model.</param>
    /// <exception cref="InvalidOperationException">There is no best validation: see <see cref="BestEpoch"/>; or several models: see
    /// <see cref="Models"/>.</exception>
    /// <exception cref="InvalidDataException">They are another model's; nothing was copied.</exception>
    public void CopyBestTo(ParameterSet parameters) => Only().CopyBestTo(parameters);

    /// <summary>Writes a checkpoint, see <see cref="SafeTensorsFile.Write"/>; the metadata gets format and checksum.</summary>
    internal static void Write(string path, List<SafeTensor> tensors, Dictionary<string, string> metadata)
    {
        metadata[FormatKey] = Format;
        metadata[ChecksumKey] = Checksum(tensors, metadata);
        SafeTensorsFile.Write(path, tensors, metadata);
    }

    /// <summary>The values of an F32 tensor that must have a given number of them, if that is given.</summary>
    internal ReadOnlySpan<float> Floats(string name, int? count = null)
    {
        if (!_file.TryGet(name, out var tensor) || tensor.DataType != ElementType.Float32.Name
            || (count is { } c && tensor.Floats.Length != c))
        {
            throw new InvalidDataException(
                $"'{_path}': the checkpoint has no tensor '{name}' of {(count is null ? "F32" : $"{count} F32")} values.");
        }

        return tensor.Floats;
    }

    /// <summary>Refuses parameters that are not the checkpoint's.</summary>
    internal void Check(ParameterSet parameters, string prefix)
    {
        foreach (var tensor in parameters.Tensors)
        {
            SafeTensors.Check(_path, _file, tensor, prefix);
        }

        var count = _file.Tensors.Count(t => t.Name.StartsWith(prefix, StringComparison.Ordinal));
        if (count != parameters.Tensors.Count)
        {
            throw new InvalidDataException($"'{_path}': the checkpoint's model has {count} tensors, this one {parameters.Tensors.Count}.");
        }
    }

    /// <summary>Refuses a training whose words for something are not those of the one that wrote the checkpoint.</summary>
    internal void Require(string key, string expected, string what)
    {
        var found = Fields.Text(key);
        if (found != expected)
        {
            throw new InvalidDataException(
                $"'{_path}': the checkpoint was written with the {what} '{found}', but this training has '{expected}'. " +
                "Training goes on from a checkpoint only with the same.");
        }
    }

    /// <summary>Refuses a training of other models than those of the one that wrote the checkpoint.</summary>
    internal void RequireRoles(string[] expected)
    {
        if (!_roles.SequenceEqual(expected))
        {
            throw new InvalidDataException(
                $"'{_path}': the checkpoint is of the training of {Describe(_roles)}, but this trains {Describe(expected)}. " +
                "Training goes on from a checkpoint only with the same.");
        }

        static string Describe(string[] roles) => roles.Length == 1 ? "one model" : $"several: {string.Join(" and ", roles)}";
    }

    internal void RequireBest()
    {
        if (BestEpoch is null)
        {
            throw new InvalidOperationException(
                $"'{_path}' holds no best weights: the training had no early stopping, or no validation yet.");
        }
    }

    internal void Copy(ParameterSet parameters, string prefix)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        Check(parameters, prefix);
        foreach (var tensor in parameters.Tensors)
        {
            _file[prefix + tensor.Name].CopyTo(tensor.Edit());
        }
    }

    private CheckpointModel Only() => Models.Count == 1 ? Models[0] : throw new InvalidOperationException(
        $"'{_path}' holds the weights of {Models.Count} models, {Model}: copy those of one of its Models.");

    /// <summary>A hash of names and values of all tensors and of all metadata but itself.</summary>
    private static string Checksum(IReadOnlyList<SafeTensor> tensors, IReadOnlyDictionary<string, string> metadata)
    {
        var hash = new ContentHash();
        foreach (var (key, value) in metadata.OrderBy(entry => entry.Key, StringComparer.Ordinal))
        {
            if (key != ChecksumKey)
            {
                hash.Append<byte>(Encoding.UTF8.GetBytes($"{key}\0{value}\0"));
            }
        }

        foreach (var tensor in tensors.OrderBy(t => t.Name, StringComparer.Ordinal))
        {
            hash.Append<byte>(Encoding.UTF8.GetBytes($"{tensor.Name}\0{tensor.Bytes.Length}\0"));
            hash.Append(tensor.Bytes);
        }

        return hash.ToString();
    }
}
