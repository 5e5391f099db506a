"""One side of a libtorrent transfer: `[--lines] seed|get TORRENT FOLDER LISTEN [PEER...]`, addresses as ADDRESS:PORT.

Prints READY when it can be used. The getting side then waits for a line on standard input, downloads, and prints DONE.
Both end when standard input does. The settings are the best found for loopback on a small machine; with --lines, those that
make queues deep are libtorrent's own, for lines that several peers share.
"""
import sys
import time

import libtorrent as lt

SETTINGS = {
    "enable_outgoing_utp": False,
    "enable_incoming_utp": False,
    "enable_dht": False,
    "enable_lsd": False,
    "enable_upnp": False,
    "enable_natpmp": False,
    "in_enc_policy": 2,
    "out_enc_policy": 2,
    "allow_multiple_connections_per_ip": True,
    "disk_io_write_mode": 0,
    "disk_io_read_mode": 0,
    "aio_threads": 2,
    "hashing_threads": 1,
    "max_allowed_in_request_queue": 3000,
    "max_queued_disk_bytes": 64 << 20,
    "alert_mask": lt.alert.category_t.status_notification | lt.alert.category_t.error_notification,
}

LOOPBACK = {
    "max_out_request_queue": 1500,
    "request_queue_time": 3,
    "send_buffer_watermark": 3 << 20,
    "send_buffer_watermark_factor": 150,
    "send_buffer_low_watermark": 512 << 10,
}


def main() -> None:
    lines = sys.argv[1] == "--lines"
    role, torrent, folder, listen, *peers = sys.argv[2 if lines else 1:]
    session = lt.session(dict(SETTINGS, **({} if lines else LOOPBACK), listen_interfaces=listen))
    parameters = lt.add_torrent_params()
    parameters.ti = lt.torrent_info(torrent)
    parameters.save_path = folder
    parameters.flags &= ~(lt.torrent_flags.auto_managed | lt.torrent_flags.paused)
    if role == "seed":
        # Not seed_mode: that hashes each piece before it is first sent, and halves the speed.
        handle = session.add_torrent(parameters)
        while not handle.status().is_seeding:
            time.sleep(0.005)
        print("READY", flush=True)
    else:
        print("READY", flush=True)
        sys.stdin.readline()
        handle = session.add_torrent(parameters)
        for peer in peers:
            address, port = peer.rsplit(":", 1)
            handle.connect_peer((address, int(port)))
        wait_until_finished(session)
        print("DONE", flush=True)
    sys.stdin.read()


def wait_until_finished(session: lt.session) -> None:
    while True:
        # Not wait_for_alert: the alert it returns may move while Python looks at it, and then libtorrent crashes.
        time.sleep(0.005)
        for alert in session.pop_alerts():
            if isinstance(alert, lt.torrent_finished_alert):
                return
            if isinstance(alert, (lt.torrent_error_alert, lt.file_error_alert)):
                sys.exit(alert.message())


main()
