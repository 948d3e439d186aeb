namespace EdgeMonitor;

/// <summary>What is wrong with a pump for some steps.</summary>
/// <param name="Kind">What it is called.</param>
/// <param name="First">Its first step.</param>
/// <param name="Steps">How long it lasts.</param>
sealed record Fault(string Kind, int First, int Steps);

/// <summary>
/// A simulated pump: its load goes up and down, and vibration, temperature and motor current follow. The same seed gives the same series.
/// </summary>
/// <param name="Vibration">How strongly the load shakes it.</param>
/// <param name="Room">Temperature of the room, relative to the workshop's.</param>
/// <param name="Current">Gain of the current sensor.</param>
/// <param name="Cycle">Steps of a cycle of the load.</param>
sealed record Pump(float Vibration, float Room, float Current, int Cycle)
{
    /// <summary>Numbers per step: vibration, temperature and current, each about from -1 to 1.</summary>
    public const int Sensors = PumpMonitor.InputSize;

    /// <summary>The kinds of faults, in the order in which they occur.</summary>
    public static readonly string[] Faults = ["worn bearing", "blocked inlet", "loose contact", "no cooling"];

    private const int FaultEvery = 1000;
    private const int FaultSteps = 50;

    /// <summary>The pump that the factory measured.</summary>
    public static readonly Pump Workshop = new(1, 0, 1, 48);

    /// <summary>The pump of a customer, which differs.</summary>
    public static readonly Pump Site = new(0.6f, -0.3f, 1.3f, 40);

    /// <summary>A series of readings, [steps, Sensors].</summary>
    /// <param name="steps">Its length.</param>
    /// <param name="seed">Of its noise.</param>
    /// <param name="faults">Receives the faults that occur, one in every thousand steps; null for a series without any.</param>
    public float[] Measure(int steps, int seed, List<Fault>? faults = null)
    {
        var random = new Random(seed);
        var readings = new float[steps * Sensors];
        var heat = 0f;
        for (var t = 0; t < steps; t++)
        {
            var load = 0.5f + 0.35f * MathF.Sin(2 * MathF.PI * t / Cycle) + 0.15f * MathF.Sin(2 * MathF.PI * t / 131);
            heat += 0.05f * (load - heat);
            float vibration = 2 * load * load - 0.8f, temperature = 2 * heat - 1, current = 1.6f * load - 0.8f;
            var sinceFault = t % FaultEvery - FaultEvery / 2;
            if (faults != null && sinceFault is >= 0 and < FaultSteps)
            {
                var kind = t / FaultEvery % Faults.Length;
                if (sinceFault == 0)
                {
                    faults.Add(new Fault(Faults[kind], t, FaultSteps));
                }

                switch (kind)
                {
                    case 0: vibration += 0.4f * sinceFault / FaultSteps * (t % 5 - 2); break;
                    case 1: (vibration, current) = (0.6f * vibration, current + 0.15f); break;
                    case 2: current -= random.Next(8) == 0 ? 0.5f : 0; break;
                    default: temperature += 0.02f * sinceFault; break;
                }
            }

            readings[t * Sensors] = Vibration * vibration + Noise(random, 0.04f);
            readings[t * Sensors + 1] = temperature + Room + Noise(random, 0.01f);
            readings[t * Sensors + 2] = Current * current + Noise(random, 0.03f);
        }

        return readings;
    }

    // Close to a normal distribution with this standard deviation.
    private static float Noise(Random random, float deviation) =>
        deviation * 2 * (random.NextSingle() + random.NextSingle() + random.NextSingle() - 1.5f);
}
