namespace Pier.Simulation.Clock;

/// <summary>
/// Events in the order of their time: a calendar whose days are unsorted lists, and a small heap for the day of today, which stays
/// in the processor's cache. Both operations cost the same however many events wait.
/// </summary>
internal sealed class EventQueue
{
    private const int Days = 1 << 12;

    private readonly long _day;
    private readonly List<SimulatedEvent>[] _calendar = new List<SimulatedEvent>[Days];
    private readonly List<SimulatedEvent> _later = [];
    private SimulatedEvent[] _heap = new SimulatedEvent[256];
    private int _heapCount;
    private long _today;
    private int _calendarCount;
    private uint _sequence;

    public delegate void Announced(ReadOnlySpan<SimulatedEvent> events);

    /// <param name="day">Nanoseconds of a day of the calendar; about the time in which some hundred events come due.</param>
    public EventQueue(long day)
    {
        _day = day;
        for (var index = 0; index < Days; index++)
        {
            _calendar[index] = [];
        }
    }

    /// <summary>Told of the events of a day before it begins, in no order.</summary>
    public Announced? Ahead { get; set; }

    /// <summary>Events that wait.</summary>
    public int Count => _heapCount + _calendarCount + _later.Count;

    /// <summary>Adds an event; one for the past comes next.</summary>
    public void Add(long at, EventKind kind, int a, int b = 0) => Place(new SimulatedEvent(at, _sequence++, kind, a, b));

    /// <summary>Takes the next event; false when none is left.</summary>
    public bool TryTake(out SimulatedEvent next)
    {
        while (_heapCount == 0)
        {
            if (_calendarCount == 0 && _later.Count == 0)
            {
                next = default;
                return false;
            }

            Advance();
        }

        next = Pop();
        return true;
    }

    private void Place(in SimulatedEvent added)
    {
        var day = added.At / _day;
        if (day <= _today)
        {
            Push(added);
        }
        else if (day < _today + Days)
        {
            _calendar[day % Days].Add(added);
            _calendarCount++;
        }
        else
        {
            _later.Add(added);
        }
    }

    private void Advance()
    {
        _today++;
        var today = _calendar[_today % Days];
        var events = System.Runtime.InteropServices.CollectionsMarshal.AsSpan(today);
        Ahead?.Invoke(events);
        foreach (ref readonly var due in events)
        {
            Push(due);
        }

        _calendarCount -= today.Count;
        today.Clear();
        if (_today % (Days / 2) == 0)
        {
            BringNearer();
        }
    }

    // Half a calendar at a time, so that nothing of it comes too late.
    private void BringNearer()
    {
        SimulatedEvent[] all = [.. _later];
        _later.Clear();
        foreach (var each in all)
        {
            Place(each);
        }
    }

    private void Push(in SimulatedEvent added)
    {
        if (_heapCount == _heap.Length)
        {
            Array.Resize(ref _heap, _heapCount * 2);
        }

        var hole = _heapCount++;
        while (hole > 0)
        {
            var parent = (hole - 1) / 2;
            if (!added.IsBefore(_heap[parent]))
            {
                break;
            }

            _heap[hole] = _heap[parent];
            hole = parent;
        }

        _heap[hole] = added;
    }

    private SimulatedEvent Pop()
    {
        var top = _heap[0];
        var last = _heap[--_heapCount];
        var hole = 0;
        while (true)
        {
            var child = 2 * hole + 1;
            if (child >= _heapCount)
            {
                break;
            }

            if (child + 1 < _heapCount && _heap[child + 1].IsBefore(_heap[child]))
            {
                child++;
            }

            if (!_heap[child].IsBefore(last))
            {
                break;
            }

            _heap[hole] = _heap[child];
            hole = child;
        }

        _heap[hole] = last;
        return top;
    }
}
