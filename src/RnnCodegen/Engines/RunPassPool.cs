namespace RnnCodegen;

/// <summary>Inference passes and their memory, kept between calls: one a thread that was ever in at the same time.</summary>
internal sealed class RunPassPool(CpuEngine engine)
{
    private readonly RunPass?[] _kept = new RunPass?[Math.Max(4, Environment.ProcessorCount)];

    /// <summary>A pass for this caller alone until it is returned.</summary>
    public RunPass Rent()
    {
        for (var k = 0; k < _kept.Length; k++)
        {
            if (Interlocked.Exchange(ref _kept[k], null) is { } pass)
            {
                return pass;
            }
        }

        return new RunPass(engine);
    }

    /// <summary>Gives a pass back; it is kept where there is room.</summary>
    public void Return(RunPass pass)
    {
        for (var k = 0; k < _kept.Length; k++)
        {
            if (Interlocked.CompareExchange(ref _kept[k], pass, null) is null)
            {
                return;
            }
        }
    }
}
