namespace RnnCodegen;

/// <summary>
/// The label sequences of a prefix beam search, as a tree: a node is the sequence of its parent and one label. Each sequence has one node,
/// also while it is out of the beam, so that all ways to say it meet. Memory grows to that of the longest search.
/// </summary>
internal sealed class CtcPrefixes(int classes, int blank, int width)
{
    private readonly BestList<Candidate> _best = new(width);
    private readonly Beam[] _beams = new Beam[width];

    // Of the node in work, the child of each label; -1 where it has none.
    private readonly int[] _children = new int[classes];
    private Node[] _nodes = [];
    private int _count;
    private int _live;

    /// <summary>Starts with the empty sequence.</summary>
    public void Begin(int steps)
    {
        // A step adds as many sequences as are kept.
        var most = checked(1 + (steps * width));
        if (_nodes.Length < most)
        {
            _nodes = new Node[most];
        }

        _nodes[0] = new Node { Parent = -1, Label = -1, FirstChild = -1, NextSibling = -1 };
        _beams[0] = new Beam(0, 0, double.NegativeInfinity);
        (_count, _live) = (1, 1);
    }

    /// <summary>One step, of which the log-probabilities of the classes are given.</summary>
    public void Step(ReadOnlySpan<double> logs)
    {
        _best.Clear();
        for (var b = 0; b < _live; b++)
        {
            Stay(_beams[b], logs);
            Extend(_beams[b], logs);
        }

        for (var b = 0; b < _live; b++)
        {
            _nodes[_beams[b].Node].Place = -1;
        }

        _live = _best.Count;
        for (var b = 0; b < _live; b++)
        {
            var (_, found) = _best[b];
            var node = found.Node >= 0 ? found.Node : Add(found.Parent, found.Label);
            _nodes[node].Place = b;
            _beams[b] = new Beam(node, found.Blank, found.NoBlank);
        }
    }

    /// <summary>The sequences in the beam, the best first.</summary>
    public Hypothesis[] Collect()
    {
        var found = new Hypothesis[_live];
        for (var b = 0; b < _live; b++)
        {
            found[b] = new Hypothesis(LabelsOf(_beams[b].Node), _beams[b].Total, _beams[b].Total, IsComplete: true);
        }

        return found;
    }

    /// <summary>A sequence stays the same by a blank, by its last label again, or is what its parent and a label become.</summary>
    private void Stay(Beam beam, ReadOnlySpan<double> logs)
    {
        var node = _nodes[beam.Node];
        var noBlank = double.NegativeInfinity;
        if (node.Parent >= 0)
        {
            noBlank = beam.NoBlank + logs[node.Label];
            if (_nodes[node.Parent].Place is >= 0 and var place)
            {
                noBlank = Sum(noBlank, Said(_beams[place], node.Label) + logs[node.Label]);
            }
        }

        Offer(new Candidate(beam.Node, -1, -1, beam.Total + logs[blank], noBlank));
    }

    /// <summary>A label more makes a sequence that is not in the beam.</summary>
    private void Extend(Beam beam, ReadOnlySpan<double> logs)
    {
        _children.AsSpan().Fill(-1);
        for (var child = _nodes[beam.Node].FirstChild; child >= 0; child = _nodes[child].NextSibling)
        {
            _children[_nodes[child].Label] = child;
        }

        for (var label = 0; label < classes; label++)
        {
            var child = _children[label];
            if (label != blank && (child < 0 || _nodes[child].Place < 0))
            {
                Offer(new Candidate(child, beam.Node, label, double.NegativeInfinity, Said(beam, label) + logs[label]));
            }
        }
    }

    /// <summary>The ways after which a label is a new one: where it is the last again, only those that end with a blank.</summary>
    private double Said(Beam beam, int label) => _nodes[beam.Node].Label == label ? beam.Blank : beam.Total;

    private void Offer(Candidate candidate) => _best.Add(Sum(candidate.Blank, candidate.NoBlank), candidate);

    private int Add(int parent, int label)
    {
        _nodes[_count] = new Node { Parent = parent, Label = label, FirstChild = -1, NextSibling = _nodes[parent].FirstChild };
        _nodes[parent].FirstChild = _count;
        return _count++;
    }

    private int[] LabelsOf(int node)
    {
        var labels = new List<int>();
        for (; _nodes[node].Parent >= 0; node = _nodes[node].Parent)
        {
            labels.Add(_nodes[node].Label);
        }

        labels.Reverse();
        return [.. labels];
    }

    /// <summary>log(exp(a) + exp(b)).</summary>
    private static double Sum(double a, double b)
    {
        var larger = Math.Max(a, b);
        return double.IsNegativeInfinity(larger) ? larger : larger + Math.Log(1 + Math.Exp(Math.Min(a, b) - larger));
    }

    private struct Node
    {
        public int Parent;
        public int Label;
        public int FirstChild;
        public int NextSibling;

        /// <summary>Where it is in the beam; -1 where it is out of it.</summary>
        public int Place;
    }

    /// <summary>A sequence in the beam, and the logarithms of its ways that end with a blank and with its last label.</summary>
    private readonly record struct Beam(int Node, double Blank, double NoBlank)
    {
        public double Total => Sum(Blank, NoBlank);
    }

    /// <summary>A sequence of the next step: a node, or, where that is -1, a new child of the parent.</summary>
    private readonly record struct Candidate(int Node, int Parent, int Label, double Blank, double NoBlank);
}
