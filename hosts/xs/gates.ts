// SPDX-License-Identifier: Apache-2.0
import { deepFreeze } from "../../src/core/deep-freeze.js";

/** A figure that must not grow beyond a limit. */
export interface Gate {
	readonly figure: string;
	/** Absolute, or a share of the machine's slots or chunk octets. */
	readonly atMost: number | { readonly shareOf: "slots" | "chunks" | "stack"; readonly share: number };
}

/** One scenario: the module `hosts/xs/src/<name>.ts`, run on a machine of its own. */
export interface Scenario {
	readonly name: string;
	/**
	 * What stands in flash: "application" the manifest's preload list and the scenario, "scenario" only the scenario and
	 * what it imports, "nothing" the built-ins alone (for libraries that write to module-level buffers).
	 */
	readonly preload: "application" | "scenario" | "nothing";
	/** Run under node as well; every printed line must be the same. */
	readonly isParity?: boolean;
	readonly flashSectors?: number;
	/** More memory than the board has: for reference implementations that never run there. */
	readonly isAmple?: boolean;
	/** The machine must abort for this reason: such scenarios prove that a limit is one. */
	readonly expectedAbort?: string;
	readonly gates: readonly Gate[];
}

/** Computrons of one turn of the event loop; a longer one would lose input of a serial port. */
export const turnLimit_computrons = 40_000;
/** Computrons per second of meter time. */
export const meteringLimit_computrons = 200_000;
/** The second in which profiles, tariff and billing period end together (docs/decisions/0016). */
const busiestSecond_computrons = 320_000;

/** The booted meter and a ciphered association reading a profile, after garbage collection. */
export const bootShare = 0.6;
export const associationShare = 0.75;

/** A stack that overflows ends the machine; the board's own frames come on top (docs/decisions/0010). */
const deepestStack: Gate = { figure: "peak.stack", atMost: { shareOf: "stack", share: 0.9 } };

/** Names that arise at run time stay in the machine for good: no input may make one. */
const noNewNames: Gate = { figure: "keys", atMost: 0 };

