import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import { test } from 'node:test'
import { isPublicAddress } from './addresses.ts'
import { checkedUrl, outbound } from './request.ts'

for (const [address, open] of [
  ['8.8.8.8', true],
  ['2606:4700::1111', true],
  ['127.0.0.1', false],
  ['127.8.8.8', false],
  ['10.1.2.3', false],
  ['172.31.0.1', false],
  ['172.32.0.1', true],
  ['192.168.1.1', false],
  ['169.254.169.254', false],
  ['100.64.0.1', false],
  ['0.0.0.0', false],
  ['255.255.255.255', false],
  ['::1', false],
  ['::ffff:127.0.0.1', false],
  ['::ffff:8.8.8.8', false],
  ['fd00::1', false],
  ['fe80::1', false],
  ['64:ff9b::7f00:1', false],
  ['2002:7f00:1::', false],
  ['not an address', false],
] as const)
  test(`${address} is ${open ? '' : 'not '}of the open internet`, () => assert.equal(isPublicAddress(address), open))

for (const url of [
  'ftp://example.org/',
  'file:///etc/passwd',
  'http://example.org/',
  'https://user:secret@example.org/',
  'https://127.0.0.1/',
  'https://[::1]/',
  'https://0x7f.1/',
  'https://2130706433/',
  'not a url',
])
  test(`${url} may not be asked`, () => assert.throws(() => checkedUrl(url, []), { name: 'Problem' }))

test('a name that leads to this machine is refused where the connection is made', async () => {
  const asked = { url: 'https://localhost:1/', method: 'GET', timeoutMs: 2000, allowed: [] } as const
  await assert.rejects(outbound(asked), /Private addresses/)
})

test('a host that a setting names may be asked without encryption', async () => {
  const server = createServer((_, response) => response.end('here'))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  assert.ok(typeof address === 'object' && address !== null)
  const url = `http://127.0.0.1:${address.port}/`
  const answer = await outbound({ url, method: 'GET', timeoutMs: 5000, allowed: [`127.0.0.1:${address.port}`] })
  assert.equal(answer.statusCode, 200)
  answer.destroy()
  assert.throws(() => checkedUrl(url, ['127.0.0.1:1']))
  server.closeAllConnections()
  server.close()
})
