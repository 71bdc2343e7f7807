import type { Migration } from './migration.ts'

/**
 * Terminology: large code systems loaded from release files, closure tables that clients keep, and how often stored
 * definitions changed. None of it belongs to a person: all of it is small beside the record and is replicated everywhere.
 */
export const terminology: Migration = {
  number: 5,
  name: 'terminology',
  statements: [
    // A process compares these counts before it answers from definitions that it keeps in memory.
    'create table definition_change (rtype int2 primary key, count int8 not null)',
    // One load of one code system. `current` serves; `loading` goes on where it stopped; `old` is being removed.
    `create table term_release (release int4 primary key, system text not null, version text not null, name text not null,
      state text not null, checksum text not null, step int4 not null, done int8 not null, concepts int4 not null,
      started timestamptz not null, finished timestamptz)`,
    'create index term_release_system on term_release (system, state)',
    // `n` numbers the concepts of all releases; the other tables refer to it.
    `create table term_concept (n int4 primary key, release int4 not null, code text collate "C" not null, display text not null,
      definition text, active bool not null, abstract bool not null)`,
    'create unique index term_concept_code on term_concept (release, code)',
    // `words` are the normalised words of the term, for search by their beginnings.
    `create table term_designation (concept int4 not null, release int4 not null, code text collate "C" not null,
      language text not null, use text not null, value text not null, length int4 not null, preferred bool not null,
      words tsvector not null)`,
    'create index term_designation_concept on term_designation (concept)',
    'create index term_designation_words on term_designation using gin (words)',
    'create table term_edge (child int4 not null, parent int4 not null, release int4 not null, primary key (child, parent))',
    'create index term_edge_parent on term_edge (parent)',
    'create index term_edge_release on term_edge (release)',
    // The transitive closure: all that a concept is, by number. One row a concept keeps a SNOMED CT edition in some 100 MB.
    'create table term_closure (concept int4 primary key, release int4 not null, ancestors int4[] not null)',
    'create index term_closure_ancestors on term_closure using gin (ancestors)',
    'create index term_closure_release on term_closure (release)',
    // `target` is set where the value is a concept of the same release; `part` groups the attributes of one role group.
    `create table term_property (concept int4 not null, release int4 not null, property text collate "C" not null,
      kind text not null, value text collate "C" not null, target int4, part int4 not null)`,
    'create index term_property_concept on term_property (concept, property)',
    'create index term_property_target on term_property (target, property)',
    'create index term_property_value on term_property (release, property, value)',
    'create table term_member (refset int4 not null, member int4 not null, release int4 not null, primary key (refset, member))',
    'create index term_member_member on term_member (member)',
    'create index term_member_release on term_member (release)',
    // What one file of a release says and another needs; emptied at the end of a load.
    'create table term_stage (release int4 not null, key text collate "C" not null, value int4 not null)',
    'create index term_stage_key on term_stage (release, key)',
    // Closure tables of clients ($closure): what a client asked about, and which of it subsumes which, by version.
    `create table closure_name (owner text not null, name text not null, version int4 not null, primary key (owner, name))`,
    `create table closure_concept (owner text not null, name text not null, system text not null, code text not null,
      primary key (owner, name, system, code))`,
    `create table closure_pair (owner text not null, name text not null, version int4 not null, system text not null,
      below text not null, above text not null, primary key (owner, name, system, below, above))`,
  ],
}
