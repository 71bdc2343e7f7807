/** HTTP methods of each kind of address: for `Allow` (RFC 9110 section 10.2.1) and OPTIONS. */
export function allowedMethods(path: string): readonly string[] {
  const parts = path === '' ? [] : path.split('/')
  const last = parts.at(-1) ?? ''
  if (last.startsWith('$')) return ['GET', 'HEAD', 'POST', 'OPTIONS']
  if (last === '_search') return ['POST', 'OPTIONS']
  if (last === 'metadata' || parts.includes('_history')) return ['GET', 'HEAD', 'OPTIONS']
  if (parts.length === 0) return ['GET', 'HEAD', 'POST', 'OPTIONS']
  if (parts.length === 1) return ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']
  if (parts.length === 2) return ['GET', 'HEAD', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']
  return ['GET', 'HEAD', 'OPTIONS']
}
