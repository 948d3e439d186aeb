namespace RnnCodegen.Tests.Parameters;

/// <summary>Parameter layouts as the generator writes them.</summary>
internal static class Layouts
{
    /// <summary>Places tensors one after the other: name, role, rows, columns, fan-in.</summary>
    public static ParameterInfo[] Place(params (string Name, ParameterRole Role, int Rows, int Columns, int FanIn)[] tensors)
    {
        var infos = new ParameterInfo[tensors.Length];
        var offset = 0;
        for (var i = 0; i < infos.Length; i++)
        {
            var (name, role, rows, columns, fanIn) = tensors[i];
            infos[i] = new ParameterInfo(name, role, offset, rows, columns, fanIn);
            offset += infos[i].Length;
        }

        return infos;
    }

    /// <summary>One vector of the given length.</summary>
    public static ParameterInfo[] Flat(int length) => Place(("Head.bias", ParameterRole.DenseBias, length, 0, length));

    /// <summary>An LSTM of 40 units on 24 features, with peepholes and a projection to 12, and a dense layer of 5.</summary>
    public static ParameterInfo[] Lstm()
    {
        var infos = Place(
            ("Encoder.weight_ih_l0", ParameterRole.InputWeight, 160, 24, 40),
            ("Encoder.weight_hh_l0", ParameterRole.HiddenWeight, 160, 12, 40),
            ("Encoder.bias_ih_l0", ParameterRole.InputBias, 160, 0, 40),
            ("Encoder.bias_hh_l0", ParameterRole.HiddenBias, 160, 0, 40),
            ("Encoder.weight_hr_l0", ParameterRole.ProjectionWeight, 12, 40, 40),
            ("Encoder.weight_ci_l0", ParameterRole.Peephole, 40, 0, 40),
            ("Encoder.weight_cf_l0", ParameterRole.Peephole, 40, 0, 40),
            ("Encoder.weight_co_l0", ParameterRole.Peephole, 40, 0, 40),
            ("Norm.weight", ParameterRole.NormScale, 12, 0, 12),
            ("Norm.bias", ParameterRole.NormShift, 12, 0, 12),
            ("Head.weight", ParameterRole.DenseWeight, 5, 12, 12),
            ("Head.bias", ParameterRole.DenseBias, 5, 0, 12),
            ("Words.weight", ParameterRole.EmbeddingTable, 300, 24, 24));
        infos[2] = infos[2] with { ForgetOffset = 40, ForgetLength = 40 };
        return infos;
    }
}
