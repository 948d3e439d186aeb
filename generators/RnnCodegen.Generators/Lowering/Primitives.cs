using RnnCodegen.Generators.Graph;
using RnnCodegen.Generators.Specs;

namespace RnnCodegen.Generators.Lowering;

// What no cell states as equations: functions with a hand-written adjoint, and moves of rows. Where Adds, the gradient of what was read is
// added to.

/// <summary>Rows of a table, by the call's tokens.</summary>
internal sealed record Lookup(Place Table, Place Out, Rows Rows, int Width) : Instruction;

/// <summary>Rows of a table, by the ids in a column.</summary>
internal sealed record LookupColumn(Place Table, Place Ids, Place Out, Rows Rows, int Width) : Instruction;

/// <summary>The gradient of looked-up rows, added to the table's; once Backward is done.</summary>
/// <param name="Table">The table's tensor.</param>
/// <param name="Ids">The column with the ids; null for the call's tokens.</param>
/// <param name="Column">Which of the call's columns of ids it is, in the order of their embeddings.</param>
/// <param name="Out">The gradient.</param>
/// <param name="Width">Features of a row of the table.</param>
internal sealed record AddLookupGradient(string Table, Place? Ids, int Column, Place Out, int Width) : Instruction;

/// <summary>A dropout mask: 0, or 1 / (1 - probability); 1 where dropout is not active.</summary>
internal sealed record FillMask(Place Mask, Rows Rows, int Width, int Stream, float Probability) : Instruction;

/// <summary>The valid steps of each sample in reverse; zeros past them.</summary>
internal sealed record ReverseSteps(Place From, Place To, Rows Rows, int Width, bool Adds = false) : Instruction;

/// <summary>The steps that each window sees, as one row. History holds those before the first step; null for zeros.</summary>
internal sealed record GatherWindows(WindowNode Window, Place In, Rows InRows, Place? History, Place Out, Rows OutRows) : Instruction;

/// <summary>Keeps the last valid steps as those before the next segment.</summary>
internal sealed record CarryWindows(WindowNode Window, Place In, Rows InRows, Place History) : Instruction;

internal sealed record CarryWindowsBack(WindowNode Window, Place HistoryGradient, Place InGradient, Rows InRows) : Instruction;

/// <summary>Adds the gradient of windows' rows to that of the steps they see.</summary>
internal sealed record ScatterWindows(WindowNode Window, Place OutGradient, Rows OutRows, Place InGradient, Rows InRows,
    Place? HistoryGradient) : Instruction;

/// <summary>What each window inside a row sees, as a row.</summary>
/// <param name="Window">The windows.</param>
/// <param name="In">The rows.</param>
/// <param name="Out">The windows' rows, as many for each row as there are windows.</param>
/// <param name="Rows">The rows.</param>
internal sealed record GatherInRows(RowWindowSpec Window, Place In, Place Out, Rows Rows) : Instruction;

/// <summary>Adds the gradient of windows' rows to that of the rows that they see inside of.</summary>
internal sealed record ScatterInRows(RowWindowSpec Window, Place OutGradient, Place InGradient, Rows Rows) : Instruction;

/// <summary>The rows [Filters] of so many windows a row become one row [Filters, Windows].</summary>
internal sealed record JoinWindows(Place In, Place Out, Rows Rows, int Windows, int Filters) : Instruction;

/// <summary>The gradient of that: a row [Filters, Windows] becomes the rows of its windows.</summary>
internal sealed record SplitWindows(Place OutGradient, Place InGradient, Rows Rows, int Windows, int Filters) : Instruction;

/// <summary>Of each feature's values of a window one remains.</summary>
internal sealed record PoolWindows(PoolingKind Pooling, int Size, Place In, Place Out, Rows Rows, int Width) : Instruction;

internal sealed record PoolWindowsBack(PoolingKind Pooling, int Size, Place OutGradient, Place In, Place InGradient, Rows Rows,
    int Width) : Instruction;

/// <summary>Takes valid steps into a state. Weights are those of attention; null else.</summary>
internal sealed record PoolSteps(SequencePoolingKind Pooling, Place? Weights, Place In, Rows Rows, int Width, Place State) : Instruction;

/// <summary>The row that such a state says.</summary>
internal sealed record FinishPool(SequencePoolingKind Pooling, Place State, Place Out, Rows Rows, int Width) : Instruction;

internal sealed record PoolStepsBack(
    SequencePoolingKind Pooling, Place? Weights, Place In, Rows Rows, int Width, Place State, Place Out, Place OutGradient,
    Place InGradient, Place? WeightsGradient) : Instruction;

/// <summary>Attends to the call's memory with each row; keeps what Backward needs where there is a place for it.</summary>
/// <param name="Node">Says how rows are scored and where the keys are.</param>
/// <param name="ScoreWeight">What additive scores are summed with; null else.</param>
internal sealed record Attend(AttentionNode Node, Place? ScoreWeight, Place Query, Place Out, Place? Statistics, Rows Rows) : Instruction;

internal sealed record AttendBack(
    AttentionNode Node, Place? ScoreWeight, Place Query, Place Out, Place OutGradient, Place Statistics, Place QueryGradient,
    Place? ScoreWeightGradient, Place Sums, Rows Rows) : Instruction;

/// <summary>Passes the gradient of keys on, to the memory's rows and to the weights that made keys of them.</summary>
internal sealed record AttendKeysBack(AttentionNode Node, Place KeyWeight, Place KeyWeightGradient, Place Sums) : Instruction;
