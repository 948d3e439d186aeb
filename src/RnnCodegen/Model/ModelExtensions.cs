namespace RnnCodegen;

/// <summary>What every model can do beside the members that are generated for it.</summary>
public static class ModelExtensions
{
    /// <summary>
    /// The outputs of all samples of a set, as Run gives them. Batches have samples of about equal lengths, so that little padding is
    /// computed.
    /// </summary>
    /// <typeparam name="TModel">The model class.</typeparam>
    /// <param name="model">The model.</param>
    /// <param name="set">Samples to predict for; they need no targets.</param>
    /// <param name="batchSize">Samples of a batch.</param>
    /// <returns>The outputs, in the order of the set.</returns>
    /// <exception cref="ArgumentException">
    /// The set is empty, does not fit the model, or has more outputs than an array holds.
    /// </exception>
    /// <exception cref="ArgumentOutOfRangeException">The size of a batch is not positive.</exception>
    public static Predictions Predict<TModel>(this TModel model, TrainingSet set, int batchSize = 32)
        where TModel : class, IRnnModel<TModel>
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(batchSize);
        return Predictions.Of(model.Core, set, batchSize, default);
    }

    /// <summary>
    /// The model as a table of text: input and output, each layer's tensors with shapes and numbers of parameters, the state, and the
    /// operations of a step. Layers without parameters have no line; <c>rnncodegen inspect</c> draws all of them.
    /// </summary>
    /// <typeparam name="TModel">The model class.</typeparam>
    /// <param name="model">The model.</param>
    public static string Summary<TModel>(this TModel model)
        where TModel : class, IRnnModel<TModel>
    {
        ArgumentNullException.ThrowIfNull(model);
        return ModelSummary.Of(model.Core);
    }

    /// <summary>
    /// Saves the weights as <c>Save(path)</c> does, and with them the normaliser of what the model was trained with, which
    /// <see cref="Normalizer.Load"/> finds again. Everything that reads weights reads such a file, too.
    /// </summary>
    /// <typeparam name="TModel">The model class.</typeparam>
    /// <param name="model">The model.</param>
    /// <param name="path">The safetensors file; an existing one is replaced.</param>
    /// <param name="normalizer">The normaliser.</param>
    /// <exception cref="ArgumentException">The normaliser is for rows of another size.</exception>
    /// <exception cref="IOException">It cannot be written; an existing file is as it was.</exception>
    public static void Save<TModel>(this TModel model, string path, Normalizer normalizer)
        where TModel : class, IRnnModel<TModel>
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(normalizer);
        normalizer.Check(model.Core.Definition);
        SafeTensors.Save(path, model.Core.Parameters, normalizer.Metadata());
    }
}
