namespace RnnCodegen.Generators.Graph;

/// <summary>Checks, between Graph and Planning, that a cell's stages can run in their order and be differentiated as they stand.</summary>
internal static class CellVerifier
{
    public static void Verify(CellGraph cell)
    {
        var available = new HashSet<Expr>();
        var used = new HashSet<Expr>();
        var written = new HashSet<string>();
        foreach (var stage in cell.Stages)
        {
            if (stage is ProductStage product)
            {
                if (!product.Operand.IsSignal(SignalKind.Previous) && !available.Contains(product.Operand))
                {
                    throw new InvalidOperationException($"Product {product.Name} reads {product.OperandName} before a stage computes it.");
                }

                continue;
            }

            var pointwise = (PointwiseStage)stage;
            foreach (var output in pointwise.Outputs)
            {
                Visit(output.Value, []);
            }

            foreach (var output in pointwise.Outputs)
            {
                available.Add(output.Value);
                if (output.IsState && !written.Add(output.Name))
                {
                    throw new InvalidOperationException($"State {output.Name} is written twice.");
                }
            }

            void Visit(Expr node, HashSet<Expr> seen)
            {
                if (!seen.Add(node))
                {
                    return;
                }

                if (available.Contains(node))
                {
                    // The product's adjoint is all that is written to its vector's gradient.
                    if (cell.Stages.OfType<ProductStage>().FirstOrDefault(p => p.Operand == node) is { } reader)
                    {
                        throw new InvalidOperationException($"A stage reads {reader.OperandName}, which {reader.Name} multiplies.");
                    }

                    return;
                }

                if (node.IsSignal(SignalKind.Previous) && written.Contains(node.Name))
                {
                    throw new InvalidOperationException($"State {node.Name} is read after it was overwritten.");
                }

                foreach (var argument in node.Arguments)
                {
                    Visit(argument, seen);
                }

                if (node.Op.IsOfRow && node.Arguments.Any(a => !a.IsOfRow && a.Op != Op.Constant))
                {
                    throw new InvalidOperationException($"{node.Op} takes numbers of a row, not vectors.");
                }

                used.Add(node);
            }
        }

        foreach (var gate in cell.Gates.Where(g => !used.Any(u => u.IsSignal(SignalKind.InputProduct) && u.Name == g)))
        {
            throw new InvalidOperationException($"Gate {gate} is computed and never read.");
        }

        foreach (var state in cell.States.Where(s => !written.Contains(s.Name)))
        {
            throw new InvalidOperationException($"State {state.Name} never gets a new value.");
        }
    }
}
