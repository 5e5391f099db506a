using Pier.TestKit.Files;
using Pier.TestKit.Processes;

namespace Pier.InteropTests.Volumes;

/// <summary>A folder with everything a tree may have, made once by the programs that users have; nobody changes it.</summary>
public sealed class SampleFolder : IAsyncLifetime
{
    private const string Make =
        """
        set -e
        cd "$D"
        mkdir -p deep/er/est empty many 'with space' modes
        head -c 5000001 /dev/urandom > large.bin
        head -c 300000 /dev/urandom > deep/er/est/mid.bin
        : > empty.txt
        python3 -c 'import os; os.setxattr("large.bin", "user.origin", b"test")'
        echo hello > 'with space/ünï ☃.txt'
        ln large.bin deep/hard.bin
        ln -s ../large.bin deep/soft
        ln -s loop loop
        ln -s nowhere/at/all dangling
        for i in $(seq 1 1200); do echo $i > many/file-$i; done
        cp /bin/true modes/run
        chmod 700 modes/run; : > modes/secret; chmod 600 modes/secret; : > modes/odd; chmod 4751 modes/odd
        truncate -s 20M sparse.bin; printf middle | dd of=sparse.bin bs=1 seek=8388608 conv=notrunc status=none
        touch -d '1969-07-20 20:17:40.123456789 UTC' empty.txt
        touch -d '2038-01-20 00:00:00.987654321 UTC' 'with space'
        git -c init.defaultBranch=main init -q --bare repository.git
        git -c init.defaultBranch=main init -q work && cd work
        git config user.email a@b.example; git config user.name Tester
        for i in 1 2 3; do head -c 20000 /dev/urandom | base64 > f$i; git add f$i; git commit -q -m "change $i"; done
        git push -q ../repository.git HEAD:main; cd ..; rm -rf work
        sqlite3 numbers.db 'create table t(n integer primary key, s text); with recursive c(n) as (select 1 union all select n+1 from c where n<20000) insert into t select n, hex(randomblob(16)) from c; create index i on t(s);'
        """;

    private readonly TempFolder _folder = TempFolder.Create("sample");

    public string Path => _folder.Path;

    public async ValueTask InitializeAsync()
    {
        File.SetUnixFileMode(Path, (UnixFileMode)0b111_101_101);
        (await Command.RunAsync("bash", ["-c", Make], new Dictionary<string, string> { ["D"] = Path }, TestContext.Current.CancellationToken)).OrThrow();
    }

    public ValueTask DisposeAsync() => _folder.DisposeAsync();
}
