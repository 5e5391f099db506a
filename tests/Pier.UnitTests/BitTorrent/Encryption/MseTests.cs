using Pier.BitTorrent.Encryption;
using Pier.BitTorrent.Torrents;
using Pier.BitTorrent.Wire;
using Pier.TestKit;
using Pier.TestKit.Streams;

namespace Pier.UnitTests.BitTorrent.Encryption;

/// <summary>Both sides of the encrypted opening over paired streams: exact lengths, and what is refused.</summary>
public sealed class MseTests
{
    private const int KeySize = 96;
    private static readonly InfoHash Name = new("aaaaaaaaaaaaaaaaaaaa"u8);
    private static readonly TimeSpan Deadline = Eventually.Patience;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(512)]
    public async Task Both_sides_talk_encrypted_whatever_their_paddings(int padding)
    {
        await using var pair = PairedStreams.Create();
        var (ours, accepted) = await MeetAsync(pair, CryptoMethods.Rc4 | CryptoMethods.Plaintext, CryptoMethods.Rc4, "hello"u8.ToArray(), () => padding);

        accepted.Early.ShouldBe("hello"u8.ToArray());
        await ShouldTalkAsync(ours, accepted.Stream);
        await ShouldTalkAsync(accepted.Stream, ours);

        // On the wire it is not what was said.
        await ours.WriteAsync("spoken"u8.ToArray(), Token);
        (await ReadAsync(pair.Right, 6)).ShouldNotBe("spoken"u8.ToArray());
    }

    [Fact]
    public async Task Chosen_plaintext_goes_on_over_the_connection_itself()
    {
        await using var pair = PairedStreams.Create();
        var (ours, accepted) = await MeetAsync(pair, CryptoMethods.Rc4 | CryptoMethods.Plaintext, CryptoMethods.Plaintext, [], () => 3);

        ours.ShouldBeSameAs(pair.Left);
        accepted.Stream.ShouldBeSameAs(pair.Right);
        await ShouldTalkAsync(ours, accepted.Stream);
    }

    [Fact]
    public async Task Each_side_sends_exactly_what_the_protocol_wants()
    {
        await using var outer = PairedStreams.Create();
        await using var inner = PairedStreams.Create();
        var counts = (Left: 0L, Right: 0L);
        using var stop = new CancellationTokenSource();
        var relays = Task.WhenAll(
            RelayAsync(outer.Right, inner.Left, count => counts.Left += count, stop.Token),
            RelayAsync(inner.Left, outer.Right, count => counts.Right += count, stop.Token));

        var opening = MseInitiator.OpenAsync(outer.Left, Name, CryptoMethods.Rc4, new byte[68], () => 100, Token);
        var accepted = await Responder(CryptoMethods.Rc4, () => 200).AcceptAsync(inner.Right, default, Token).WaitAsync(Deadline, Token);
        await opening.WaitAsync(Deadline, Token);

        // Key, padding; two hashes, constant, methods, padding and its length, the handshake and its length.
        counts.Left.ShouldBe(KeySize + 100 + 20 + 20 + 8 + 4 + 2 + 100 + 2 + 68);
        counts.Right.ShouldBe(KeySize + 200 + 8 + 4 + 2 + 200);
        accepted.Early.Length.ShouldBe(68);
        await stop.CancelAsync();
        await relays;
    }

    [Fact]
    public async Task A_torrent_that_is_not_here_is_refused()
    {
        await using var pair = PairedStreams.Create();
        var other = new InfoHash("bbbbbbbbbbbbbbbbbbbb"u8);
        var opening = MseInitiator.OpenAsync(pair.Left, other, CryptoMethods.Rc4, default, () => 5, Token);

        var refused = await Should.ThrowAsync<WireException>(() => Responder(CryptoMethods.Rc4, () => 5).AcceptAsync(pair.Right, default, Token).WaitAsync(Deadline, Token));

        refused.Message.ShouldContain("not here");
        await pair.Right.DisposeAsync();
        await Should.ThrowAsync<IOException>(() => opening.WaitAsync(Deadline, Token));
    }

    [Fact]
    public async Task Garbage_instead_of_what_ends_the_padding_is_read_only_so_far()
    {
        await using var pair = PairedStreams.Create();
        var garbage = new byte[KeySize + 2000];
        new Random(3).NextBytes(garbage);
        garbage[0] = 1;
        await pair.Left.WriteAsync(garbage, Token);

        await Should.ThrowAsync<WireException>(() => Responder(CryptoMethods.Rc4, () => 0).AcceptAsync(pair.Right, default, Token).WaitAsync(Deadline, Token));

        (await ReadAsync(pair.Right, 1)).Length.ShouldBe(1);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(0xff)]
    public async Task A_public_key_that_makes_the_secret_public_is_refused(byte key)
    {
        await using var pair = PairedStreams.Create();
        var bytes = new byte[KeySize];
        bytes.AsSpan(key == 0xff ? 0 : KeySize - 1).Fill(key);
        await pair.Left.WriteAsync(bytes, Token);

        await Should.ThrowAsync<WireException>(() => Responder(CryptoMethods.Rc4, () => 0).AcceptAsync(pair.Right, default, Token).WaitAsync(Deadline, Token));
    }

    [Theory]
    [InlineData(513)]
    [InlineData(65535)]
    public async Task A_padding_beyond_the_bound_is_refused_on_either_side(int tooMuch)
    {
        await using var pair = PairedStreams.Create(windowBytes: 1 << 20);
        var calls = 0;
        var opening = MseInitiator.OpenAsync(pair.Left, Name, CryptoMethods.Rc4, default, () => calls++ == 0 ? 0 : tooMuch, Token);
        await Should.ThrowAsync<WireException>(() => Responder(CryptoMethods.Rc4, () => 0).AcceptAsync(pair.Right, default, Token).WaitAsync(Deadline, Token));
        await pair.Right.DisposeAsync();
        await Should.ThrowAsync<IOException>(() => opening.WaitAsync(Deadline, Token));

        await using var other = PairedStreams.Create(windowBytes: 1 << 20);
        calls = 0;
        var accepting = Responder(CryptoMethods.Rc4, () => calls++ == 0 ? 0 : tooMuch).AcceptAsync(other.Right, default, Token);
        await Should.ThrowAsync<WireException>(() => MseInitiator.OpenAsync(other.Left, Name, CryptoMethods.Rc4, default, () => 0, Token).WaitAsync(Deadline, Token));
        await accepting.WaitAsync(Deadline, Token);
    }

    [Fact]
    public async Task A_method_that_was_not_offered_is_refused()
    {
        await using var pair = PairedStreams.Create();
        var accepting = new MseResponder(Known(), _ => CryptoMethods.Plaintext, () => 0).AcceptAsync(pair.Right, default, Token);

        await Should.ThrowAsync<WireException>(() => MseInitiator.OpenAsync(pair.Left, Name, CryptoMethods.Rc4, default, () => 0, Token).WaitAsync(Deadline, Token));
        await accepting.WaitAsync(Deadline, Token);
    }

    [Fact]
    public async Task More_said_along_than_the_bound_is_refused()
    {
        await using var pair = PairedStreams.Create();
        var opening = MseInitiator.OpenAsync(pair.Left, Name, CryptoMethods.Rc4, new byte[MseLimits.MaxEarly + 1], () => 0, Token);

        await Should.ThrowAsync<WireException>(() => Responder(CryptoMethods.Rc4, () => 0).AcceptAsync(pair.Right, default, Token).WaitAsync(Deadline, Token));
        await pair.Right.DisposeAsync();
        await Should.ThrowAsync<IOException>(() => opening.WaitAsync(Deadline, Token));
    }

    [Fact]
    public async Task Mutated_openings_end_in_a_refusal_or_a_wait_and_nothing_else()
    {
        var random = new Random(20);
        for (var round = 0; round < 60; round++)
        {
            await using var outer = PairedStreams.Create(windowBytes: 1 << 20);
            await using var inner = PairedStreams.Create(windowBytes: 1 << 20);
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
            // Anywhere in the key, the hashes or the constant; what follows is free text.
            var flip = random.Next(KeySize + 48);
            var relays = Task.WhenAll(
                RelayAsync(outer.Right, inner.Left, _ => { }, stop.Token, flip),
                RelayAsync(inner.Left, outer.Right, _ => { }, stop.Token));
            var opening = MseInitiator.OpenAsync(outer.Left, Name, CryptoMethods.Rc4, new byte[68], () => 0, stop.Token);
            var accepting = Responder(CryptoMethods.Rc4, () => 0).AcceptAsync(inner.Right, default, stop.Token);
            var first = await Task.WhenAny(accepting, opening, Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, Token));
            await stop.CancelAsync();
            await relays;

            if (first == accepting)
            {
                (await Record.ExceptionAsync(() => accepting)).ShouldBeOfType<WireException>();
            }

            await Record.ExceptionAsync(() => Task.WhenAll(opening, accepting));
        }
    }

    private static MseResponder Responder(CryptoMethods selected, Func<int> padding) => new(Known(), _ => selected, padding);

    private static KnownKeys Known()
    {
        var known = new KnownKeys();
        known.Add(Name);
        return known;
    }

    private static async Task<(Stream Ours, MseAccepted Accepted)> MeetAsync(
        PairedStreams pair, CryptoMethods provided, CryptoMethods selected, byte[] early, Func<int> padding)
    {
        var opening = MseInitiator.OpenAsync(pair.Left, Name, provided, early, padding, Token);
        var accepted = await Responder(selected, padding).AcceptAsync(pair.Right, default, Token).WaitAsync(Deadline, Token);
        return (await opening.WaitAsync(Deadline, Token), accepted);
    }

    private static async Task ShouldTalkAsync(Stream from, Stream to)
    {
        var said = new byte[100_000];
        new Random(9).NextBytes(said);
        var saying = from.WriteAsync(said, Token).AsTask();
        (await ReadAsync(to, said.Length)).ShouldBe(said);
        await saying;
    }

    private static async Task<byte[]> ReadAsync(Stream stream, int length)
    {
        var bytes = new byte[length];
        await stream.ReadExactlyAsync(bytes, Token).AsTask().WaitAsync(Deadline, Token);
        return bytes;
    }

    private static async Task RelayAsync(Stream from, Stream to, Action<int> count, CancellationToken cancellationToken, int flip = -1)
    {
        var buffer = new byte[4096];
        var passed = 0;
        try
        {
            for (int read; (read = await from.ReadAsync(buffer, cancellationToken)) > 0; passed += read)
            {
                if (flip >= passed && flip < passed + read)
                {
                    buffer[flip - passed] ^= 0x10;
                }

                count(read);
                await to.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
            }
        }
        catch (Exception ended) when (ended is OperationCanceledException or IOException or ObjectDisposedException)
        {
            // The test is over, or one side hung up.
        }
    }
}
