namespace RnnCodegen.Interchange;

/// <summary>Walks the second kind of B-tree, whose records tell where attributes, links and large objects are.</summary>
internal static class Hdf5BTree
{
    /// <summary>A node's mark, version, type and check sum.</summary>
    private const int Overhead = 10;

    private const int DepthLimit = 16;

    /// <summary>Where the records are, in order.</summary>
    /// <param name="source">The file.</param>
    /// <param name="address">The tree's header; below 0 for an empty tree.</param>
    /// <param name="type">The kind of records.</param>
    public static List<(int Start, int Length)> Records(Hdf5Source source, long address, int type)
    {
        var records = new List<(int, int)>();
        if (address < 0)
        {
            return records;
        }

        var header = source.At(address, "a tree");
        header.Mark("BTHD"u8);
        header.Version(0, 0);
        var kind = header.U8();
        var (nodeSize, recordSize, depth) = (header.U32(), header.U16(), header.U16());
        header.Skip(2);
        var (root, count) = (header.Address(), header.U16());
        if (kind != type || recordSize == 0 || nodeSize <= Overhead + recordSize || depth > DepthLimit)
        {
            throw new InvalidDataException(
                $"a tree's records are of type {kind} and {recordSize} bytes, {depth} levels deep; the type {type} is expected.");
        }

        // What a node's pointer takes depends on how many records the nodes below can have.
        var leafRecords = (nodeSize - Overhead) / recordSize;
        var countSize = SizeFor(leafRecords);
        var totalSizes = new int[depth + 1];
        var totals = new double[depth + 1];
        totals[0] = leafRecords;
        for (var level = 1; level <= depth; level++)
        {
            var pointer = source.OffsetSize + countSize + totalSizes[level - 1];
            var own = Math.Max(0, Math.Floor((nodeSize - (Overhead + (double)pointer)) / (recordSize + pointer)));
            totals[level] = ((own + 1) * totals[level - 1]) + own;
            totalSizes[level] = SizeFor(totals[level]);
        }

        if (root >= 0)
        {
            Walk(root, count, depth);
        }

        return records;

        void Walk(long node, long nodeRecords, int level)
        {
            var cursor = source.At(node, "a node of a tree");
            cursor.Mark(level == 0 ? "BTLF"u8 : "BTIN"u8);
            cursor.Skip(2);
            for (var i = 0L; i < nodeRecords; i++)
            {
                records.Add((cursor.Place, recordSize));
                source.Claim(16);
                cursor.Skip(recordSize);
            }

            for (var i = 0L; level > 0 && i <= nodeRecords; i++)
            {
                var (child, childRecords) = (cursor.Address(), cursor.Number(countSize));
                cursor.Skip(level > 1 ? totalSizes[level - 1] : 0);
                Walk(child, childRecords, level - 1);
            }
        }
    }

    /// <summary>Bytes that numbers up to a limit take.</summary>
    public static int SizeFor(double limit) => Math.Min(8, (int)(Math.Floor(Math.Log2(Math.Max(limit, 1))) / 8) + 1);
}
