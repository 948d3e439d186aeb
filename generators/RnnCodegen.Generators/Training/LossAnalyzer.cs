using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;
using RnnCodegen.Generators.Diagnostics;

namespace RnnCodegen.Generators.Training;

/// <summary>
/// Says at build what a trainer would refuse when it is made: a loss that would train another function than the model computes. Only what
/// is certain is said: the model's class and the loss' class must stand in the code.
/// </summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class LossAnalyzer : DiagnosticAnalyzer
{
    private const string SequenceLoss = "CrossEntropyLoss";

    /// <inheritdoc/>
    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics { get; } =
        [TrainingRules.Transform, TrainingRules.Activation, TrainingRules.OneOutput, TrainingRules.Doubtful];

    /// <inheritdoc/>
    public override void Initialize(AnalysisContext context)
    {
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.None);
        context.EnableConcurrentExecution();
        context.RegisterCompilationStartAction(static start =>
        {
            var trainer = start.Compilation.GetTypeByMetadataName("RnnCodegen.Trainer`1");
            var pairs = start.Compilation.GetTypeByMetadataName("RnnCodegen.SequenceToSequenceTrainer`2");
            var check = start.Compilation.GetTypeByMetadataName("RnnCodegen.GradientCheck");
            if (trainer is null || pairs is null || check is null)
            {
                return;
            }

            start.RegisterOperationAction(
                c => CheckCreation(c, (IObjectCreationOperation)c.Operation, trainer, pairs), OperationKind.ObjectCreation);
            start.RegisterOperationAction(c => CheckCall(c, (IInvocationOperation)c.Operation, check), OperationKind.Invocation);
        });
    }

    private static void CheckCreation(
        OperationAnalysisContext context, IObjectCreationOperation creation, INamedTypeSymbol trainer, INamedTypeSymbol pairs)
    {
        if (creation.Type is not INamedTypeSymbol type)
        {
            return;
        }

        if (IsOf(type, trainer) && Argument(creation.Arguments, "loss") is { } loss)
        {
            Check(context, type.TypeArguments[0], NameOf(loss), loss.Syntax);
        }
        else if (IsOf(type, pairs))
        {
            Check(context, type.TypeArguments[1], SequenceLoss,
                (creation.Syntax as ObjectCreationExpressionSyntax)?.Type ?? creation.Syntax);
        }
    }

    private static void CheckCall(OperationAnalysisContext context, IInvocationOperation call, INamedTypeSymbol check)
    {
        if (call.TargetMethod.TypeArguments.Length == 1 && IsOf(call.TargetMethod.ContainingType, check)
            && Argument(call.Arguments, "loss") is { } loss)
        {
            Check(context, call.TargetMethod.TypeArguments[0], NameOf(loss), loss.Syntax);
        }
    }

    private static void Check(OperationAnalysisContext context, ITypeSymbol model, string? loss, SyntaxNode place)
    {
        if (loss is null || ModelOutput.Read(model) is not { } output)
        {
            return;
        }

        if (LossFit.Find(loss, model.Name, output.Transform.ToString(), output.Activation.ToString(), output.Width) is { } fault)
        {
            var rule = fault.Why switch
            {
                LossFit.Reason.Transform => TrainingRules.Transform,
                LossFit.Reason.Activation => TrainingRules.Activation,
                LossFit.Reason.OneOutput => TrainingRules.OneOutput,
                _ => TrainingRules.Doubtful,
            };
            context.ReportDiagnostic(Diagnostic.Create(rule, place.GetLocation(), fault.Text));
        }
    }

    private static IOperation? Argument(ImmutableArray<IArgumentOperation> arguments, string parameter) =>
        arguments.FirstOrDefault(a => a.Parameter?.Name == parameter)?.Value;

    /// <summary>
    /// Name of a loss' class, where the code says which it is: as the expression's type, or as one of Loss' own properties.
    /// </summary>
    private static string? NameOf(IOperation loss)
    {
        while (loss is IConversionOperation conversion)
        {
            loss = conversion.Operand;
        }

        // Each of these is a loss of the class of its name.
        var own = loss is IPropertyReferenceOperation { Property: { IsStatic: true } property } && IsOfRuntime(property.ContainingType)
            ? property.Name + "Loss"
            : null;
        return own ?? (IsOfRuntime(loss.Type) ? loss.Type!.Name : null);
    }

    private static bool IsOfRuntime(ITypeSymbol? type) =>
        type is { ContainingType: null, ContainingNamespace: { Name: "RnnCodegen", ContainingNamespace.IsGlobalNamespace: true } };

    private static bool IsOf(INamedTypeSymbol? type, INamedTypeSymbol definition) =>
        type is not null && SymbolEqualityComparer.Default.Equals(type.OriginalDefinition, definition);
}