export const scenarios: readonly Scenario[] = deepFreeze([
	{
		// the empty machine: what the engine itself takes
		name: "baseline",
		preload: "nothing",
		gates: [
			{ figure: "end.slots", atMost: 64 },
			{ figure: "end.chunks", atMost: 256 },
		],
	},
	{
		// every module of the application in flash costs next to nothing: tables are frozen, state is made at run time
		name: "preloaded",
		preload: "application",
		gates: [
			{ figure: "end.slots", atMost: 64 },
			{ figure: "end.chunks", atMost: 256 },
			{ figure: "flash.writable", atMost: 200 },
		],
	},
	{
		name: "boot",
		preload: "application",
		flashSectors: 2048,
		gates: [
			{ figure: "boot.slots", atMost: { shareOf: "slots", share: bootShare } },
			{ figure: "boot.chunks", atMost: { shareOf: "chunks", share: bootShare } },
		],
	},
	{
		name: "metrology",
		preload: "application",
		flashSectors: 2048,
		gates: [
			{ figure: "metered second.largest", atMost: meteringLimit_computrons },
			{ figure: "metering.slots", atMost: { shareOf: "slots", share: bootShare } },
			{ figure: "metering.chunks", atMost: { shareOf: "chunks", share: bootShare } },
		],
	},
	{
		// the same with FRAM, which takes registers, demand and clock each second
		name: "fram",
		preload: "application",
		flashSectors: 2048,
		gates: [
			{ figure: "boot.slots", atMost: { shareOf: "slots", share: bootShare } },
			{ figure: "metered second.largest", atMost: meteringLimit_computrons },
			{ figure: "metering.slots", atMost: { shareOf: "slots", share: bootShare } },
			{ figure: "metering.chunks", atMost: { shareOf: "chunks", share: bootShare } },
		],
	},
	{
		name: "association",
		preload: "application",
		flashSectors: 2048,
		gates: [
			{ figure: "reading request.largest", atMost: turnLimit_computrons },
			{ figure: "writing request.largest", atMost: turnLimit_computrons },
			{ figure: "association.slots", atMost: { shareOf: "slots", share: associationShare } },
			{ figure: "association.chunks", atMost: { shareOf: "chunks", share: associationShare } },
		],
	},
	{
		// eight ciphered associations at once, the object list and the load profile by range read in one of them
		name: "crowd",
		preload: "application",
		flashSectors: 2048,
		gates: [
			{ figure: "reading request.largest", atMost: turnLimit_computrons },
			{ figure: "writing request.largest", atMost: turnLimit_computrons },
			{ figure: "crowd.slots", atMost: { shareOf: "slots", share: associationShare } },
			{ figure: "crowd.chunks", atMost: { shareOf: "chunks", share: associationShare } },
			deepestStack,
			noNewNames,
		],
	},
	{
		// a day with four load profiles, events and the turn of the month, at the seconds where everything comes due
		name: "day",
		preload: "application",
		flashSectors: 2048,
		gates: [
			// twelve seconds with everything that comes due at a full hour keep the rate; the second itself takes what it takes
			{ figure: "around the hour.largest", atMost: 12 * meteringLimit_computrons },
			{ figure: "second.largest", atMost: busiestSecond_computrons },
			{ figure: "event.largest", atMost: turnLimit_computrons },
			{ figure: "tariff.largest", atMost: turnLimit_computrons },
			{ figure: "day.slots", atMost: { shareOf: "slots", share: associationShare } },
			{ figure: "day.chunks", atMost: { shareOf: "chunks", share: associationShare } },
			deepestStack,
			noNewNames,
		],
	},
	{
		// hostile messages cost no more than others, and leave nothing behind
		name: "fuzz",
		preload: "application",
		flashSectors: 2048,
		gates: [{ figure: "message.largest", atMost: turnLimit_computrons }, deepestStack, noNewNames],
	},
	{
		// the same on the links, and inside genuine protection
		name: "fuzz-links",
		preload: "application",
		flashSectors: 2048,
		gates: [{ figure: "reading request.largest", atMost: turnLimit_computrons }, deepestStack, noNewNames],
	},
	{
		// each attribute of each object is read, and written back: what takes more than a turn is stored as a whole (docs/decisions/0050)
		name: "sweep",
		preload: "application",
		flashSectors: 2048,
		gates: [{ figure: "long readings", atMost: 0 }, { figure: "long writings", atMost: 0 }, deepestStack, noNewNames],
	},
	{
		// the longest values that the meter takes, and the longest lists
		name: "long-writings",
		preload: "application",
		flashSectors: 2048,
		gates: [{ figure: "writing request.largest", atMost: turnLimit_computrons }, deepestStack, noNewNames],
	},
	{
		// every method and script over the deepest of the links; some of them are one step, whatever it takes (docs/decisions/0052)
		name: "methods",
		preload: "application",
		flashSectors: 2048,
		gates: [
			{ figure: "long turns", atMost: 11 },
			{ figure: "writing request.largest", atMost: 100_000 },
			deepestStack,
			noNewNames,
		],
	},
	{
		// the same without turns of their own: so is a request that another one ends
		name: "methods-at-once",
		preload: "application",
		flashSectors: 2048,
		gates: [deepestStack, noNewNames],
	},
	{
		// a profile of sort method 3 with as many entries as the board sorts (docs/decisions/0051)
		name: "sorted-profile",
		preload: "application",
		flashSectors: 16,
		gates: [
			{ figure: "capture.largest", atMost: turnLimit_computrons },
			{ figure: "range.largest", atMost: turnLimit_computrons },
		],
	},
	{ name: "flash-semantics", preload: "scenario", flashSectors: 2, gates: [] },
	{ name: "memory-limit", preload: "scenario", expectedAbort: "memory full", gates: [] },
	{ name: "core-vectors", preload: "application", isParity: true, gates: [] },
	{
		// blocks of 4 cycles, 6 channels, harmonics to order 40: the same bits as under node, in short turns
		name: "waveform-block",
		preload: "application",
		isParity: true,
		gates: [
			{ figure: "turn.largest", atMost: turnLimit_computrons },
			{ figure: "block.computrons", atMost: 380_000 },
		],
	},
	{
		name: "scheduler",
		preload: "application",
		gates: [{ figure: "idle turn.largest", atMost: 1000 }],
	},
	{
		// what is offered as a password takes the same number of byte codes wherever it begins to differ (SEC-ct)
		name: "constant-time",
		preload: "application",
		flashSectors: 2048,
		gates: [],
	},
	// the same for tags in the reference cipher
	{ name: "constant-time-tags", preload: "nothing", isAmple: true, gates: [] },
	// @noble keeps half a megabyte of tables of AES and of the curves
	{ name: "cipher-vectors", preload: "nothing", isParity: true, isAmple: true, gates: [] },
]);
