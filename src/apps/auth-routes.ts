import type { FastifyInstance } from 'fastify'
import { Problem, problem } from '../base/problem.ts'
import type { Tokens } from './tokens.ts'
import type { Web } from './web.ts'

/** `POST /auth/token`: client credentials in the form or as Basic authentication (RFC 6749 sections 2.3.1 and 4.4). */
export function authRoutes(server: FastifyInstance, web: Web, tokens: Tokens): void {
  server.post('/auth/token', async (request, reply) => {
    void reply.header('cache-control', 'no-store')
    try {
      const form = new URLSearchParams(Buffer.isBuffer(request.body) ? request.body.toString('utf8') : '')
      if (form.get('grant_type') !== 'client_credentials')
        throw problem('invalid', 'grant_type must be client_credentials')
      const { id, secret } = credentials(request.headers.authorization, form)
      const issued = await tokens.issue(id, secret, web.clock.now().epochMilliseconds)
      return await reply.send({
        access_token: issued.token,
        token_type: 'Bearer',
        expires_in: issued.expiresIn,
        scope: issued.scope,
      })
    } catch (error) {
      if (!(error instanceof Problem)) throw error
      const unknown = error.kind === 'unauthenticated'
      if (unknown) void reply.header('www-authenticate', 'Basic')
      return reply.code(error.status).send({
        error: unknown ? 'invalid_client' : 'unsupported_grant_type',
        error_description: error.message,
      })
    }
  })
}

function credentials(authorization: string | undefined, form: URLSearchParams): { id: string; secret: string } {
  const basic = /^Basic ([A-Za-z0-9+/]+=*)$/.exec(authorization ?? '')?.[1]
  if (basic === undefined) return { id: form.get('client_id') ?? '', secret: form.get('client_secret') ?? '' }
  const [id = '', ...secret] = Buffer.from(basic, 'base64').toString('utf8').split(':')
  return { id: decodeForm(id), secret: decodeForm(secret.join(':')) }
}

/** Basic credentials are form-encoded first (RFC 6749 section 2.3.1). */
function decodeForm(text: string): string {
  return new URLSearchParams(`v=${text}`).get('v') ?? ''
}
