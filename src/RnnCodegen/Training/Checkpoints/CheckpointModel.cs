namespace RnnCodegen;

/// <summary>One of a checkpoint's models, and its weights.</summary>
public sealed class CheckpointModel
{
    private readonly TrainingCheckpoint _checkpoint;
    private readonly string _prefix;

    internal CheckpointModel(TrainingCheckpoint checkpoint, string role)
    {
        (_checkpoint, Role) = (checkpoint, role);
        _prefix = role.Length == 0 ? "" : role + ".";
        Name = checkpoint.Fields.Text(_prefix + TrainingCheckpoint.ModelKey);
    }

    /// <summary>Full name of the model's class.</summary>
    public string Name { get; }

    /// <summary><c>encoder</c> or <c>decoder</c>; empty where the model was trained alone.</summary>
    public string Role { get; }

    /// <summary>Copies the weights into a model's parameters.</summary>
    /// <param name="parameters">Parameters of this model.</param>
    /// <exception cref="InvalidDataException">They are another model's; nothing was copied.</exception>
    public void CopyTo(ParameterSet parameters) => _checkpoint.Copy(parameters, _prefix + TrainingCheckpoint.ModelPrefix);

    /// <summary>Copies the weights of the best validation into a model's parameters.</summary>
    /// <param name="parameters">Parameters of this model.</param>
    /// <exception cref="InvalidOperationException">There is no best validation: see <see cref="TrainingCheckpoint.BestEpoch"/>.</exception>
    /// <exception cref="InvalidDataException">They are another model's; nothing was copied.</exception>
    public void CopyBestTo(ParameterSet parameters)
    {
        _checkpoint.RequireBest();
        _checkpoint.Copy(parameters, _prefix + TrainingCheckpoint.BestPrefix);
    }
}
