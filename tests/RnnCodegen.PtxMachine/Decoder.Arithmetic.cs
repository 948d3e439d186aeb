using System.Numerics;

namespace RnnCodegen.PtxMachine;

/// <content>Comparisons, conversions and arithmetic.</content>
internal static partial class Decoder
{
    private static Instruction? Compare(KernelReader reader, string[] name, PtxType type, string[] operands)
    {
        var targets = operands[0].Split('|');
        var (target, inverse) = (reader.Target(targets[0]), targets.Length > 1 ? reader.Target(targets[1]) : -1);
        var (first, second) = (reader.Source(operands[1]), reader.Source(operands[2]));
        Func<PtxThread, bool>? compare = type switch
        {
            PtxType.F32 => Real<float>(name[1]), PtxType.F64 => Real<double>(name[1]),
            PtxType.S16 => Whole<short>(name[1]), PtxType.S32 => Whole<int>(name[1]), PtxType.S64 => Whole<long>(name[1]),
            PtxType.U16 or PtxType.B16 => Whole<ushort>(name[1]), PtxType.U32 or PtxType.B32 => Whole<uint>(name[1]),
            PtxType.U64 or PtxType.B64 => Whole<ulong>(name[1]), _ => null,
        };
        if (compare is null)
        {
            return null;
        }

        var isCombined = operands.Length > 3;
        var isNot = isCombined && operands[3][0] == '!';
        var other = isCombined ? reader.Source(operands[3].TrimStart('!')) : default;
        return Next(thread =>
        {
            var result = compare(thread);
            if (isCombined)
            {
                var with = thread.Get<ulong>(other) != 0 != isNot;
                result = name.Contains("and") ? result && with : name.Contains("or") ? result || with : result != with;
            }

            thread.Set(target, result ? 1UL : 0);
            thread.Set(inverse, result ? 0UL : 1);
        });

        Func<PtxThread, bool>? Whole<T>(string relation)
            where T : unmanaged, IBinaryInteger<T> => relation switch
            {
                "eq" => thread => thread.Get<T>(first) == thread.Get<T>(second),
                "ne" => thread => thread.Get<T>(first) != thread.Get<T>(second),
                "lt" or "lo" => thread => thread.Get<T>(first) < thread.Get<T>(second),
                "le" or "ls" => thread => thread.Get<T>(first) <= thread.Get<T>(second),
                "gt" or "hi" => thread => thread.Get<T>(first) > thread.Get<T>(second),
                "ge" or "hs" => thread => thread.Get<T>(first) >= thread.Get<T>(second),
                _ => null,
            };

        Func<PtxThread, bool>? Real<T>(string relation)
            where T : unmanaged, IFloatingPointIeee754<T> => relation switch
            {
                "eq" => thread => thread.Get<T>(first) == thread.Get<T>(second),
                "ne" => thread => thread.Get<T>(first) < thread.Get<T>(second) || thread.Get<T>(first) > thread.Get<T>(second),
                "lt" => thread => thread.Get<T>(first) < thread.Get<T>(second),
                "le" => thread => thread.Get<T>(first) <= thread.Get<T>(second),
                "gt" => thread => thread.Get<T>(first) > thread.Get<T>(second),
                "ge" => thread => thread.Get<T>(first) >= thread.Get<T>(second),
                "equ" => thread => !(thread.Get<T>(first) < thread.Get<T>(second) || thread.Get<T>(first) > thread.Get<T>(second)),
                "neu" => thread => thread.Get<T>(first) != thread.Get<T>(second),
                "ltu" => thread => !(thread.Get<T>(first) >= thread.Get<T>(second)),
                "leu" => thread => !(thread.Get<T>(first) > thread.Get<T>(second)),
                "gtu" => thread => !(thread.Get<T>(first) <= thread.Get<T>(second)),
                "geu" => thread => !(thread.Get<T>(first) < thread.Get<T>(second)),
                "num" => thread => !T.IsNaN(thread.Get<T>(first)) && !T.IsNaN(thread.Get<T>(second)),
                "nan" => thread => T.IsNaN(thread.Get<T>(first)) || T.IsNaN(thread.Get<T>(second)),
                _ => null,
            };
    }

