using System.Collections.Concurrent;
using System.Diagnostics.Tracing;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace RnnCodegen.Benchmarks;

/// <summary>Hears from the JIT how much machine code each method became. Only what is compiled after it was made.</summary>
internal sealed class JitListener : EventListener
{
    private const EventKeywords Jit = (EventKeywords)0x10;
    private const int MethodLoadVerbose = 143;

    private readonly ConcurrentDictionary<(string Type, string Method), int> _bytes = new();

    /// <summary>Compiles all methods of a class and waits for their sizes.</summary>
    public MethodSizes Measure(Type type)
    {
        var methods = type.GetMethods(
            BindingFlags.DeclaredOnly | BindingFlags.Static | BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic);
        Array.ForEach(methods, m => RuntimeHelpers.PrepareMethod(m.MethodHandle));
        return MethodSizes.Of([.. methods.Select(m => (m.Name, Wait(type, m.Name)))]);
    }

    /// <inheritdoc/>
    protected override void OnEventSourceCreated(EventSource eventSource)
    {
        if (eventSource.Name == "Microsoft-Windows-DotNETRuntime")
        {
            EnableEvents(eventSource, EventLevel.Verbose, Jit);
        }
    }

    /// <inheritdoc/>
    protected override void OnEventWritten(EventWrittenEventArgs eventData)
    {
        if (eventData.EventId == MethodLoadVerbose)
        {
            object? Payload(string name) => eventData.Payload![eventData.PayloadNames!.IndexOf(name)];
            _bytes[((string)Payload("MethodNamespace")!, (string)Payload("MethodName")!)] = (int)(uint)Payload("MethodSize")!;
        }
    }

    /// <summary>Events come a little after what they tell.</summary>
    private int Wait(Type type, string method)
    {
        int bytes;
        for (var wait = 0; !_bytes.TryGetValue((type.FullName!, method), out bytes); wait++)
        {
            if (wait == 100)
            {
                throw new InvalidOperationException($"The runtime did not say how large {type.FullName}.{method} is.");
            }

            Thread.Sleep(20);
        }

        return bytes;
    }
}
