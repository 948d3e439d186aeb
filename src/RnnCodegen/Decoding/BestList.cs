namespace RnnCodegen;

/// <summary>The items of the highest keys, the highest first; of equal keys, those that came first. Room is made once.</summary>
internal sealed class BestList<T>(int capacity)
    where T : struct
{
    private readonly double[] _keys = new double[capacity];
    private readonly T[] _items = new T[capacity];

    public int Count { get; private set; }

    public bool IsFull => Count == capacity;

    /// <summary>The lowest key kept.</summary>
    public double Worst => _keys[Count - 1];

    public (double Key, T Item) this[int place] => (_keys[place], _items[place]);

    public void Clear() => Count = 0;

    public void Add(double key, T item)
    {
        if (double.IsNegativeInfinity(key) || (IsFull && key <= Worst))
        {
            return;
        }

        var place = IsFull ? Count - 1 : Count++;
        for (; place > 0 && key > _keys[place - 1]; place--)
        {
            (_keys[place], _items[place]) = (_keys[place - 1], _items[place - 1]);
        }

        (_keys[place], _items[place]) = (key, item);
    }
}
