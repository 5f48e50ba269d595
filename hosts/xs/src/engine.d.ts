// SPDX-License-Identifier: Apache-2.0
// What the engine program offers to scripts. All of it keeps its state outside the JavaScript heap. None of it may be
// called while modules are preloaded, that is at module level.

/** Writes a line to the output. Output of parity scenarios is compared, octet for octet, with that under node. */
declare function print(...items: readonly (string | number | boolean | bigint)[]): void;
/** Writes a line: the label, a space, the octets in hex. */
declare function dump(label: string, bytes: Uint8Array): void;
/** States a fact that must hold. Titles read like those of tests and carry the ids of the requirements they prove. */
declare function check(title: string, holds: boolean): void;
/** Reports a number under a name that the table of gates may limit. */
declare function figure(name: string, value: number): void;

/** Byte codes executed since the scenario began. Deterministic, and the same for every pointer width. */
declare function computrons(): number;
/** Computrons between the two calls are summed under `name`: figures `name.count`, `.computrons` (sum), `.largest`. */
declare function beginSpan(name: string): void;
declare function endSpan(name: string): void;

declare function collectGarbage(): void;
/** Heap as it is now, garbage included: slots (of 16 octets on the board), octets of chunks, peaks, aliases, keys. */
declare function heap(reading: "slots" | "chunks" | "peakSlots" | "peakChunks" | "aliases" | "keys"): number;
/** Collects garbage and reports what is alive as figures `point.slots` and `point.chunks`. */
declare function reading(point: string): void;

/** NOR flash in C memory, all ones at first; sectors of 4096 octets. Addresses outside throw RangeError. */
declare function flashSectors(): number;
declare function flashRead(address: number, into: Uint8Array): void;
declare function flashProgram(address: number, bytes: Uint8Array): void;
declare function flashErase(sector: number): void;

/**
 * Asks the runner (runner-service.ts) to do what native code does on the board.
 * @param operation one of `runnerOperation`
 * @param buffers inputs and outputs, at most 65,535 octets each; the runner may replace the content of any of them
 * @returns status, 0..255
 */
declare function callRunner(operation: number, ...buffers: readonly Uint8Array[]): number;
