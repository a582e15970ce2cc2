// A revision's files as a renderer sees them: read by path, known by content id, never checked out.

export interface TreeEntry {
  readonly name: string
  readonly type: 'file' | 'directory' | 'symlink' | 'submodule'
  /** Content id: equal ids mean equal bytes (Git object id, or a digest for other sources). */
  readonly id: string
  /** Git's mode 100755. */
  readonly isExecutable?: true
}

/** An immutable tree of files. Paths are relative, `/`-separated, without `.` or `..`; the root is the empty string. */
export interface FileTree {
  /** What this tree is: a commit id, a chart digest, an OCI digest. */
  readonly revision: string
  /** Content and id of a file, symbolic links inside the tree followed; undefined where there is none. Throws `bad-input` for a link that leaves the tree. */
  readFile(path: string, signal?: AbortSignal): Promise<{ readonly id: string; readonly bytes: Uint8Array } | undefined>
  /** Entries of a directory sorted by name, undefined where there is no directory. */
  readDirectory(path: string, signal?: AbortSignal): Promise<readonly TreeEntry[] | undefined>
}
