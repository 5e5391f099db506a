// A WebTorrent peer for the tests, over TCP.
//
//   seed TORRENT FOLDER PORT                 serves a torrent whose content lies in FOLDER, prints READY, stays until killed
//   get MAGNET_OR_TORRENT FOLDER PORT [PEER] downloads it, prints DONE, stays until killed
//
// WEBTORRENT names the folder into which npm has installed it. PEER is ADDRESS:PORT; without one
// trackers are asked.
import { readFileSync } from 'node:fs'
import { pathToFileURL } from 'node:url'

const { default: WebTorrent } = await import(pathToFileURL(`${process.env.WEBTORRENT}/node_modules/webtorrent/index.js`))
const [command, what, folder, port, ...peers] = process.argv.slice(2)
const client = new WebTorrent({
  torrentPort: Number(port), dht: false, lsd: false, utp: false, utPex: false, natUpnp: false, natPmp: false, webSeeds: false, tracker: peers.length === 0
})
const fail = error => { console.log(`error: ${error}`); process.exit(1) }
client.on('error', fail)

const torrent = client.add(what.startsWith('magnet:') ? what : readFileSync(what), { path: folder })
torrent.on('error', fail)
torrent.on('warning', warning => console.log(`warning: ${warning}`))
torrent.on('wire', (wire, address) => console.log(`wire: ${address} ${wire.peerId}`))
torrent.on('infoHash', () => { for (const peer of peers) torrent.addPeer(peer) })
torrent.on('done', () => console.log(command === 'seed' ? 'READY' : 'DONE'))
