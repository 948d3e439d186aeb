using RnnCodegen.Runtime;

namespace RnnCodegen;

/// <summary>The recurrent state at the start of a portion, carried from window to window of a stream.</summary>
internal sealed class CarriedState(ModelCore core, TrainingWorld world)
{
    private float[] _buffer = [];

    /// <summary>The state of a task that goes through streams in windows; null for one that goes through whole samples.</summary>
    public static CarriedState? For(TrainingTask task, TrainingSettings settings, TrainingWorld world) =>
        settings.Truncation is null ? null : new CarriedState(task.Trainees[0].Core, world);

    /// <summary>The state at the portion's start, of this rank's samples.</summary>
    public ModelState State { get; } = core.CreateState();

    /// <summary>Samples of the portion, on all ranks.</summary>
    public int Batch { get; private set; } = 1;

    /// <summary>
    /// Makes the state ready for a portion, and says what Forward is to start from: null where it is its samples' first, so that a learned
    /// initial state gets its gradient.
    /// </summary>
    public ModelState? Begin(in Portion portion)
    {
        if (!portion.IsFirst)
        {
            return State;
        }

        Reshape(portion.Count);
        State.Reset();
        return null;
    }

    /// <summary>All ranks' values, as the state of one process with all samples writes them; all ranks call it.</summary>
    public float[] Gather()
    {
        var values = new float[State.Slots.Sum(slot => slot.Size) * Batch];
        if (!world.IsShared)
        {
            State.CopyTo(values);
            return values;
        }

        var own = new float[State.Length];
        State.CopyTo(own);
        var (from, to, count) = (0, 0, world.ShareOf(Batch).Count);
        foreach (var slot in State.Slots)
        {
            world.Join(own.AsSpan(from, count * slot.Size), 1, Batch, slot.Size, values.AsSpan(to, Batch * slot.Size), ref _buffer);
            (from, to) = (from + (count * slot.Size), to + (Batch * slot.Size));
        }

        return values;
    }

    /// <summary>Takes this rank's part of what <see cref="Gather"/> returned, on however many ranks.</summary>
    public void Restore(int batch, ReadOnlySpan<float> values)
    {
        Reshape(batch);
        var share = world.ShareOf(batch);
        var own = new float[State.Length];
        var (from, to) = (0, 0);
        foreach (var slot in State.Slots)
        {
            values.Slice(from + (share.First * slot.Size), share.Count * slot.Size).CopyTo(own.AsSpan(to));
            (from, to) = (from + (batch * slot.Size), to + (share.Count * slot.Size));
        }

        State.CopyFrom(own);
    }

    private void Reshape(int batch)
    {
        Batch = batch;
        State.Reshape(Math.Max(1, world.ShareOf(batch).Count));
    }
}
