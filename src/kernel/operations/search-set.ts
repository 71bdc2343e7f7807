import type { Found } from '../search/search.ts'

/** A searchset Bundle of stored resources, each as it is stored unless `text` says otherwise. */
export function searchSetText(
  base: string,
  self: string,
  found: readonly Found[],
  text: (found: Found) => string = ({ body }) => body,
): string {
  const entries = found.map(
    (each) => `{"fullUrl":"${base}/${each.type}/${each.id}","resource":${text(each)},"search":{"mode":"match"}}`,
  )
  const link = JSON.stringify([{ relation: 'self', url: self }])
  const entry = entries.length === 0 ? '' : `,"entry":[${entries.join(',')}]`
  return `{"resourceType":"Bundle","type":"searchset","total":${found.length},"link":${link}${entry}}`
}
