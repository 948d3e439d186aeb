namespace RnnCodegen.PtxMachine;

/// <summary>Turns the text of an instruction into what it does. An instruction moves the thread on by itself.</summary>
internal static partial class Decoder
{
    /// <summary>The instruction of a name, such as fma.rn.f32, and its operands.</summary>
    /// <exception cref="PtxFault">The machine does not know it.</exception>
    public static Instruction Decode(KernelReader reader, string[] name, string[] operands, string text)
    {
        var types = name.Skip(1).Select(PtxTypes.Find).Where(type => type is not null).Select(type => type!.Value).ToArray();
        var known = name[0] switch
        {
            "ld" or "ldu" or "st" => Memory(reader, name, types[^1], operands),
            "mov" => Move(reader, types[^1], operands),
            "cvta" => Generic(reader, name, operands),
            "mapa" => Remote(reader, operands),
            "bra" => Branch(reader.Label(operands[0])),
            "ret" or "exit" => thread => thread.Waiting = Waiting.Exited,
            "bar" or "barrier" => Barrier(reader, name, operands),
            "membar" or "fence" => Next(_ => { }),
            "shfl" => Shuffle(reader, name, operands),
            "vote" => Vote(reader, name, operands),
            "setp" => Compare(reader, name, types[^1], operands),
            "selp" => Select(reader, types[^1], operands),
            "cvt" when types.Length == 1 => ConvertToReduced(reader, name, operands),
            "cvt" => Convert(reader, name, types, operands),
            "mma" => MultiplyOfWarp(reader, name, operands),
            _ => Arithmetic(reader, name, types, operands),
        };
        return known ?? throw new PtxFault(FaultKind.Unsupported, $"'{text}'");
    }

    /// <summary>An instruction after which comes the next.</summary>
    private static Instruction Next(Action<PtxThread> action) => thread =>
    {
        action(thread);
        thread.Next++;
    };

    private static Instruction Branch(int label) => thread => thread.Next = label;

    private static Instruction Move(KernelReader reader, PtxType type, string[] operands)
    {
        // mov.b64 %rd, {%r1, %r2} packs, mov.b64 {%r1, %r2}, %rd takes apart.
        if (operands[1][0] == '{')
        {
            var (target, parts) = (reader.Target(operands[0]), Vector(operands[1]).Select(reader.Source).ToArray());
            var bits = 8 * PtxTypes.Size(type) / parts.Length;
            return Next(thread =>
            {
                var value = 0UL;
                for (var i = 0; i < parts.Length; i++)
                {
                    value |= (thread.Get<ulong>(parts[i]) & ((1UL << bits) - 1)) << (i * bits);
                }

                thread.Set(target, value);
            });
        }

        if (operands[0][0] == '{')
        {
            var (targets, source) = (Vector(operands[0]).Select(reader.Target).ToArray(), reader.Source(operands[1]));
            var bits = 8 * PtxTypes.Size(type) / targets.Length;
            return Next(thread =>
            {
                var value = thread.Get<ulong>(source);
                for (var i = 0; i < targets.Length; i++)
                {
                    thread.Set(targets[i], (value >> (i * bits)) & ((1UL << bits) - 1));
                }
            });
        }

        var (to, from, mask) = (reader.Target(operands[0]), reader.Source(operands[1]), PtxTypes.Mask(type));
        return Next(thread => thread.Set(to, thread.Get<ulong>(from) & mask));
    }

    private static Instruction Generic(KernelReader reader, string[] name, string[] operands)
    {
        var (target, source) = (reader.Target(operands[0]), reader.Source(operands[1]));
        var window = name.Contains("shared") ? PtxCluster.SharedWindow : name.Contains("local") ? PtxCluster.LocalWindow : 0;
        return name.Contains("to")
            ? Next(thread => thread.Set(target, thread.Get<ulong>(source) - window))
            : Next(thread => thread.Set(target, thread.Get<ulong>(source) + window));
    }

    private static Instruction Remote(KernelReader reader, string[] operands)
    {
        var (target, source, rank) = (reader.Target(operands[0]), reader.Source(operands[1]), reader.Source(operands[2]));
        return Next(thread =>
        {
            var (address, to) = (thread.Get<ulong>(source), thread.Get<uint>(rank));
            if (to >= thread.Block.Cluster.Blocks.Count)
            {
                throw thread.Fault(FaultKind.OutOfBounds, $"asks for block {to} of a cluster of {thread.Block.Cluster.Blocks.Count}");
            }

            // The rank's place is the same in shared and in generic addresses.
            var window = address & ~((1UL << 40) - 1);
            thread.Set(target, window | ((ulong)to << PtxCluster.RankShift) | (address & ((1UL << PtxCluster.RankShift) - 1)));
        });
    }

    private static Instruction Select(KernelReader reader, PtxType type, string[] operands)
    {
        var (target, first, second) = (reader.Target(operands[0]), reader.Source(operands[1]), reader.Source(operands[2]));
        var (predicate, mask) = (reader.Source(operands[3]), PtxTypes.Mask(type));
        return Next(thread => thread.Set(target, thread.Get<ulong>(thread.Get<ulong>(predicate) != 0 ? first : second) & mask));
    }

