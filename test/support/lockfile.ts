/** A package as package-lock.json has it. */
export interface LockedPackage {
  readonly version?: string
  readonly dev?: boolean
  readonly optional?: boolean
  readonly os?: readonly string[]
  readonly cpu?: readonly string[]
  readonly libc?: readonly string[]
  readonly optionalDependencies?: Readonly<Record<string, string>>
}

/** What is read of package-lock.json; everything else is kept as it is. */
export interface Lockfile {
  readonly packages: Readonly<Record<string, LockedPackage>>
}

/** Optional dependencies that the lockfile names and does not hold. */
export function missingOptional({ packages }: Lockfile): readonly { name: string; version: string; dev: boolean }[] {
  return Object.entries(packages).flatMap(([path, { optionalDependencies = {}, dev = false }]) =>
    Object.entries(optionalDependencies)
      .filter(
        ([name]) =>
          packages[`node_modules/${name}`] === undefined && packages[`${path}/node_modules/${name}`] === undefined,
      )
      .map(([name, version]) => ({ name, version, dev })),
  )
}
