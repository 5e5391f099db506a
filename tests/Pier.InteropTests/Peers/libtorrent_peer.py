"""A libtorrent peer for the tests.

  create PATH OUT v1|v2|hybrid PIECE_LENGTH [TRACKER]   writes a .torrent
  seed TORRENT FOLDER PORT                    serves it, prints READY, stays until killed
  node PORT                                   is a DHT node only, prints READY, stays until killed
  get MAGNET_OR_TORRENT FOLDER PORT [PEER]    downloads it, prints DONE, stays until killed

PORT and PEER may be ADDRESS:PORT; a number alone is a port of 127.0.0.1.
LIBTORRENT_SETTINGS may hold more settings, JSON; a download_rate_limit there holds for the torrent, local peers included.
"""
import json
import os
import sys
import threading
import time

import libtorrent as lt

POLL_SECONDS = 0.05
SETTINGS = {
    "enable_outgoing_utp": False,
    "enable_incoming_utp": False,
    "enable_dht": False,
    "enable_lsd": False,
    "enable_upnp": False,
    "enable_natpmp": False,
    "allow_multiple_connections_per_ip": True,
    # Two that call each other at once both hang up, and so it does where the trackers of both halves of a hybrid name a peer at once; by
    # itself it calls again after a minute.
    "min_reconnect_time": 1,
    "alert_mask": lt.alert.category_t.status_notification | lt.alert.category_t.error_notification | lt.alert.category_t.peer_log_notification,
}


def create(path: str, output: str, version: str, piece_length: str, *trackers: str) -> None:
    files = lt.file_storage()
    lt.add_files(files, path)
    flags = {"v1": lt.create_torrent.v1_only, "v2": lt.create_torrent.v2_only, "hybrid": 0}[version]
    torrent = lt.create_torrent(files, int(piece_length), flags)
    for tracker in trackers:
        torrent.add_tracker(tracker, 0)
    lt.set_piece_hashes(torrent, path.rsplit("/", 1)[0])
    with open(output, "wb") as out:
        out.write(lt.bencode(torrent.generate()))


def end_point(port: str) -> str:
    return port if ":" in port else f"127.0.0.1:{port}"


def open_session(port: str) -> lt.session:
    return lt.session(dict(SETTINGS, listen_interfaces=end_point(port)) | json.loads(os.environ.get("LIBTORRENT_SETTINGS", "{}")))


def start(parameters: lt.add_torrent_params) -> lt.add_torrent_params:
    parameters.flags &= ~(lt.torrent_flags.auto_managed | lt.torrent_flags.paused)
    return parameters


def node(port: str) -> None:
    session = open_session(port)
    while not session.is_dht_running():
        time.sleep(POLL_SECONDS)
        session.pop_alerts()
    print("READY", flush=True)
    threading.Event().wait()


def seed(torrent: str, folder: str, port: str) -> None:
    session = open_session(port)
    parameters = lt.add_torrent_params()
    parameters.ti = lt.torrent_info(torrent)
    parameters.save_path = folder
    session.add_torrent(start(parameters))
    wait_for(session, lt.torrent_finished_alert)
    print("READY", flush=True)
    threading.Event().wait()


def get(what: str, folder: str, port: str, *peers: str) -> None:
    session = open_session(port)
    if what.startswith("magnet:"):
        parameters = lt.parse_magnet_uri(what)
    else:
        parameters = lt.add_torrent_params()
        parameters.ti = lt.torrent_info(what)
    parameters.save_path = folder
    handle = session.add_torrent(start(parameters))
    # The session's own limit passes over peers of the local network.
    handle.set_download_limit(session.get_settings()["download_rate_limit"])
    for peer in peers:
        host, number = end_point(peer).rsplit(":", 1)
        handle.connect_peer((host, int(number)))
    wait_for(session, lt.torrent_finished_alert, handle)
    print("DONE", flush=True)
    threading.Event().wait()


def wait_for(session: lt.session, wanted: type, searching: lt.torrent_handle | None = None) -> None:
    asked = 0.0
    while True:
        if searching and session.is_dht_running() and time.monotonic() > asked + 1:
            # By itself it asks once, before it knows a node, and then not for minutes.
            searching.force_dht_announce()
            asked = time.monotonic()
        # Not wait_for_alert: the alert it returns may move while Python looks at it, and then libtorrent crashes.
        time.sleep(POLL_SECONDS)
        for alert in session.pop_alerts():
            print(f"{type(alert).__name__}: {alert.message()}", flush=True)
            if isinstance(alert, wanted):
                return
            if isinstance(alert, (lt.torrent_error_alert, lt.file_error_alert)):
                sys.exit(alert.message())


{"create": create, "node": node, "seed": seed, "get": get}[sys.argv[1]](*sys.argv[2:])
