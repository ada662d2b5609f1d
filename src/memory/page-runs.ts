// Blocks of 64 KiB to 1 MiB: runs of 4 KiB pages in chunks of 256 pages.
//
// One byte a page says whether it is taken. For each chunk the length of its longest free run is
// kept (an upper bound, made exact when a search in the chunk fails), so that a search touches only
// chunks that can serve it.

export const chunkBytes = 1 << 20;
export const pageBytes = 4096;
const pagesPerChunk = chunkBytes / pageBytes;
const unitsPerPage = pageBytes / 16;

interface RunChunk {
  readonly chunk: number;
  readonly taken: Uint8Array;
  freePages: number;
  longestRun: number;
}

export class PageRuns {
  readonly #chunks: RunChunk[] = [];
  readonly #byNumber = new Map<number, RunChunk>();
  readonly #addChunk: () => number;
  readonly #dropChunk: (chunk: number) => void;

  constructor(addChunk: () => number, dropChunk: (chunk: number) => void) {
    this.#addChunk = addChunk;
    this.#dropChunk = dropChunk;
  }

  /** The ref of a run of `pages` pages, 1 to 256. */
  allocate(pages: number): number {
    for (const candidate of this.#chunks) {
      if (candidate.longestRun < pages) continue;
      const page = findRun(candidate.taken, pages);
      if (page >= 0) return take(candidate, page, pages);
      candidate.longestRun = longestRun(candidate.taken);
    }
    const added: RunChunk = {
      chunk: this.#addChunk(),
      taken: new Uint8Array(pagesPerChunk),
      freePages: pagesPerChunk,
      longestRun: pagesPerChunk,
    };
    this.#chunks.push(added);
    this.#byNumber.set(added.chunk, added);
    return take(added, 0, pages);
  }

  free(ref: number, pages: number): void {
    const chunk = this.#byNumber.get(ref >>> 16)!;
    const page = (ref & 0xffff) / unitsPerPage;
    chunk.taken.fill(0, page, page + pages);
    chunk.freePages += pages;
    chunk.longestRun = longestRun(chunk.taken);
    if (chunk.freePages < pagesPerChunk) return;
    this.#chunks.splice(this.#chunks.indexOf(chunk), 1);
    this.#byNumber.delete(chunk.chunk);
    this.#dropChunk(chunk.chunk);
  }
}

function take(chunk: RunChunk, page: number, pages: number): number {
  chunk.taken.fill(1, page, page + pages);
  chunk.freePages -= pages;
  return (chunk.chunk << 16) | (page * unitsPerPage) | 0;
}

/** First page of the first free run that is long enough; -1 when there is none. */
function findRun(taken: Uint8Array, pages: number): number {
  let run = 0;
  for (let page = 0; page < pagesPerChunk; page++) {
    run = taken[page] === 0 ? run + 1 : 0;
    if (run === pages) return page - pages + 1;
  }
  return -1;
}

function longestRun(taken: Uint8Array): number {
  let longest = 0;
  let run = 0;
  for (let page = 0; page < pagesPerChunk; page++) {
    run = taken[page] === 0 ? run + 1 : 0;
    if (run > longest) longest = run;
  }
  return longest;
}
