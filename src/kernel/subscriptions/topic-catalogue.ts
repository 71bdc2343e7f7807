import type { Database } from '../store/database.ts'
import { builtInTopics, type Topic } from './topics.ts'

/** Every topic there is, by URL. */
export async function topicsOf(_database: Database): Promise<ReadonlyMap<string, Topic>> {
  return new Map(builtInTopics.map((topic) => [topic.url, topic]))
}