    private static Instruction? Convert(KernelReader reader, string[] name, PtxType[] types, string[] operands)
    {
        var (to, from) = (types[0], types[1]);
        var (target, source) = (reader.Target(operands[0]), reader.Source(operands[1]));
        var rounding = name.FirstOrDefault(part => part is "rn" or "rz" or "rm" or "rp" or "rni" or "rzi" or "rmi" or "rpi");
        var (isSaturated, flushes) = (name.Contains("sat"), name.Contains("ftz"));
        var isReal = from is PtxType.F16 or PtxType.F32 or PtxType.F64;
        if (!isReal)
        {
            return to switch
            {
                PtxType.F32 => Next(thread => thread.Set(target, PtxTypes.IsSigned(from)
                    ? (float)PtxTypes.ToSigned(from, thread.Get<ulong>(source))
                    : (float)(thread.Get<ulong>(source) & PtxTypes.Mask(from)))),
                PtxType.F64 => Next(thread => thread.Set(target, PtxTypes.IsSigned(from)
                    ? (double)PtxTypes.ToSigned(from, thread.Get<ulong>(source))
                    : (double)(thread.Get<ulong>(source) & PtxTypes.Mask(from)))),
                PtxType.F16 or PtxType.Pred => null,
                _ when isSaturated => null,
                _ => Next(thread =>
                {
                    var value = thread.Get<ulong>(source) & PtxTypes.Mask(from);
                    thread.Set(target, (PtxTypes.IsSigned(from) ? (ulong)PtxTypes.ToSigned(from, value) : value) & PtxTypes.Mask(to));
                }),
            };
        }

        double Value(PtxThread thread)
        {
            var value = from switch
            {
                PtxType.F16 => (double)thread.Get<Half>(source), PtxType.F32 => thread.Get<float>(source), _ => thread.Get<double>(source),
            };
            return rounding switch
            {
                "rni" => Math.Round(value, MidpointRounding.ToEven), "rzi" => Math.Truncate(value), "rmi" => Math.Floor(value),
                "rpi" => Math.Ceiling(value), _ => value,
            };
        }

        return to switch
        {
            PtxType.F32 when rounding is null or "rn" or "rni" or "rzi" or "rmi" or "rpi" => Next(thread =>
            {
                var value = (float)Value(thread);
                value = isSaturated ? Math.Clamp(float.IsNaN(value) ? 0 : value, 0, 1) : value;
                thread.Set(target, flushes ? Flush(value) : value);
            }),
            PtxType.F64 => Next(thread => thread.Set(target, Value(thread))),
            PtxType.F16 when rounding is "rn" => Next(thread => thread.Set(target, (Half)Value(thread))),
            PtxType.S32 => Next(thread => thread.Set(target, double.IsNaN(Value(thread)) ? 0
                : (int)Math.Clamp(Value(thread), int.MinValue, int.MaxValue))),
            PtxType.U32 => Next(thread => thread.Set(target, double.IsNaN(Value(thread)) ? 0
                : (uint)Math.Clamp(Value(thread), 0, uint.MaxValue))),
            PtxType.S64 => Next(thread => thread.Set(target, double.IsNaN(Value(thread)) ? 0 : (long)Value(thread))),
            _ => null,
        };
    }

    private static Instruction? Arithmetic(KernelReader reader, string[] name, PtxType[] types, string[] operands)
    {
        if (types.Length == 0)
        {
            return null;
        }

        var type = types[^1];
        return type switch
        {
            PtxType.F32 when name.Any(part => part is "rz" or "rm" or "rp") => Directed(reader, name, operands),
            PtxType.F32 => Reals<float>(reader, name, operands, name.Contains("ftz") ? Flush : value => value),
            PtxType.F64 => Reals<double>(reader, name, operands, value => value),
            PtxType.S16 => Integers<short>(reader, name, types, operands), PtxType.S32 => Integers<int>(reader, name, types, operands),
            PtxType.S64 => Integers<long>(reader, name, types, operands),
            PtxType.U16 or PtxType.B16 => Integers<ushort>(reader, name, types, operands),
            PtxType.U32 or PtxType.B32 => Integers<uint>(reader, name, types, operands),
            PtxType.U64 or PtxType.B64 => Integers<ulong>(reader, name, types, operands),
            PtxType.Pred => Predicates(reader, name, operands),
            _ => null,
        };
    }

