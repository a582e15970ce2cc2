// Server-side apply.
import { ApiError } from '../status.ts'
import type { Call, WriteResult } from '../call.ts'
import type { WriteOptions } from '../options.ts'
import type { UpdateRequest } from '../write-object.ts'

/** Applies the configuration in the body under its field manager; creates the object where it is missing. */
export async function applyObject(
  _call: Call,
  _options: WriteOptions,
  _part?: Pick<UpdateRequest, 'subresource' | 'keep'>,
): Promise<WriteResult> {
  throw new ApiError(415, 'UnsupportedMediaType', '415: Unsupported Media Type', { details: {} })
}
