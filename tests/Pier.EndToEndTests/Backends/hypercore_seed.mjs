// Seeds a Hyperdrive and a Hypercore over a DHT of its own.
//   node hypercore_seed.mjs MODULES ADDRESS FILE FOLDER: FOLDER is its store; prints "READY DRIVE-KEY CORE-KEY HOST:PORT"
import { createRequire } from 'node:module'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

const [modules, host, file, folder] = process.argv.slice(2)
const require = createRequire(join(modules, 'none.js'))
const Corestore = require('corestore')
const Hyperdrive = require('hyperdrive')
const Hyperswarm = require('hyperswarm')
const DHT = require('hyperdht')

const first = new DHT({ bootstrap: [], ephemeral: false, firewalled: false, host, port: 49737 })
await first.fullyBootstrapped()
const bootstrap = [{ host, port: first.address().port }]
let dht
for (let more = 0; more < 2; more++) {
  dht = new DHT({ bootstrap, ephemeral: false, firewalled: false, host })
  await dht.fullyBootstrapped()
}

const content = readFileSync(file)
const store = new Corestore(folder)
const drive = new Hyperdrive(store)
await drive.ready()
await drive.put('/below/file.bin', content)
await drive.put('/text', Buffer.from('text'))
const core = store.get({ name: 'plain' })
await core.ready()
for (let at = 0; at < content.length; at += 65536) await core.append(content.subarray(at, at + 65536))
const swarm = new Hyperswarm({ dht })
swarm.on('connection', connection => store.replicate(connection))
await swarm.join(drive.discoveryKey).flushed()
await swarm.join(core.discoveryKey).flushed()
console.log(`READY ${drive.key.toString('hex')} ${core.key.toString('hex')} ${bootstrap[0].host}:${bootstrap[0].port}`)
process.on('SIGTERM', () => process.exit(0))
process.on('SIGINT', () => process.exit(0))
