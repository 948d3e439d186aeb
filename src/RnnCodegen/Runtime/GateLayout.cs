namespace RnnCodegen.Runtime;

/// <summary>The order of packed columns: gates of the same units stand together, so that one tile ends with all gates of a unit.</summary>
public static class GateLayout
{
    /// <summary>
    /// The tensor row of each packed column. Units are taken a vector at a time; within a vector of units, gate after gate.
    /// </summary>
    /// <param name="gates">The tensor's row block of each gate; -1 leaves the gate's columns empty.</param>
    /// <param name="units">Rows of a block.</param>
    /// <param name="lanes">Units of a full vector.</param>
    /// <param name="tail">Units of the last vector, padding included; 0 where units is a multiple of lanes.</param>
    /// <param name="columns">Length of the map; columns after the last gate are empty.</param>
    /// <returns>Row of each column, -1 for empty ones.</returns>
    public static int[] Map(ReadOnlySpan<int> gates, int units, int lanes, int tail, int columns)
    {
        var map = new int[columns];
        map.AsSpan().Fill(-1);
        var column = 0;
        for (var first = 0; first < units; first += lanes)
        {
            var width = first + lanes <= units ? lanes : tail;
            foreach (var gate in gates)
            {
                for (var lane = 0; lane < width; lane++, column++)
                {
                    map[column] = gate < 0 || first + lane >= units ? -1 : (gate * units) + first + lane;
                }
            }
        }

        return map;
    }

    /// <summary>
    /// The widths of a product's panels: <paramref name="full"/> of <paramref name="columns"/>, then one of <paramref name="last"/> where
    /// that is not 0.
    /// </summary>
    public static int[] Panels(int columns, int full, int last)
    {
        var panels = new int[full + (last > 0 ? 1 : 0)];
        panels.AsSpan(0, full).Fill(columns);
        if (last > 0)
        {
            panels[full] = last;
        }

        return panels;
    }
}
