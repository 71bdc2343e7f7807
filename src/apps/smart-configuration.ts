/**
 * What SMART App Launch calls its configuration, as far as there is something to tell: back-end systems get tokens with a
 * secret. Launching apps, and with it an authorisation endpoint, is not named because it is not there.
 */
export const smartConfiguration = (origin: string) => ({
  token_endpoint: `${origin}/auth/token`,
  grant_types_supported: ['client_credentials'],
  token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post'],
  scopes_supported: ['system/*.cruds'],
  response_types_supported: [],
  capabilities: ['permission-v2'],
})
