// The manifest on the disk: read at the start, replaced at one stroke whenever it changes; and the
// move of an append-only file of Redis before 7, a single file in the working directory, into the
// directory where its successors live.
import type { AofManifest } from "./aof-manifest.ts";
import { emptyManifest, formatManifest, parseManifest } from "./aof-manifest.ts";
import type { Disk, DiskFile } from "./disk.ts";
import { writeAll } from "./file-sink.ts";

/** Where the append-only file is. */
export interface AofPlace {
  /** The server's working directory: `.` when paths are relative to it. */
  readonly workingDirectory: string;
  /** `appenddirname`, a name in the working directory. */
  readonly directoryName: string;
  /** `appendfilename`, with which the names of all its files begin. */
  readonly fileName: string;
}

export function aofDirectory({ workingDirectory, directoryName }: AofPlace): string {
  return `${workingDirectory}/${directoryName}`;
}

export function aofPath(place: AofPlace, name: string): string {
  return `${aofDirectory(place)}/${name}`;
}

export function manifestPath(place: AofPlace): string {
  return aofPath(place, `${place.fileName}.manifest`);
}

/** The manifest, or undefined when there is none. Throws `ManifestError` and `DiskError`. */
export function loadManifest(disk: Disk, place: AofPlace): AofManifest | undefined {
  const path = manifestPath(place);
  if (!disk.exists(path)) return undefined;
  return parseManifest(readWhole(disk, path));
}

/** A small file's bytes. Throws a `DiskError`. */
export function readWhole(disk: Disk, path: string): Uint8Array {
  const file = disk.open(path, "read");
  try {
    const bytes = new Uint8Array(file.size());
    let filled = 0;
    while (filled < bytes.length) {
      const count = file.read(bytes, filled, bytes.length - filled, filled);
      if (count === 0) break;
      filled += count;
    }
    return bytes.subarray(0, filled);
  } finally {
    file.close();
  }
}

/** Replaces the manifest; when this returns it is safe. Throws a `DiskError`. */
export function saveManifest(disk: Disk, place: AofPlace, manifest: AofManifest): void {
  const path = manifestPath(place);
  const temporary = aofPath(place, `temp-${place.fileName}.manifest`);
  const file: DiskFile = disk.open(temporary, "create");
  try {
    writeAll(file, formatManifest(manifest));
    file.sync();
  } finally {
    file.close();
  }
  disk.rename(temporary, path);
  disk.syncDirectory(aofDirectory(place));
}

/**
 * Makes an old append-only file in the working directory the base of a manifest, and moves it into
 * the directory, if there is one that no manifest knows; returns the manifest then in force and
 * whether anything was moved. Can be done again after a crash in the middle. Throws a `DiskError`.
 */
export function upgradeOldAof(
  disk: Disk,
  place: AofPlace,
  found: AofManifest | undefined,
): { manifest: AofManifest; isMoved: boolean } {
  const manifest = found ?? emptyManifest();
  const { workingDirectory, fileName } = place;
  const oldPath = `${workingDirectory}/${fileName}`;
  const newPath = aofPath(place, fileName);
  const hasOnlyBase = manifest.incrementals.length === 0;
  const isUnknown = hasOnlyBase && manifest.base === undefined;
  const isHalfMoved = hasOnlyBase && manifest.base?.name === fileName && !disk.exists(newPath);
  if (!disk.exists(oldPath) || !(isUnknown || isHalfMoved)) return { manifest, isMoved: false };
  disk.makeDirectory(aofDirectory(place));
  disk.syncDirectory(workingDirectory);
  manifest.base = { name: fileName, sequence: 1 };
  saveManifest(disk, place, manifest);
  disk.rename(oldPath, newPath);
  disk.syncDirectory(aofDirectory(place));
  disk.syncDirectory(workingDirectory);
  return { manifest, isMoved: true };
}
