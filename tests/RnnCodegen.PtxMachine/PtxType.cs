namespace RnnCodegen.PtxMachine;

/// <summary>The types of instructions.</summary>
internal enum PtxType
{
    Pred, B8, B16, B32, B64, U8, U16, U32, U64, S8, S16, S32, S64, F16, F32, F64,
}

/// <summary>What is known of a type.</summary>
internal static class PtxTypes
{
    /// <summary>The type of a name such as f32; null where it is none.</summary>
    public static PtxType? Find(string name) => name switch
    {
        "pred" => PtxType.Pred,
        "b8" => PtxType.B8, "b16" => PtxType.B16, "b32" => PtxType.B32, "b64" => PtxType.B64,
        "u8" => PtxType.U8, "u16" => PtxType.U16, "u32" => PtxType.U32, "u64" => PtxType.U64,
        "s8" => PtxType.S8, "s16" => PtxType.S16, "s32" => PtxType.S32, "s64" => PtxType.S64,
        "f16" => PtxType.F16, "f32" => PtxType.F32, "f64" => PtxType.F64,
        _ => null,
    };

    /// <summary>Bytes in memory.</summary>
    public static int Size(PtxType type) => type switch
    {
        PtxType.B8 or PtxType.U8 or PtxType.S8 or PtxType.Pred => 1,
        PtxType.B16 or PtxType.U16 or PtxType.S16 or PtxType.F16 => 2,
        PtxType.B32 or PtxType.U32 or PtxType.S32 or PtxType.F32 => 4,
        _ => 8,
    };

    /// <summary>Whether a load extends the sign.</summary>
    public static bool IsSigned(PtxType type) => type is PtxType.S8 or PtxType.S16 or PtxType.S32 or PtxType.S64;

    /// <summary>A value of a type as a signed integer.</summary>
    public static long ToSigned(PtxType type, ulong bits) => Size(type) switch
    {
        1 => (sbyte)bits, 2 => (short)bits, 4 => (int)bits, _ => (long)bits,
    };

    /// <summary>The bits that a type has.</summary>
    public static ulong Mask(PtxType type) => Size(type) == 8 ? ulong.MaxValue : (1UL << (8 * Size(type))) - 1;
}
