using System.Collections.Immutable;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using Xunit;

namespace RnnCodegen.Numerics.Tests.Engines;

/// <summary>
/// Reads the compiled IL of every generated method in this assembly. Past these sizes the JIT compiles a method without optimizing it, or
/// stops inlining into it, and nothing else would say so.
/// </summary>
public class GeneratedIlTests
{
    // A third of the JIT's limit: the generator's own budget, which keeps below the JIT's limits on instructions and blocks too.
    private const int MostIlBytes = 20_000;
    private const int MostLocals = 512;

    [Fact]
    public void Every_generated_method_is_small_enough_to_be_optimized()
    {
        using var file = new PEReader(File.OpenRead(typeof(GeneratedIlTests).Assembly.Location));
        var metadata = file.GetMetadataReader();
        var (methods, tooLarge) = (0, new List<string>());
        foreach (var handle in metadata.MethodDefinitions)
        {
            var method = metadata.GetMethodDefinition(handle);
            if (method.RelativeVirtualAddress == 0 || !IsOfModel(metadata, method.GetDeclaringType()))
            {
                continue;
            }

            methods++;
            var body = file.GetMethodBody(method.RelativeVirtualAddress);
            var bytes = body.GetILReader().Length;
            var locals = CountLocals(metadata, body);
            if (bytes >= MostIlBytes || locals >= MostLocals)
            {
                var type = metadata.GetTypeDefinition(method.GetDeclaringType()).Name;
                tooLarge.Add($"{metadata.GetString(type)}.{metadata.GetString(method.Name)}: {bytes} bytes, {locals} locals");
            }
        }

        Assert.True(methods > 10_000, $"Only {methods} methods of models were found: the test looks in the wrong place.");
        Assert.True(tooLarge.Count == 0, string.Join('\n', tooLarge));
    }

    private static int CountLocals(MetadataReader metadata, MethodBodyBlock body) => body.LocalSignature.IsNil
        ? 0
        : metadata.GetStandaloneSignature(body.LocalSignature).DecodeLocalSignature(new LocalCounter(), null).Length;

    /// <summary>Whether the type is an annotated class, generated code, or nested in one of these.</summary>
    private static bool IsOfModel(MetadataReader metadata, TypeDefinitionHandle handle)
    {
        for (; !handle.IsNil; handle = metadata.GetTypeDefinition(handle).GetDeclaringType())
        {
            if (metadata.StringComparer.Equals(metadata.GetTypeDefinition(handle).Namespace, "RnnCodegen.Generated")
                || metadata.GetTypeDefinition(handle).GetCustomAttributes()
                .Any(a => IsModelAttribute(metadata, metadata.GetCustomAttribute(a))))
            {
                return true;
            }
        }

        return false;
    }

    private static bool IsModelAttribute(MetadataReader metadata, CustomAttribute attribute) =>
        attribute.Constructor.Kind == HandleKind.MemberReference
        && metadata.GetMemberReference((MemberReferenceHandle)attribute.Constructor).Parent is { Kind: HandleKind.TypeReference } parent
        && metadata.StringComparer.Equals(metadata.GetTypeReference((TypeReferenceHandle)parent).Name, nameof(RnnModelAttribute));

    /// <summary>Decodes each local's type to nothing: only their number matters.</summary>
    private sealed class LocalCounter : ISignatureTypeProvider<byte, object?>
    {
        public byte GetArrayType(byte elementType, ArrayShape shape) => 0;

        public byte GetByReferenceType(byte elementType) => 0;

        public byte GetFunctionPointerType(MethodSignature<byte> signature) => 0;

        public byte GetGenericInstantiation(byte genericType, ImmutableArray<byte> typeArguments) => 0;

        public byte GetGenericMethodParameter(object? genericContext, int index) => 0;

        public byte GetGenericTypeParameter(object? genericContext, int index) => 0;

        public byte GetModifiedType(byte modifier, byte unmodifiedType, bool isRequired) => 0;

        public byte GetPinnedType(byte elementType) => 0;

        public byte GetPointerType(byte elementType) => 0;

        public byte GetPrimitiveType(PrimitiveTypeCode typeCode) => 0;

        public byte GetSZArrayType(byte elementType) => 0;

        public byte GetTypeFromDefinition(MetadataReader reader, TypeDefinitionHandle handle, byte rawTypeKind) => 0;

        public byte GetTypeFromReference(MetadataReader reader, TypeReferenceHandle handle, byte rawTypeKind) => 0;

        public byte GetTypeFromSpecification(MetadataReader reader, object? genericContext, TypeSpecificationHandle handle,
            byte rawTypeKind) => 0;
    }
}