    private static Instruction? Reals<T>(KernelReader reader, string[] name, string[] operands, Func<T, T> flush)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        // Other directions of rounding than to the nearest are known of floats only.
        if (name.Any(part => part is "rz" or "rm" or "rp" or "sat"))
        {
            return null;
        }

        return (name[0], operands.Length) switch
        {
            ("add", 3) => Two((x, y) => x + y), ("sub", 3) => Two((x, y) => x - y), ("mul", 3) => Two((x, y) => x * y),
            ("div", 3) => Two((x, y) => x / y), ("min", 3) => Two(T.MinNumber), ("max", 3) => Two(T.MaxNumber),
            ("copysign", 3) => Two((sign, value) => T.CopySign(value, sign)),
            ("fma" or "mad", 4) => Three(T.FusedMultiplyAdd),
            ("neg", 2) => One(x => -x), ("abs", 2) => One(T.Abs), ("rcp", 2) => One(x => T.One / x), ("sqrt", 2) => One(T.Sqrt),
            ("rsqrt", 2) => One(x => T.One / T.Sqrt(x)), ("ex2", 2) => One(T.Exp2), ("lg2", 2) => One(T.Log2), ("tanh", 2) => One(T.Tanh),
            ("sin", 2) => One(T.Sin), ("cos", 2) => One(T.Cos),
            _ => null,
        };

        Instruction One(Func<T, T> function)
        {
            var (target, x) = (reader.Target(operands[0]), reader.Source(operands[1]));
            return Next(thread => thread.Set(target, flush(function(flush(thread.Get<T>(x))))));
        }

        Instruction Two(Func<T, T, T> function)
        {
            var (target, x, y) = (reader.Target(operands[0]), reader.Source(operands[1]), reader.Source(operands[2]));
            return Next(thread => thread.Set(target, flush(function(flush(thread.Get<T>(x)), flush(thread.Get<T>(y))))));
        }

