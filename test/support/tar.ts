// Plain tars of files and symbolic links, for tests.

export interface TarFile {
  readonly name: string
  readonly content?: string
  /** Where a symbolic link leads. */
  readonly link?: string
}

const BLOCK = 512

/** A tar of these entries, in order. */
export function tarOf(files: readonly TarFile[]): Buffer {
  return Buffer.concat([...files.flatMap(blocksOf), Buffer.alloc(2 * BLOCK)])
}

/** Longer names and targets stand in a header of their own, as GNU tar writes them. */
function blocksOf({ name, content = '', link }: TarFile): readonly Buffer[] {
  if (name.length > 100)
    return [...longBlocks('L', name), ...blocksOf({ name: 'long', content, ...(link === undefined ? {} : { link }) })]
  if (link !== undefined && link.length > 100) return [...longBlocks('K', link), ...blocksOf({ name, link: 'long' })]

  const bytes = Buffer.from(content)
  const header = Buffer.alloc(BLOCK)
  header.write(name, 0)
  header.write('0000644\0', 100)
  header.write(`${bytes.length.toString(8).padStart(11, '0')}\0`, 124)
  header.write(`${link === undefined ? '0' : '2'}${link ?? ''}`, 156)
  header.write('ustar\u000000', 257)
  return [header, bytes, Buffer.alloc((BLOCK - (bytes.length % BLOCK)) % BLOCK)]
}

function longBlocks(type: 'L' | 'K', text: string): readonly Buffer[] {
  const [header = Buffer.alloc(0), ...rest] = blocksOf({ name: '././@LongLink', content: `${text}\0` })
  header.write(type, 156)
  return [header, ...rest]
}
