// The program behind pier-backend-hypercore: fetches what a key names. Every block is proved by that key.
//
//   check URI       0 when the URI has a key
//   get URI DEST    a Hyperdrive's files below DEST, one of its files or folders with /PATH, a plain Hypercore's blocks as the file DEST
//
// URI: hypercore:[hyper://]KEY[/PATH][?bootstrap=HOST:PORT,…]; KEY in hex or z-base-32; bootstrap names the nodes of a DHT of one's own.
import { createWriteStream } from 'node:fs'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { pipeline } from 'node:stream/promises'
import Corestore from 'corestore'
import Hyperbee from 'hyperbee'
import Hyperdrive from 'hyperdrive'
import HypercoreId from 'hypercore-id-encoding'
import Hyperswarm from 'hyperswarm'

const patience = 45_000 // Pier ends a program that says nothing for a minute; the reason is better.

function parse (uri) {
  const [name, query = ''] = uri.replace(/^hypercore:/, '').replace(/^hyper:\/\//, '').split('?')
  const slash = name.indexOf('/')
  const key = slash < 0 ? name : name.slice(0, slash)
  if (!HypercoreId.isValid(key)) throw new Error(`'${key}' is no key: 64 hex digits or 52 characters of z-base-32 are expected`)
  const bootstrap = (new URLSearchParams(query).get('bootstrap') ?? '').split(',').filter(Boolean).map(node => {
    const colon = node.lastIndexOf(':')
    return { host: node.slice(0, colon), port: Number(node.slice(colon + 1)) }
  })
  return { key: HypercoreId.decode(key), path: slash < 0 ? '/' : decodeURIComponent(name.slice(slash)), bootstrap }
}

// No name of a stranger's leads out of the folder.
function below (folder, name) {
  const path = resolve(folder, '.' + name)
  if (path !== folder && !path.startsWith(folder + '/')) throw new Error(`'${name}' leads out of the folder`)
  return path
}

async function get ({ key, path, bootstrap }, destination) {
  destination = resolve(destination)
  const folder = await mkdtemp(join(process.cwd(), 'hypercore-'))
  const store = new Corestore(folder)
  const swarm = new Hyperswarm(bootstrap.length > 0 ? { bootstrap } : {})
  swarm.on('connection', connection => store.replicate(connection))
  let done = 0
  let total = 0
  // Each line tells pierd that something moves: none when nothing did.
  let said = -1
  const say = setInterval(() => {
    if (done === said) return
    said = done
    process.stderr.write(JSON.stringify({ done, total }) + '\n')
  }, 1000)
  const write = async (source, to) => {
    await mkdir(dirname(to), { recursive: true })
    await pipeline(source, async function * (chunks) { for await (const chunk of chunks) { done += chunk.length; yield chunk } }, createWriteStream(to))
  }
  try {
    const core = store.get({ key })
    await core.ready()
    const found = core.findingPeers()
    swarm.join(core.discoveryKey, { server: false, client: true })
    swarm.flush().then(found, found)
    const giveUp = setTimeout(() => fail(new Error(`nobody who has ${HypercoreId.encode(key)} was found in ${patience / 1000} s`)), patience)
    await core.update({ wait: true })
    if (core.length === 0) throw new Error(`nobody who has ${HypercoreId.encode(key)} was found, or nothing is in it yet`)
    const isDrive = await Hyperbee.isHyperbee(core)
    clearTimeout(giveUp)
    if (!isDrive) {
      total = core.byteLength
      await write(core.createReadStream(), destination)
      return
    }
    const drive = new Hyperdrive(store, key)
    await drive.ready()
    const file = path === '/' ? null : await drive.entry(path)
    if (file?.value.blob) {
      total = file.value.blob.byteLength
      await write(drive.createReadStream(file), destination)
      return
    }
    const entries = []
    for await (const entry of drive.list(path)) {
      if (entry.value.blob) entries.push(entry)
    }
    if (entries.length === 0) throw new Error(`there is no '${path}' in it`)
    total = entries.reduce((sum, entry) => sum + entry.value.blob.byteLength, 0)
    await mkdir(destination, { recursive: true })
    for (const entry of entries) {
      const name = path === '/' ? entry.key : entry.key.slice(path.replace(/\/$/, '').length)
      await write(drive.createReadStream(entry), below(destination, name))
    }
  } finally {
    clearInterval(say)
    await swarm.destroy({ force: true })
    await store.close()
    await rm(folder, { recursive: true, force: true })
  }
}

function fail (error) {
  process.stderr.write(error.message + '\n')
  process.exit(1)
}

const [command, uri, destination] = process.argv.slice(2)
try {
  if (command === 'check' && uri) {
    parse(uri)
  } else if (command === 'get' && uri && destination) {
    await get(parse(uri), destination)
  } else {
    process.stderr.write('usage: pier-backend-hypercore check URI | get URI DEST\n')
    process.exit(2)
  }
  process.exit(0)
} catch (error) {
  fail(error)
}
