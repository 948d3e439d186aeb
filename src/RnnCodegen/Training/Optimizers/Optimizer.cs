using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace RnnCodegen;

/// <summary>
/// Changes parameters along their gradients. An instance holds the state of one model's training: it belongs to the first parameters it
/// is used with. Steps allocate nothing after the first.
/// </summary>
public abstract class Optimizer
{
    private ParameterSet? _parameters;
    private ParameterRange[] _ranges = [];
    private (string Name, float[] Values)[] _slots = [];
    private IValueHolder? _holder;

    private protected Optimizer(double learningRate, double weightDecay)
    {
        LearningRate = learningRate;
        WeightDecay = RequireNotNegative(weightDecay, nameof(weightDecay));
    }

    /// <summary>Size of the steps; may be changed between them.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is negative or not finite.</exception>
    public double LearningRate
    {
        get;
        set => field = RequireNotNegative(value, nameof(LearningRate));
    }

    /// <summary>
    /// Factor on the learning rate, 1 unless set: where a <see cref="LearningRateSchedule"/> writes its factor.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is negative or not finite.</exception>
    public double LearningRateFactor
    {
        get;
        set => field = RequireNotNegative(value, nameof(LearningRateFactor));
    } = 1;

    /// <summary>Pull of the parameters towards 0; what it does is said by each optimizer's formula.</summary>
    public double WeightDecay { get; }

    /// <summary>
    /// Parameters that are treated otherwise than the rest: frozen, without weight decay, or with their own share of the learning rate.
    /// They are looked up in the parameters of the first step.
    /// </summary>
    public IReadOnlyList<ParameterGroup> Groups
    {
        get;
        init
        {
            ArgumentNullException.ThrowIfNull(value, nameof(Groups));
            field = [.. value];
        }
    } = [];

    /// <summary>Steps done so far.</summary>
    public long StepCount { get; internal set; }

    /// <summary>
    /// The state, each slot laid out as the parameters, once <see cref="Prepare"/> has made room for it. With <see cref="StepCount"/> it is
    /// all that later steps depend on besides the settings.
    /// </summary>
    internal IReadOnlyList<(string Name, float[] Values)> Slots
    {
        get
        {
            _holder?.BringBack();
            return _slots;
        }
    }

    /// <summary>Who has newer state than the slots; null where they have the newest.</summary>
    internal IValueHolder? Holder => _holder;

    /// <summary>The parameters that it changes, divided by how they are treated; see <see cref="Prepare"/>.</summary>
    internal ReadOnlySpan<ParameterRange> Ranges => _ranges;

    /// <summary>Most numbers of a rule.</summary>
    internal const int RuleNumbers = 8;

    /// <summary>Names of the state's slots, at most three.</summary>
    private protected abstract string[] SlotNames { get; }

    /// <summary>What the state is before the first step.</summary>
    /// <param name="slot">Which of the slots.</param>
    private protected virtual float InitialState(int slot) => 0;

    /// <summary>Kind and numbers of the optimizer, without learning rate, weight decay and groups.</summary>
    private protected abstract FormattableString Settings { get; }

