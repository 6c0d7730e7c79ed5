// The programs that the tests need and npm does not bring.
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import process from 'node:process'

const linux = process.platform === 'linux'
const chromiums = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']
const macChrome = '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome'

/** Each says where it is, or undefined; and which package of Debian brings it. */
const needed = [
  { name: 'Chromium or Chrome', find: findChromium, debian: 'chromium' },
  { name: 'mosquitto', find: findBroker, debian: 'mosquitto' },
  { name: 'mosquitto_pub', find: () => inPath('mosquitto_pub'), debian: 'mosquitto-clients' },
  { name: 'mosquitto_sub', find: () => inPath('mosquitto_sub'), debian: 'mosquitto-clients' },
  { name: 'tshark', find: () => inPath('tshark'), debian: 'tshark' },
  { name: 'xmllint', find: () => inPath('xmllint'), debian: 'libxml2-utils' },
  { name: 'redis-server', find: () => inPath('redis-server'), debian: 'redis-server' },
  { name: 'Python with paho-mqtt', find: findPaho, debian: 'python3-paho-mqtt' },
  // For the few symbols that the program's own fonts do not have; without any font Chromium shows boxes.
  { name: 'a font', find: findFont, debian: 'fonts-dejavu-core' },
]

/** The browser that the tests drive; CHROMIUM_PATH in the environment comes first. */
export function findChromium() {
  const given = process.env.CHROMIUM_PATH
  if (given) return existsSync(given) ? given : undefined
  const found = chromiums.map(inPath).find((path) => path !== undefined)
  return found ?? (existsSync(macChrome) ? macChrome : undefined)
}

/**
 * Looks for everything, installs what is missing where that is ours to do (Debian, as root), and else says what to
 * install. True when all is there.
 */
export function provide(say) {
  let missing = needed.filter(({ find }) => find() === undefined)
  if (missing.length > 0 && isDebian() && process.getuid() === 0) {
    install([...new Set(missing.map(({ debian }) => debian))], say)
    missing = missing.filter(({ find }) => find() === undefined)
  }
  for (const { name, debian } of missing) say(`missing: ${name}; on Debian: apt-get install ${debian}`)
  return missing.length === 0
}

function install(packages, say) {
  say(`installing ${packages.join(', ')} with apt-get`)
  const apt = (...words) => {
    const { status, error } = spawnSync('apt-get', ['-qq', ...words], {
      // Its talk is not of interest, its errors are.
      stdio: ['ignore', 'ignore', 'inherit'],
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    })
    if (status !== 0) say(`apt-get ${words[0]} failed${error === undefined ? '' : `: ${error.message}`}`)
  }
  apt('update')
  apt('install', '--yes', '--no-install-recommends', ...packages)
}

/** Where a program is that a shell would find; undefined where there is none. */
export function inPath(name) {
  const folders = (process.env.PATH ?? '').split(delimiter)
  const names = process.platform === 'win32' ? [`${name}.exe`] : [name]
  return folders.flatMap((folder) => names.map((file) => join(folder, file))).find((path) => existsSync(path))
}

/** Debian has it where a user's shell does not look. */
function findBroker() {
  return inPath('mosquitto') ?? ['/usr/sbin/mosquitto', '/usr/local/sbin/mosquitto'].find((path) => existsSync(path))
}

/** The Python that has paho-mqtt: Debian's own, where another one comes before it in the path. */
export function findPaho() {
  const pythons = ['/usr/bin/python3', inPath('python3')].filter((path) => path !== undefined && existsSync(path))
  return pythons.find((path) => spawnSync(path, ['-c', 'import paho.mqtt.client'], { stdio: 'ignore' }).status === 0)
}

function findFont() {
  if (!linux) return 'brought by the system'
  const fonts = ['/usr/share/fonts', '/usr/local/share/fonts', join(process.env.HOME ?? '', '.fonts')]
  const isFont = (file) => /\.(ttf|otf|ttc)$/i.test(file)
  return fonts.find((folder) => existsSync(folder) && readdirSync(folder, { recursive: true }).some(isFont))
}

function isDebian() {
  return existsSync('/etc/os-release') && /^ID="?debian"?$/m.test(readFileSync('/etc/os-release', 'utf8'))
}
