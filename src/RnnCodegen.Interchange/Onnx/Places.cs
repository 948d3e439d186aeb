namespace RnnCodegen.Interchange.Onnx;

/// <summary>Row-major places of a tensor's values.</summary>
internal static class Places
{
    /// <summary>How far apart neighbours along each axis stand.</summary>
    public static int[] Strides(int[] shape)
    {
        var strides = new int[shape.Length];
        for (var (axis, stride) = (shape.Length - 1, 1); axis >= 0; axis--)
        {
            strides[axis] = stride;
            stride *= shape[axis];
        }

        return strides;
    }

    /// <summary>The places that a tensor of the given shape visits, from a first one, with a step along each axis.</summary>
    public static int[] Of(int[] shape, int first, int[] steps)
    {
        var count = shape.Aggregate(1, (product, size) => product * size);
        var places = new int[count];
        var index = new int[shape.Length];
        var place = first;
        for (var k = 0; k < count; k++)
        {
            places[k] = place;
            for (var axis = shape.Length - 1; axis >= 0; axis--)
            {
                place += steps[axis];
                if (++index[axis] < shape[axis])
                {
                    break;
                }

                place -= steps[axis] * shape[axis];
                index[axis] = 0;
            }
        }

        return places;
    }
}
