using BenchmarkDotNet.Running;

// dotnet run -c Release --project tests/RnnCodegen.Benchmarks -- --filter '*Generator*'
BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args);
