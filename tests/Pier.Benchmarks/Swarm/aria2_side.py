"""One side of an aria2 transfer: `seed|get TORRENT FOLDER LISTEN`; peers come from the torrent's tracker.

Prints READY when it can be used. The getting side then waits for a line on standard input, downloads, and prints DONE.
Both end when standard input does.
"""
import os
import stat
import subprocess
import sys
import tempfile
import threading

OPTIONS = [
    "--no-conf=true",
    "--quiet=true",
    "--enable-dht=false",
    "--enable-dht6=false",
    "--bt-enable-lpd=false",
    "--enable-peer-exchange=true",
    "--bt-max-peers=0",
    "--bt-request-peer-speed-limit=1000M",
    "--bt-hash-check-seed=true",
    "--bt-seed-unverified=true",
    "--allow-overwrite=true",
    "--file-allocation=none",
    "--disk-cache=64M",
    "--seed-ratio=0.0",
    "--bt-tracker-interval=5",
    "--follow-torrent=mem",
]


def tell_end(program: subprocess.Popen, fifo: str) -> None:
    program.wait()
    # Opened for both, so that nobody has to be waiting at the other end.
    complete = os.open(fifo, os.O_RDWR)
    os.write(complete, b"ended\n")


def main() -> None:
    role, torrent, folder, listen = sys.argv[1:5]
    port = listen.rsplit(":", 1)[1]
    with tempfile.TemporaryDirectory(dir=os.path.dirname(torrent)) as scratch:
        fifo = os.path.join(scratch, "complete")
        hook = os.path.join(scratch, "hook")
        os.mkfifo(fifo)
        with open(hook, "w") as script:
            script.write(f"#!/bin/sh\necho done > {fifo}\n")
        os.chmod(hook, stat.S_IRWXU)
        command = ["aria2c", *OPTIONS, f"--dir={folder}", f"--listen-port={port}", f"--on-bt-download-complete={hook}", torrent]
        if role == "get":
            print("READY", flush=True)
            sys.stdin.readline()
        program = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        threading.Thread(target=tell_end, args=(program, fifo), daemon=True).start()
        try:
            if role == "seed":
                print("READY", flush=True)
            else:
                with open(fifo) as complete:
                    if complete.readline() != "done\n":
                        sys.exit("aria2 ended too early")
                print("DONE", flush=True)
            sys.stdin.read()
        finally:
            program.kill()
            program.wait()


main()
