import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { packageRoot } from '../base/root.ts'

/** A file the browser fetches once and keeps: its URL carries a hash of its content. */
export interface Asset {
  readonly url: string
  readonly type: string
  readonly body: Buffer
}

const fromPackage = (path: string): string => fileURLToPath(import.meta.resolve(path))
const ours = (path: string): string => join(packageRoot, 'src/ui/assets', path)
const script = (path: string): string => join(import.meta.dirname, 'browser', path)

const css = 'text/css; charset=utf-8'
const javascript = 'text/javascript; charset=utf-8'

const load = (name: string, type: string, file: string): Asset => made(name, type, readFileSync(file))

/**
 * As shipped but for its two `@font-face` rules: the typeface is licensed to NHS services, and its host is a third party.
 * The next family in the list is Arial.
 */
const withoutTypeface = (file: string): Buffer =>
  Buffer.from(readFileSync(file, 'utf8').replaceAll(/@font-face\s*\{[^}]*\}/g, ''))

function made(name: string, type: string, body: Buffer): Asset {
  const hash = createHash('sha256').update(body).digest('base64url').slice(0, 12)
  const dot = name.lastIndexOf('.')
  return { url: `/assets/${name.slice(0, dot)}-${hash}${name.slice(dot)}`, type, body }
}

/** Everything a page links to, as shipped by the libraries and by us. */
export const assets = {
  nhsukCss: made('nhsuk.css', css, withoutTypeface(fromPackage('nhsuk-frontend/dist/nhsuk/nhsuk-frontend.min.css'))),
  nhsappCss: load('nhsapp.css', css, fromPackage('nhsapp-frontend/dist/nhsapp.css')),
  appCss: load('app.css', css, ours('app.css')),
  printCss: load('print.css', css, ours('print.css')),
  nhsukScript: load('nhsuk.js', javascript, fromPackage('nhsuk-frontend/dist/nhsuk/nhsuk-frontend.min.js')),
  startScript: load('start.js', javascript, script('start.js')),
  liveScript: load('live.js', javascript, script('live.js')),
  icon: load('icon.svg', 'image/svg+xml', ours('icon.svg')),
} as const satisfies Record<string, Asset>

const assetByUrl: ReadonlyMap<string, Asset> = new Map(Object.values(assets).map((asset) => [asset.url, asset]))

/** The asset at a path, to be served with `cache-control: public, max-age=31536000, immutable`. */
export const assetAt = (path: string): Asset | undefined => assetByUrl.get(path)

/** For every page. Nothing inline, nothing from elsewhere: the font hosts named in the libraries' CSS stay blocked. */
export const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "form-action 'self'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
].join('; ')
