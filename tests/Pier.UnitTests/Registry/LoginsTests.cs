using System.Net;
using Pier.Content.Passwords;
using Pier.Registry;
using Pier.Registry.Access;
using Pier.TestKit.Time;

namespace Pier.UnitTests.Registry;

/// <summary>Who is known by name and password, and who is not listened to any more.</summary>
public sealed class LoginsTests
{
    private static readonly IPAddress Here = IPAddress.Parse("192.0.2.1");
    private static readonly IPAddress There = IPAddress.Parse("192.0.2.2");

    private readonly ManualTimeProvider _clock = new();
    private readonly Logins _logins;

    public LoginsTests() => _logins = Over(PasswordHash.Create("correct horse", 1000));

    [Theory]
    [InlineData("alice", "correct horse", true)]
    [InlineData("alice", "battery staple", false)]
    [InlineData("alice", "", false)]
    [InlineData("carol", "", false)]
    [InlineData("", "", false)]
    public void A_user_is_known_by_name_and_password(string user, string password, bool known)
    {
        _logins.Knows(user, password, Here).ShouldBe(known);
        _logins.Knows(user, password, Here).ShouldBe(known, "also when it is remembered");
    }

    [Fact]
    public async Task Guesses_of_one_address_at_the_same_time_are_judged_one_after_the_other()
    {
        // A hash that takes long enough for all of them to be in it at once.
        var logins = Over(PasswordHash.Create("correct horse", 100_000));
        const int guesses = 12;
        using var start = new Barrier(guesses);

        await Task.WhenAll(Enumerable.Range(0, guesses).Select(guess => Task.Factory.StartNew(
            () =>
            {
                start.SignalAndWait(TestContext.Current.CancellationToken);
                logins.Knows("alice", $"guess {guess}", Here).ShouldBeFalse();
            },
            TestContext.Current.CancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default)));

        logins.PauseOf(Here).ShouldBe(TimeSpan.FromSeconds(1), "the sixth began the pause, and no other was judged after it");
    }

    [Fact]
    public void Who_guesses_is_not_listened_to_for_longer_and_longer_and_others_are()
    {
        for (var guess = 0; guess < 6; guess++)
        {
            _logins.PauseOf(Here).ShouldBeNull();
            _logins.Knows("alice", $"guess {guess}", Here).ShouldBeFalse();
        }
        _logins.PauseOf(Here).ShouldBe(TimeSpan.FromSeconds(1));
        _logins.Knows("alice", "correct horse", Here).ShouldBeFalse();
        _logins.Knows("alice", "correct horse", There).ShouldBeTrue();

        _clock.Advance(TimeSpan.FromSeconds(1));
        _logins.Knows("alice", "guess again", Here).ShouldBeFalse();
        _logins.PauseOf(Here).ShouldBe(TimeSpan.FromSeconds(2));

        _clock.Advance(TimeSpan.FromSeconds(2));
        _logins.Knows("alice", "correct horse", Here).ShouldBeTrue();
        _logins.PauseOf(Here).ShouldBeNull();
    }

    [Fact]
    public void The_pause_ends_at_a_minute()
    {
        for (var guess = 0; guess < 40; guess++)
        {
            _logins.Knows("alice", "guess", Here);
            _clock.Advance(_logins.PauseOf(Here) ?? TimeSpan.Zero);
        }
        _logins.Knows("alice", "guess", Here);

        _logins.PauseOf(Here).ShouldBe(TimeSpan.FromMinutes(1));
    }

    [Fact]
    public void A_subscriber_s_whole_IPv6_network_is_one_place()
    {
        for (var guess = 0; guess < 6; guess++)
        {
            _logins.Knows("alice", "guess", IPAddress.Parse($"2001:db8:0:1::{guess + 1}"));
        }

        _logins.PauseOf(IPAddress.Parse("2001:db8:0:1:ffff::9")).ShouldNotBeNull();
        _logins.PauseOf(IPAddress.Parse("2001:db8:0:2::1")).ShouldBeNull();
    }

    private Logins Over(PasswordHash alice) => new(
        new MirrorOptions
        {
            Access = new AccessOptions { Users = new Dictionary<string, PasswordHash>(StringComparer.Ordinal) { ["alice"] = alice } },
        },
        _clock);
}
