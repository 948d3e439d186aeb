namespace RnnCodegen;

internal sealed class ConstantSchedule : LearningRateSchedule
{
    internal override double Factor(long update, int epoch) => 1;

    internal override string Describe() => "Constant";
}