    /// <summary>One step of the parameters.</summary>
    /// <param name="parameters">The parameters to change; the same at each step.</param>
    /// <param name="gradients">Their gradients; not changed.</param>
    /// <exception cref="ArgumentException">
    /// The gradients are another model's, the optimizer was used with other parameters before, or a group does not fit the parameters.
    /// </exception>
    public void Step(ParameterSet parameters, ParameterSet gradients)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        ArgumentNullException.ThrowIfNull(gradients);
        parameters.RequireSameLayout(gradients, nameof(gradients));
        Prepare(parameters);
        _holder?.BringBack();
        StepCount++;
        var p = parameters.Edit();
        var g = gradients.Values;
        foreach (var range in _ranges)
        {
            if (!range.Frozen)
            {
                Update(new Stretch
                {
                    Offset = range.Offset,
                    Parameters = p.Slice(range.Offset, range.Length),
                    Gradients = g.Slice(range.Offset, range.Length),
                    Rate = RateOf(range),
                    WeightDecay = WeightDecayOf(range),
                });
            }
        }
    }

    /// <summary>
    /// Sets the gradients of frozen parameters to 0, so that they do not count in
    /// <see cref="GradientClipping.ByGlobalNorm(ParameterSet, float)"/>, as in PyTorch, where frozen parameters have none.
    /// </summary>
    /// <param name="parameters">The parameters this optimizer changes.</param>
    /// <param name="gradients">Their gradients.</param>
    /// <exception cref="ArgumentException">As for <see cref="Step"/>.</exception>
    public void ClearFrozen(ParameterSet parameters, ParameterSet gradients)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        ArgumentNullException.ThrowIfNull(gradients);
        parameters.RequireSameLayout(gradients, nameof(gradients));
        Prepare(parameters);
        foreach (var range in _ranges)
        {
            if (range.Frozen)
            {
                gradients.Edit().Slice(range.Offset, range.Length).Clear();
            }
        }
    }

    /// <summary>Makes room for the state of these parameters and finds the groups in them, if that has not been done.</summary>
    /// <exception cref="ArgumentException">The optimizer was used with other parameters before, or a group does not fit.</exception>
    internal void Prepare(ParameterSet parameters)
    {
        if (ReferenceEquals(_parameters, parameters))
        {
            return;
        }

        if (_parameters is not null)
        {
            throw new ArgumentException(
                "This optimizer holds the state of other parameters; create one for each model.", nameof(parameters));
        }

        _ranges = ParameterRange.Resolve(parameters, Groups);
        var names = SlotNames;
        _slots = new (string, float[])[names.Length];
        for (var i = 0; i < names.Length; i++)
        {
            _slots[i] = (names[i], new float[parameters.Count]);
            Array.Fill(_slots[i].Values, InitialState(i));
        }

        _parameters = parameters;
    }

    /// <summary>
    /// What the optimizer does, in words that are equal for equal settings, but for the learning rate, which may change. Groups are
    /// described once <see cref="Prepare"/> has found them.
    /// </summary>
    internal string Describe()
    {
        var settings = $"{FormattableString.Invariant(Settings)}, {FormattableString.Invariant($"weightDecay {WeightDecay}")}";
        return _ranges.All(range => range.IsPlain)
            ? settings
            : $"{settings}; {string.Join("; ", _ranges.Where(range => !range.IsPlain).Select(range => range.Describe(_parameters!)))}";
    }

    /// <summary>Notes that someone else has new state, who is asked for it as soon as someone needs it here.</summary>
    internal void HandOver(IValueHolder holder) => _holder = holder;

    /// <summary>For who has the state, to write it: the slots have the newest from here on.</summary>
    internal (string Name, float[] Values)[] Receive()
    {
        _holder = null;
        return _slots;
    }

    /// <summary>The numbers of this step's rule for some parameters, in the order of the rule's properties; zeros behind them.</summary>
    internal void WriteRule(in ParameterRange range, Span<float> numbers)
    {
        numbers.Clear();
        WriteRule(RateOf(range), WeightDecayOf(range), MemoryMarshal.AsBytes(numbers));
    }

    /// <summary>One step of a stretch of parameters.</summary>
    private protected abstract void Update(in Stretch stretch);

    /// <summary>Writes the rule that a step of so large a rate, with so much decay, follows.</summary>
    private protected abstract void WriteRule(double rate, float weightDecay, Span<byte> rule);

    /// <summary>Applies a rule to a stretch of parameters and its part of each slot.</summary>
    private protected void Sweep<TRule>(TRule rule, in Stretch stretch)
        where TRule : struct, IUpdateRule
    {
        var first = Slot(0, stretch);
        var second = Slot(1, stretch);
        var third = Slot(2, stretch);
        var p = MemoryMarshal.Cast<float, Vector<float>>(stretch.Parameters);
        var g = MemoryMarshal.Cast<float, Vector<float>>(stretch.Gradients);
        var a = MemoryMarshal.Cast<float, Vector<float>>(first);
        var b = MemoryMarshal.Cast<float, Vector<float>>(second);
        var c = MemoryMarshal.Cast<float, Vector<float>>(third);

        Sweep(rule, p, g, a, b, c);
        var done = p.Length * Vector<float>.Count;
        if (done < stretch.Parameters.Length)
        {
            var (lastP, lastG) = (VectorTail.Load(stretch.Parameters[done..]), VectorTail.Load(stretch.Gradients[done..]));
            var (lastA, lastB, lastC) = (
                VectorTail.Load(Rest(first, done)), VectorTail.Load(Rest(second, done)), VectorTail.Load(Rest(third, done)));
            rule.Apply(ref lastP, lastG, ref lastA, ref lastB, ref lastC);
            VectorTail.Store(lastP, stretch.Parameters[done..]);
            VectorTail.Store(lastA, Rest(first, done));
            VectorTail.Store(lastB, Rest(second, done));
            VectorTail.Store(lastC, Rest(third, done));
        }
    }

    // By itself, as in a method that calls others the compiler keeps the rule's numbers in memory.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Sweep<TRule>(
        TRule rule, Span<Vector<float>> p, ReadOnlySpan<Vector<float>> g, Span<Vector<float>> a, Span<Vector<float>> b,
        Span<Vector<float>> c)
        where TRule : struct, IUpdateRule
    {
        for (var i = 0; i < p.Length; i++)
        {
            // The rule works on copies, which stay in registers. A slot that the optimizer does not have is zero to it.
            var value = p[i];
            var inFirst = i < a.Length ? a[i] : Vector<float>.Zero;
            var inSecond = i < b.Length ? b[i] : Vector<float>.Zero;
            var inThird = i < c.Length ? c[i] : Vector<float>.Zero;
            rule.Apply(ref value, g[i], ref inFirst, ref inSecond, ref inThird);
            p[i] = value;
            if (i < a.Length)
            {
                a[i] = inFirst;
            }

            if (i < b.Length)
            {
                b[i] = inSecond;
            }

            if (i < c.Length)
            {
                c[i] = inThird;
            }
        }
    }

    private protected static double RequireNotNegative(double value, string name) => value >= 0 && double.IsFinite(value)
        ? value
        : throw new ArgumentOutOfRangeException(name, value, "Must be a finite number that is not negative.");

    private protected static double RequireFraction(double value, string name) => value is >= 0 and < 1
        ? value
        : throw new ArgumentOutOfRangeException(name, value, "Must be at least 0 and less than 1.");

    private double RateOf(in ParameterRange range) => LearningRate * LearningRateFactor * range.LearningRateScale;

    private float WeightDecayOf(in ParameterRange range) => (float)(range.WeightDecay ?? WeightDecay);

    private Span<float> Slot(int index, in Stretch stretch) =>
        index < _slots.Length ? _slots[index].Values.AsSpan(stretch.Offset, stretch.Parameters.Length) : default;

    private static Span<float> Rest(Span<float> slot, int start) => slot[Math.Min(start, slot.Length)..];

    /// <summary>How one vector of parameters and its state change.</summary>
    private protected interface IUpdateRule
    {
        void Apply(ref Vector<float> p, Vector<float> g, ref Vector<float> a, ref Vector<float> b, ref Vector<float> c);
    }

    /// <summary>Neighbouring parameters that are treated alike.</summary>
    private protected readonly ref struct Stretch
    {
        public required int Offset { get; init; }

        public required Span<float> Parameters { get; init; }

        public required ReadOnlySpan<float> Gradients { get; init; }

        public required double Rate { get; init; }

        public required float WeightDecay { get; init; }
    }
}