    private static Instruction? Memory(KernelReader reader, string[] name, PtxType type, string[] operands)
    {
        var isStore = name[0] == "st";
        var registers = operands[isStore ? 1 : 0];
        var (at, offset) = reader.Address(operands[isStore ? 0 : 1]);
        var space = name.Skip(1).Select(part => part switch
        {
            "global" or "const" => Space.Global,
            "shared" or "shared::cta" or "shared::cluster" => Space.Shared,
            "local" => Space.Local,
            "param" or "param::entry" => Space.Param,
            _ => Space.Generic,
        }).FirstOrDefault(found => found != Space.Generic);
        var size = PtxTypes.Size(type);
        var parts = registers[0] == '{' ? Vector(registers) : [registers];
        if (parts.Length is not (1 or 2 or 4))
        {
            return null;
        }

        var (sources, targets) = isStore
            ? (parts.Select(reader.Source).ToArray(), Array.Empty<int>())
            : ([], parts.Select(reader.Target).ToArray());
        var isSigned = PtxTypes.IsSigned(type);
        return Next(thread =>
        {
            var address = thread.Get<ulong>(at) + (ulong)offset;
            if (space == Space.Param)
            {
                for (var i = 0; i < targets.Length; i++)
                {
                    thread.Set(targets[i], thread.Block.Launch.Parameter((int)address + (i * size), size));
                }

                return;
            }

            var (real, place) = space != Space.Generic ? (space, address)
                : address >= PtxCluster.LocalWindow && address < 2 * PtxCluster.LocalWindow - PtxCluster.SharedWindow
                    ? (Space.Local, address - PtxCluster.LocalWindow)
                : address >= PtxCluster.SharedWindow && address < PtxCluster.LocalWindow
                    ? (Space.Shared, address - PtxCluster.SharedWindow)
                : (Space.Global, address);
            thread.Locate(real, place, size * parts.Length);
            for (var i = 0; i < parts.Length; i++)
            {
                var (region, start) = thread.Locate(real, place + (ulong)(i * size), size);
                if (isStore)
                {
                    region.Write(thread, start, size, thread.Get<ulong>(sources[i]));
                }
                else
                {
                    var value = region.Read(thread, start, size);
                    thread.Set(targets[i], isSigned ? (ulong)PtxTypes.ToSigned(type, value) : value);
                }
            }
        });
    }

    private static Instruction? Barrier(KernelReader reader, string[] name, string[] operands)
    {
        if (name.Contains("cluster"))
        {
            // Without order a barrier would not make writes visible: the machine does not model that.
            return name.Contains("relaxed") ? null
                : name.Contains("arrive") ? Next(thread => thread.Block.Launch.ArriveAtCluster(thread))
                : name.Contains("wait") ? thread => thread.Block.Launch.WaitForCluster(thread)
                : null;
        }

        if (name.Contains("warp"))
        {
            var mask = reader.Source(operands[0]);
            return thread => Exchange(thread, thread.Get<uint>(mask), 0, (_, _) => { }, orders: true);
        }

        return name.Contains("sync") && operands is ["0"] ? thread => thread.Waiting = Waiting.Block : null;
    }

    private static Instruction? Shuffle(KernelReader reader, string[] name, string[] operands)
    {
        var targets = operands[0].Split('|');
        var (target, predicate) = (reader.Target(targets[0]), targets.Length > 1 ? reader.Target(targets[1]) : -1);
        var (source, lanes, clamp) = (reader.Source(operands[1]), reader.Source(operands[2]), reader.Source(operands[3]));
        var mask = reader.Source(operands[4]);
        var mode = name[2];
        return mode is not ("idx" or "bfly" or "up" or "down") ? null : thread =>
            Exchange(thread, thread.Get<uint>(mask), thread.Get<uint>(source), (to, all) =>
            {
                var (b, c) = ((int)to.Get<uint>(lanes) & 31, (int)to.Get<uint>(clamp));
                var (segment, last) = ((c >> 8) & 31, c & 31);
                var (most, least) = ((to.Lane & segment) | (last & ~segment), to.Lane & segment);
                var from = mode switch
                {
                    "idx" => least | (b & ~segment), "bfly" => to.Lane ^ b, "up" => to.Lane - b, _ => to.Lane + b,
                };
                var isInside = mode == "up" ? from >= most : from <= most;
                from = isInside ? from : to.Lane;
                if (all[from] is not { } value)
                {
                    throw to.Fault(FaultKind.Barrier, $"takes from lane {from}, which does not take part");
                }

                to.Set(target, value);
                to.Set(predicate, isInside ? 1UL : 0);
            });
    }

    private static Instruction? Vote(KernelReader reader, string[] name, string[] operands)
    {
        var target = reader.Target(operands[0]);
        var isNot = operands[1][0] == '!';
        var (source, mask) = (reader.Source(operands[1].TrimStart('!')), reader.Source(operands[2]));
        var mode = name[2];
        return mode is not ("ballot" or "any" or "all") ? null : thread =>
            Exchange(thread, thread.Get<uint>(mask), thread.Get<ulong>(source) != 0 != isNot ? 1u : 0, (to, all) =>
            {
                var ballot = 0u;
                for (var lane = 0; lane < 32; lane++)
                {
                    ballot |= (all[lane] ?? 0) << lane;
                }

                to.Set(target, mode switch
                {
                    "ballot" => ballot, "any" => ballot != 0 ? 1u : 0, _ => all.All(value => value is null or 1) ? 1u : 0,
                });
            });
    }

    private static void Exchange(
        PtxThread thread, uint mask, uint value, Action<PtxThread, uint?[]> finish, bool orders = false)
    {
        if ((mask & (1u << thread.Lane)) == 0)
        {
            throw thread.Fault(FaultKind.Barrier, $"is not in the mask 0x{mask:x} of its own exchange");
        }

        thread.Exchange = new(thread.Next, mask, value, finish, orders);
        thread.Waiting = Waiting.Warp;
    }

    private static string[] Vector(string text) =>
        text.Trim('{', '}').Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
}
