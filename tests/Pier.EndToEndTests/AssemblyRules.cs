// Tests here measure times and fill the machine with engines: one after the other.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
