using RnnCodegen.Numerics.Tests.Conformance;
using Xunit;

namespace RnnCodegen.Tests.Weights;

/// <summary>Files that other programs wrote.</summary>
public class SharedFilesTests
{
    [DataTheory("rnnoise-v0.1/weights_int8.safetensors")]
    [InlineData("arm-kws-gru-s/golden")]
    [InlineData("arm-kws-gru-s/weights")]
    [InlineData("dtln-model-1/golden")]
    [InlineData("g2p-en-gru-seq2seq/golden")]
    [InlineData("ml5-charrnn-shakespeare/golden")]
    [InlineData("mnist-lstm-tflite/golden")]
    [InlineData("mnist-lstm-tflite/weights")]
    [InlineData("nam-lstm-dev/golden")]
    [InlineData("precise-hey-mycroft/golden")]
    [InlineData("precise-hey-mycroft/weights")]
    [InlineData("rnnoise-v0.1/golden")]
    [InlineData("rnnoise-v0.1/weights_int8")]
    [InlineData("silero-vad-v6/golden")]
    [InlineData("silero-vad-v6/silero_vad_16k")]
    [InlineData("silero-vad-v6/weights_from_onnx")]
    [InlineData("textgenrnn-base/golden")]
    [InlineData("textgenrnn-base/weights")]
    public void Is_read_alike_in_each_way_and_survives_writing(string name)
    {
        var path = SharedData.Find(name + ".safetensors")!;
        var copy = Path.GetTempFileName();
        try
        {
            var read = SafeTensorsFile.Read(path);
            Assert.NotEmpty(read.Tensors);
            SafeTensorsFile.Write(copy, read.Tensors, read.Metadata);
            using var mapped = SafeTensorsFile.Map(path);
            using var written = SafeTensorsFile.Map(copy);
            Assert.Equal(read.Metadata, written.Metadata);
            Assert.Equal(read.Tensors.Count, written.Tensors.Count);
            foreach (var tensor in read.Tensors)
            {
                Assert.Equal(tensor.Count, tensor.ToFloats().Count(float.IsFinite));
                foreach (var other in new[] { mapped[tensor.Name], written[tensor.Name] })
                {
                    Assert.Equal(tensor.DataType, other.DataType);
                    Assert.Equal(tensor.Shape, other.Shape);
                    Assert.True(tensor.Bytes.SequenceEqual(other.Bytes));
                }
            }
        }
        finally
        {
            File.Delete(copy);
        }
    }
}
