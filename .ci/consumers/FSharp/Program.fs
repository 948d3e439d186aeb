open System
open Models

let model = Echo.LoadEmbedded()
let y = Array.zeroCreate<float32> 1
let stream = model.CreateStream()
stream.Step(ReadOnlySpan [| 0.5f |], Span y)
printfn $"F#: %f{y[0]}"
exit (if y = model.Answer [| 0.5f |] then 0 else 1)
