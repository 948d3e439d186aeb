using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace RnnCodegen;

/// <summary>Where kernels on the host find what the rest of the runtime knows by its values alone.</summary>
internal static unsafe class HostMemory
{
    extension(ParameterSet set)
    {
        /// <summary>The first value; the memory stays while the set lives, and moves only in the first Edit of borrowed values.</summary>
        public float* Pointer => (float*)Unsafe.AsPointer(ref MemoryMarshal.GetReference(set.Values));
    }
}