        Instruction Three(Func<T, T, T, T> function)
        {
            var (target, x, y) = (reader.Target(operands[0]), reader.Source(operands[1]), reader.Source(operands[2]));
            var z = reader.Source(operands[3]);
            return Next(thread => thread.Set(
                target, flush(function(flush(thread.Get<T>(x)), flush(thread.Get<T>(y)), flush(thread.Get<T>(z))))));
        }
    }

    // x y + z, rounded down, up or to zero.
    private static Instruction? Directed(KernelReader reader, string[] name, string[] operands)
    {
        var isKnown = (name[0], operands.Length) is ("fma" or "mad", 4) or ("add" or "sub" or "mul", 3);
        if (!isKnown || name.Contains("ftz") || name.Contains("sat"))
        {
            return null;
        }

        var (target, x, y) = (reader.Target(operands[0]), reader.Source(operands[1]), reader.Source(operands[2]));
        var z = operands.Length > 3 ? reader.Source(operands[3]) : default;
        return Next(thread =>
        {
            var (first, second) = (thread.Get<float>(x), thread.Get<float>(y));
            thread.Set(target, name[0] switch
            {
                "add" => Round(first, 1, second), "sub" => Round(first, 1, -second), "mul" => Round(first, second, 0),
                _ => Round(first, second, thread.Get<float>(z)),
            });
        });

        float Round(float x, float y, float z)
        {
            // The product is exact in double; sum + low is exact, too.
            var product = (double)x * y;
            var sum = product + z;
            var part = sum - product;
            var low = (product - (sum - part)) + (z - part);
            var value = (float)sum;
            if (!float.IsFinite(value) || (value == sum && low == 0))
            {
                return value;
            }

            var isAbove = value > sum || (value == sum && low < 0);
            var wantsAbove = name.Contains("rp") || (name.Contains("rz") && sum < 0);
            return isAbove == wantsAbove ? value : wantsAbove ? MathF.BitIncrement(value) : MathF.BitDecrement(value);
        }
    }

    private static Instruction? Integers<T>(KernelReader reader, string[] name, PtxType[] types, string[] operands)
        where T : unmanaged, IBinaryInteger<T>, IMinMaxValue<T>
    {
        var bits = 8 * PtxTypes.Size(types[^1]);
        if (name.Contains("sat") || name.Contains("cc"))
        {
            return null;
        }

        return (name[0], operands.Length) switch
        {
            ("mul", 3) when name.Contains("wide") => Wide((x, y, _) => x * y),
            ("mad", 4) when name.Contains("wide") => Wide((x, y, z) => (x * y) + z),
            ("mul", 3) when name.Contains("hi") =>
                Two((x, y) => T.CreateTruncating((Int128.CreateTruncating(x) * Int128.CreateTruncating(y)) >> bits)),
            ("add", 3) => Two((x, y) => x + y), ("sub", 3) => Two((x, y) => x - y), ("mul", 3) => Two((x, y) => x * y),
            ("div", 3) => Two((x, y) => y == T.Zero ? T.AllBitsSet : x / y), ("rem", 3) => Two((x, y) => y == T.Zero ? x : x % y),
            ("min", 3) => Two(T.Min), ("max", 3) => Two(T.Max), ("and", 3) => Two((x, y) => x & y), ("or", 3) => Two((x, y) => x | y),
            ("xor", 3) => Two((x, y) => x ^ y), ("not", 2) => One(x => ~x), ("neg", 2) => One(x => T.Zero - x), ("abs", 2) => One(T.Abs),
            ("cnot", 2) => One(x => x == T.Zero ? T.One : T.Zero),
            ("popc", 2) => One(T.PopCount), ("clz", 2) => One(T.LeadingZeroCount),
            ("mad", 4) when name.Contains("lo") => Three((x, y, z) => (x * y) + z),
            ("shl", 3) => Shift((x, by) => by >= bits ? T.Zero : x << by),
            ("shr", 3) => Shift((x, by) => by >= bits ? (T.IsNegative(x) ? T.AllBitsSet : T.Zero) : x >> by),
            ("bfe", 4) => Extract(), ("bfi", 5) => Insert(), ("shf", 4) when bits == 32 => Funnel(), ("prmt", 4) => Permute(),
            ("lop3", 5) => Logic(),
            _ => null,
        };

        Instruction One(Func<T, T> function)
        {
            var (target, x) = (reader.Target(operands[0]), reader.Source(operands[1]));
            return Next(thread => thread.Set(target, function(thread.Get<T>(x))));
        }

        Instruction Two(Func<T, T, T> function)
        {
            var (target, x, y) = (reader.Target(operands[0]), reader.Source(operands[1]), reader.Source(operands[2]));
            return Next(thread => thread.Set(target, function(thread.Get<T>(x), thread.Get<T>(y))));
        }

        Instruction Three(Func<T, T, T, T> function)
        {
            var (target, x, y) = (reader.Target(operands[0]), reader.Source(operands[1]), reader.Source(operands[2]));
            var z = reader.Source(operands[3]);
            return Next(thread => thread.Set(target, function(thread.Get<T>(x), thread.Get<T>(y), thread.Get<T>(z))));
        }

        // Products of twice the width.
        Instruction Wide(Func<long, long, long, long> function)
        {
            var (target, x, y) = (reader.Target(operands[0]), reader.Source(operands[1]), reader.Source(operands[2]));
            var z = operands.Length > 3 ? reader.Source(operands[3]) : default;
            var mask = bits == 32 ? ulong.MaxValue : (1UL << (2 * bits)) - 1;
            return Next(thread =>
            {
                var (first, second) = (long.CreateTruncating(thread.Get<T>(x)), long.CreateTruncating(thread.Get<T>(y)));
                thread.Set(target, mask & (ulong)function(first, second, operands.Length > 3 ? thread.Get<long>(z) : 0));
            });
        }

        Instruction Shift(Func<T, int, T> function)
        {
            var (target, x, by) = (reader.Target(operands[0]), reader.Source(operands[1]), reader.Source(operands[2]));
            return Next(thread => thread.Set(target, function(thread.Get<T>(x), (int)Math.Min(64, thread.Get<uint>(by)))));
        }

        Instruction Extract()
        {
            var (target, x) = (reader.Target(operands[0]), reader.Source(operands[1]));
            var (start, length) = (reader.Source(operands[2]), reader.Source(operands[3]));
            return Next(thread =>
            {
                var (from, count) = ((int)(thread.Get<uint>(start) & 255), (int)(thread.Get<uint>(length) & 255));
                var value = long.CreateTruncating(thread.Get<T>(x));
                var field = count == 0 || from >= bits ? 0 : (Int128)value >> from;
                var mask = count >= 64 ? -1L : (1L << count) - 1;
                var low = (long)field & mask;
                var isNegative = T.IsNegative(T.AllBitsSet) && count is > 0 and < 64 && ((low >> (count - 1)) & 1) != 0;
                thread.Set(target, T.CreateTruncating(isNegative ? low | ~mask : low));
            });
        }

        Instruction Insert()
        {
            var (target, field, x) = (reader.Target(operands[0]), reader.Source(operands[1]), reader.Source(operands[2]));
            var (start, length) = (reader.Source(operands[3]), reader.Source(operands[4]));
            return Next(thread =>
            {
                var (from, count) = ((int)(thread.Get<uint>(start) & 255), (int)(thread.Get<uint>(length) & 255));
                var mask = (UInt128.One << count) - 1;
                var inserted = (UInt128)thread.Get<ulong>(field) & mask;
                var rest = (UInt128)thread.Get<ulong>(x) & ~(mask << from);
                thread.Set(target, T.CreateTruncating((ulong)(rest | (inserted << from))));
            });
        }

        Instruction Funnel()
        {
            var (target, low, high) = (reader.Target(operands[0]), reader.Source(operands[1]), reader.Source(operands[2]));
            var by = reader.Source(operands[3]);
            return Next(thread =>
            {
                var shift = (int)(name.Contains("wrap") ? thread.Get<uint>(by) & 31 : Math.Min(32, thread.Get<uint>(by)));
                var both = ((ulong)thread.Get<uint>(high) << 32) | thread.Get<uint>(low);
                thread.Set(target, name.Contains("l") ? (uint)((both << shift) >> 32) : (uint)(both >> shift));
            });
        }

        Instruction? Permute()
        {
            var (target, low, high) = (reader.Target(operands[0]), reader.Source(operands[1]), reader.Source(operands[2]));
            var selector = reader.Source(operands[3]);
            return name.Length != 2 ? null : Next(thread =>
            {
                var both = ((ulong)thread.Get<uint>(high) << 32) | thread.Get<uint>(low);
                var (select, value) = (thread.Get<uint>(selector), 0u);
                for (var i = 0; i < 4; i++)
                {
                    var nibble = (select >> (4 * i)) & 15;
                    var part = (uint)(both >> (int)(8 * (nibble & 7))) & 255;
                    value |= (nibble < 8 ? part : (part & 128) != 0 ? 255u : 0) << (8 * i);
                }

                thread.Set(target, value);
            });
        }

        Instruction Logic()
        {
            var (target, a, b) = (reader.Target(operands[0]), reader.Source(operands[1]), reader.Source(operands[2]));
            var (c, table) = (reader.Source(operands[3]), (int)reader.Source(operands[4]).Bits);
            return Next(thread =>
            {
                var (x, y, z, value) = (thread.Get<uint>(a), thread.Get<uint>(b), thread.Get<uint>(c), 0u);
                for (var bit = 0; bit < 32; bit++)
                {
                    var index = (((x >> bit) & 1) << 2) | (((y >> bit) & 1) << 1) | ((z >> bit) & 1);
                    value |= (uint)((table >> (int)index) & 1) << bit;
                }

                thread.Set(target, value);
            });
        }
    }

    private static Instruction? Predicates(KernelReader reader, string[] name, string[] operands)
    {
        var (target, x) = (reader.Target(operands[0]), reader.Source(operands[1]));
        var y = operands.Length > 2 ? reader.Source(operands[2]) : default;
        return name[0] switch
        {
            "and" => Next(thread => thread.Set(target, thread.Get<ulong>(x) & thread.Get<ulong>(y))),
            "or" => Next(thread => thread.Set(target, thread.Get<ulong>(x) | thread.Get<ulong>(y))),
            "xor" => Next(thread => thread.Set(target, thread.Get<ulong>(x) ^ thread.Get<ulong>(y))),
            "not" => Next(thread => thread.Set(target, thread.Get<ulong>(x) ^ 1)),
            _ => null,
        };
    }

    private static float Flush(float value) => float.IsSubnormal(value) ? MathF.CopySign(0, value) : value;
}
