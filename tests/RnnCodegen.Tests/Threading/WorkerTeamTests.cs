#pragma warning disable RS0030 // Threads that sleep are the subject; no result depends on how long.
using RnnCodegen.Tests.Training;
using Xunit;

namespace RnnCodegen.Tests.Threading;

public class WorkerTeamTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(64)]
    public void Each_part_is_done_once_a_call(int parts)
    {
        var (team, counts) = (new WorkerTeam(), new int[parts]);
        var work = new Work(part => Interlocked.Increment(ref counts[part]));
        for (var call = 1; call <= 200; call++)
        {
            team.Run(work, parts);
            Assert.All(counts, count => Assert.Equal(call, count));
        }
    }

    [Fact]
    public void Parts_run_side_by_side()
    {
        var team = new WorkerTeam();
        var threads = new int[4];
        var meeting = new Meeting(4);
        team.Run(new Work(part =>
        {
            threads[part] = Environment.CurrentManagedThreadId;
            meeting.Arrive();
        }), 4);
        Assert.Equal(4, threads.Distinct().Count());
        Assert.Contains(Environment.CurrentManagedThreadId, threads);
    }

    [Fact]
    public void Workers_that_sleep_wake_up()
    {
        var team = new WorkerTeam();
        for (var call = 0; call < 5; call++)
        {
            var meeting = new Meeting(3);
            team.Run(new Work(_ => meeting.Arrive()), 3);
            Thread.Sleep(20);
        }
    }

    [Fact]
    public void A_caller_sleeps_until_the_last_part_ends()
    {
        var (team, ended) = (new WorkerTeam(), 0);
        var meeting = new Meeting(2);
        team.Run(new Work(part =>
        {
            meeting.Arrive();
            if (Thread.CurrentThread.IsBackground && Thread.CurrentThread.Name?.StartsWith("RnnCodegen", StringComparison.Ordinal) == true)
            {
                Thread.Sleep(50);
                Volatile.Write(ref ended, 1);
            }
        }), 2);
        Assert.Equal(1, ended);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void A_failure_reaches_the_caller_when_all_parts_have_ended_and_the_team_goes_on(int parts)
    {
        var team = new WorkerTeam();
        for (var failing = 0; failing < parts; failing++)
        {
            var ended = 0;
            var meeting = new Meeting(parts);
            var error = Assert.Throws<InvalidDataException>(() => team.Run(new Work(part =>
            {
                meeting.Arrive();
                if (part == failing)
                {
                    throw new InvalidDataException($"part {part}");
                }

                Thread.Sleep(5);
                Interlocked.Increment(ref ended);
            }), parts));
            Assert.Equal(($"part {failing}", parts - 1), (error.Message, ended));

            meeting = new Meeting(parts);
            team.Run(new Work(_ => meeting.Arrive()), parts);
        }
    }

    [Fact]
    public void Work_within_work_is_done_where_it_is()
    {
        var (team, done) = (new WorkerTeam(), 0);
        team.Run(new Work(_ =>
        {
            var thread = Environment.CurrentManagedThreadId;
            team.Run(new Work(_ =>
            {
                Assert.Equal(thread, Environment.CurrentManagedThreadId);
                Interlocked.Increment(ref done);
            }), 3);
        }), 4);
        Assert.Equal(12, done);
    }

    [Fact]
    public void Callers_at_the_same_time_get_their_own_work_done()
    {
        var team = new WorkerTeam();
        var failures = 0;
        var callers = Enumerable.Range(0, 4).Select(_ => new Thread(() =>
        {
            var counts = new int[3];
            var work = new Work(part => Interlocked.Increment(ref counts[part]));
            for (var call = 1; call <= 500; call++)
            {
                team.Run(work, 3);
                if (counts.AsSpan().ContainsAnyExcept(call))
                {
                    Interlocked.Increment(ref failures);
                }
            }
        })).ToArray();
        Array.ForEach(callers, t => t.Start());
        Array.ForEach(callers, t => t.Join());
        Assert.Equal(0, failures);
    }

    [Theory]
    [InlineData(typeof(PlatformNotSupportedException), 0)]
    [InlineData(typeof(OutOfMemoryException), 0)]
    [InlineData(typeof(OutOfMemoryException), 2)]
    [InlineData(typeof(ThreadStartException), 1)]
    public void Where_no_more_threads_can_start_the_others_and_the_caller_do_all_parts(Type failure, int possible)
    {
        const int Parts = 6;
        var attempts = 0;
        var team = new WorkerTeam(thread =>
        {
            if (attempts++ >= possible)
            {
                // The runtime alone makes exceptions of one of the types.
                throw (Exception)System.Runtime.CompilerServices.RuntimeHelpers.GetUninitializedObject(failure);
            }

            thread.Start();
        });
        var meeting = new Meeting(possible + 1);
        var counts = new int[Parts];
        var threads = new System.Collections.Concurrent.ConcurrentDictionary<int, bool>();
        for (var call = 1; call <= 50; call++)
        {
            team.Run(
                new Work(part =>
                {
                    if (call == 1 && part <= possible)
                    {
                        // Nobody is left over that could have been started.
                        meeting.Arrive();
                    }

                    threads[Environment.CurrentManagedThreadId] = true;
                    Interlocked.Increment(ref counts[part]);
                }),
                Parts);
            Assert.All(counts, count => Assert.Equal(call, count));
        }

        Assert.Equal(possible + 1, threads.Count);
        Assert.True(threads.ContainsKey(Environment.CurrentManagedThreadId));
        if (failure == typeof(PlatformNotSupportedException))
        {
            // Not asked again at each call, which would cost an exception.
            Assert.Equal(1, attempts);
        }
    }

    /// <summary>
    /// The workers' own threads are asked what they have allocated, at the start and at the end, asleep and awake in between.
    /// </summary>
    [Fact]
    public void Nothing_is_allocated_once_the_threads_run()
    {
        const int Parts = 3;
        var team = new WorkerTeam();
        var bytes = new long[Parts];
        var threads = new int[Parts];
        var meeting = new Meeting(Parts);
        var observe = new Work(_ =>
        {
            // Everyone is in here at once, so each thread has one part.
            var place = meeting.Arrive() - 1;
            (threads[place], bytes[place]) = (Environment.CurrentManagedThreadId, GC.GetAllocatedBytesForCurrentThread());
        });
        var idle = new Work(_ => { });
        Dictionary<int, long> Observe()
        {
            meeting.Reset();
            team.Run(observe, Parts);
            return threads.Zip(bytes).ToDictionary(p => p.First, p => p.Second);
        }

        Observe();
        var (own, first, last) = Allocation.Undisturbed(() =>
        {
            var start = Observe();
            start.Remove(Environment.CurrentManagedThreadId);
            var before = GC.GetAllocatedBytesForCurrentThread();
            for (var call = 0; call < 100; call++)
            {
                team.Run(idle, Parts);
                if (call % 10 == 0)
                {
                    Thread.Sleep(2);
                }
            }

            return (GC.GetAllocatedBytesForCurrentThread() - before, start, Observe());
        });
        Assert.Equal(0, own);
        Assert.Equal(Parts - 1, first.Count);
        Assert.All(first, thread => Assert.Equal(thread.Value, last[thread.Key]));
    }

    private sealed class Work(Action<int> part) : IPartedWork
    {
        public void Do(int number) => part(number);
    }

    /// <summary>Holds each part until all have come: only threads of their own get past.</summary>
    private sealed class Meeting(int parts)
    {
        private int _arrived;

        public int Arrive()
        {
            var place = Interlocked.Increment(ref _arrived);
            for (var until = Environment.TickCount64 + 30_000; Volatile.Read(ref _arrived) < parts;)
            {
                if (Environment.TickCount64 > until)
                {
                    Assert.Fail($"Of {parts} parts, only {_arrived} were begun: the others waited for one to end.");
                }

                Thread.Yield();
            }

            return place;
        }

        public void Reset() => Volatile.Write(ref _arrived, 0);
    }
}
