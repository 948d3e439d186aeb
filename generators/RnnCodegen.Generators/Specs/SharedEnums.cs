// The enums that the runtime declares and specs hold: the same files, compiled into the generator as well.
global using ActivationKind = RnnCodegen.Generators.Specs.Activation;
global using ActivationAccuracyKind = RnnCodegen.Generators.Specs.ActivationAccuracy;
global using AttentionScoreKind = RnnCodegen.Generators.Specs.AttentionScore;
global using CudaPrecisionKind = RnnCodegen.Generators.Specs.CudaPrecision;
global using GateNormalizationKind = RnnCodegen.Generators.Specs.GateNormalization;
global using OutputTransformKind = RnnCodegen.Generators.Specs.OutputTransform;
global using PoolingKind = RnnCodegen.Generators.Specs.Pooling;
global using SequencePoolingKind = RnnCodegen.Generators.Specs.SequencePooling;
global using TimePaddingKind = RnnCodegen.Generators.Specs.TimePadding;
global using WeightFormatKind = RnnCodegen.Generators.Specs.WeightFormat;
