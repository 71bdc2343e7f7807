import { createServer } from 'node:http'

// The yardstick of HTTP: a bare Node server that answers what it is sent, in a process of its own.
const server = createServer((request, response) => {
  const chunks: Buffer[] = []
  request.on('data', (chunk: Buffer) => chunks.push(chunk))
  request.on('end', () =>
    response.writeHead(200, { 'content-type': 'application/fhir+json' }).end(Buffer.concat(chunks)),
  )
})
server.listen(0, '127.0.0.1', () => {
  const address = server.address()
  process.stdout.write(`Linchpin is at http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}\n`)
})
