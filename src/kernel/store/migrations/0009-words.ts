import type { Migration } from './migration.ts'

/** Words of current rows, read from the feed after the write: `_text`, `_content` and what codes are called. */
export const words: Migration = {
  number: 9,
  name: 'words',
  statements: [
    `create table res_words (person int8 not null, rtype int2 not null, id text collate "C" not null, ver int4 not null,
      words tsvector not null, primary key (person, rtype, id))`,
    'create index res_words_id on res_words (rtype, id)',
    'create index res_words_word on res_words using gin (words)',
  ],
}
