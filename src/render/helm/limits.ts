// The limits of charts and their renderings, each with its reason.

/** Bytes of one file of a chart (helm v4.2.1 archive.MaxDecompressedFileSize). */
export const MAX_CHART_FILE_BYTES: number = 5 * 1024 * 1024

/** Bytes of a chart archive when unpacked (helm v4.2.1 archive.MaxDecompressedChartSize). */
export const MAX_ARCHIVE_BYTES: number = 100 * 1024 * 1024

/** Files of one chart with its subcharts: large umbrella charts have about 3,000. */
export const MAX_CHART_FILES = 20_000

/** Folders in folders: only a hostile tree is deeper. */
export const MAX_FOLDER_DEPTH = 100

/** Charts in charts: umbrella charts use three levels. */
export const MAX_CHART_DEPTH = 20

/** Bytes of one values file. */
export const MAX_VALUES_BYTES: number = 5 * 1024 * 1024

/** Tables in tables of values; what is deeper takes stack at every copy. */
export const MAX_VALUES_DEPTH = 100

/** Characters one template file may render to. */
export const MAX_FILE_OUTPUT_LENGTH: number = 16 * 1024 * 1024

/** Runs of `include` of one name inside each other (helm v4.2.1 recursionMaxNums); JavaScript's stack may end before, in an error too. */
export const MAX_INCLUDE_DEPTH = 1000

/** Runs of `tpl` inside each other: charts use two, and each takes JavaScript's stack. */
export const MAX_TPL_DEPTH = 100

/** The largest index in a `--set` list (helm v4.2.1 strvals.MaxIndex). */
export const MAX_LIST_INDEX = 65_536

/** Tables and lists in each other in one `--set` name (helm v4.2.1 strvals.MaxNestedNameLevel). */
export const MAX_NAME_LEVELS = 30

/** Characters of templates kept parsed between renderings. */
export const MAX_CACHED_TEMPLATE_LENGTH: number = 32 * 1024 * 1024

/** Steps of checking values against one schema; generous, but `$ref` in `$ref` can multiply. */
export const MAX_SCHEMA_STEPS = 200_000

/** Schemas in schemas while values are checked: `$ref` may lead back to where it came from. */
export const MAX_SCHEMA_DEPTH = 500
