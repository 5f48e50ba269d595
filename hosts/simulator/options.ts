// SPDX-License-Identifier: Apache-2.0
import { Command, CommanderError, InvalidArgumentError, Option } from "commander";
import { unixEpochOffset_s } from "../../src/clock/calendar.js";
import { longestSwitchingDelay_s, type SwitchingOrder } from "../../src/control/switching-order.js";
import { shortestClientChallenge } from "../../src/cosem/security/security-state.js";
import { afterPowerCut, type RelayOrder, relayFunction, usualRelay } from "../../src/io/relay-order.js";
import type { ApparentMethod, Summation } from "../../src/metrology/energy-registers.js";
import { type ModelName, models, type OptionName, optionBit } from "../../src/models/model.js";
import { StartError } from "./start-error.js";

/** What can be asked of the simulator, on the command line or by a test. Ports given as 0 choose a free one. */
export interface SimulatorOptions {
	readonly model: ModelName;
	/** Nominal voltage and frequency that the meter is made for; undefined: those of the model. */
	readonly nominalVoltage_V: number | undefined;
	readonly nominalFrequency_Hz: 50 | 60 | undefined;
	/** Order options that this meter is made without. */
	readonly withoutOptions: readonly OptionName[];
	/** DLMS over the TCP wrapper. */
	readonly tcp: number;
	/** Optical port as a TCP byte stream, or as a pseudo-terminal. */
	readonly optical: number | "pty";
	/**
	 * RS485 port 1 as a TCP byte stream, or as a pseudo-terminal; false for none; undefined: `usualRs485`, or any free port
	 * where that is taken. Of no effect on a meter without the option.
	 */
	readonly rs485: number | "pty" | false | undefined;
	/** Web front panel and control interface; false for none. */
	readonly panel: number | false;
	/** Bind address of every port. */
	readonly host: string;
	/** Where the non-volatile memory lives; undefined keeps it in memory only. */
	readonly data: string | undefined;
	/** Start as from the factory. */
	readonly fresh: boolean;
	/** The board has a FRAM: a hard cut of the supply costs a second of energy and not a minute. */
	readonly fram: boolean;
	/** All randomness of the simulated world and of manufacture. */
	readonly seed: number;
	/** The same bytes on every link in every run: challenges too come from the seed. Chosen by giving a seed. */
	readonly isRepeatable: boolean;
	/** Security suite the meter leaves the factory with, 0 to 2. */
	readonly suite: number;
	/** Authentication mechanism of a client by its name, where it is another than usual. */
	readonly mechanisms: { readonly [client: string]: number };
	/** System titles that are taken from a client by its name; of a client without an entry each one is. */
	readonly clientTitles: { readonly [client: string]: readonly Uint8Array[] };
	/** Octets that a client's challenge has at least, 8 to 16. */
	readonly shortestChallenge: number;
	/** The public client is not told which meter this is. */
	readonly isAnonymous: boolean;
	/** Programming mode of the optical port (mode C) was ordered. */
	readonly programming: boolean;
	/** How a new meter sums its phases up, and what apparent energy is to it; sealed at manufacture. */
	readonly sum: Summation;
	readonly apparent: ApparentMethod;
	/** What relays 1 to 3 of a new meter are ordered for; undefined: load control. */
	readonly relays: readonly RelayOrder[] | undefined;
	/** What is ordered for the switch of a new meter, and against the switching of many; undefined: nothing. */
	readonly switching: SwitchingOrder | undefined;
	/** Start of meter time, seconds since 2000-01-01T00:00:00Z; undefined continues, or takes the present time. */
	readonly clock_s: number | undefined;
	/** How fast meter time runs against real time; Infinity as fast as the machine can, 0 only when stepped. */
	readonly speed: number;
	/** How the measuring chip is simulated; a recording is always put through sample by sample. */
	readonly gear: "phasor" | "waveform";
	/** COMTRADE configuration file of a recording to put on the terminals. */
	readonly waveform: string | undefined;
	/** pcapng file for the traffic of every link. */
	readonly capture: string | undefined;
	/** One JSON line when ready, then JSON log lines, instead of text. */
	readonly json: boolean;
}

/** TCP port of RS485 port 1. */
export const usualRs485 = 4062;

export const defaultOptions: SimulatorOptions = Object.freeze({
	model: "ST402D",
	nominalVoltage_V: undefined,
	nominalFrequency_Hz: undefined,
	withoutOptions: Object.freeze([]),
	tcp: 4059,
	optical: 4061,
	rs485: undefined,
	panel: 8080,
	host: "127.0.0.1",
	data: undefined,
	fresh: false,
	fram: false,
	seed: 1,
	isRepeatable: false,
	suite: 0,
	mechanisms: Object.freeze({}),
	clientTitles: Object.freeze({}),
	shortestChallenge: shortestClientChallenge,
	isAnonymous: false,
	programming: false,
	sum: "vector",
	apparent: "rms",
	relays: undefined,
	switching: undefined,
	clock_s: undefined,
	speed: 1,
	gear: "phasor",
	waveform: undefined,
	capture: undefined,
	json: false,
});

function parsePort(text: string): number {
	const port = Number(text);
	if (!/^\d+$/.test(text) || port > 65_535) throw new InvalidArgumentError("A port is a number from 0 to 65535.");
	return port;
}

function parseVoltage(text: string): number {
	if (!/^\d+(\.\d)?$/.test(text)) throw new InvalidArgumentError("A nominal voltage is written like 230 or 127.5.");
	return Number(text);
}

function parseSerial(text: string): number | "pty" {
	return text === "pty" ? text : parsePort(text);
}

function parseSeed(text: string): number {
	const seed = Number(text);
	if (!/^\d+$/.test(text) || seed > 0xffff_ffff) throw new InvalidArgumentError("A seed is a whole number below 2^32.");
	return seed;
}

function parseClock(text: string): number {
	const unix_ms = Date.parse(text);
	if (Number.isNaN(unix_ms)) throw new InvalidArgumentError("A time is written like 2026-03-29T01:59:00Z.");
	const clock_s = Math.floor(unix_ms / 1000) - unixEpochOffset_s;
	if (clock_s < 0 || clock_s > 0xffff_ffff) throw new InvalidArgumentError("The clock runs from 2000 to 2135.");
	return clock_s;
}

function parseSpeed(text: string): number {
	if (text === "max") return Infinity;
	const speed = Number(text);
	if (text.trim() === "" || !Number.isFinite(speed) || speed < 0)
		throw new InvalidArgumentError("A speed is a factor such as 1, 60 or 0.5, or max, or 0 for stepping.");
	return speed;
}

/** Mechanisms that the factory may bind to a client: a password to the technician alone, never none (SEC-down). */
const mechanismChoices: { readonly [client: string]: readonly number[] } = {
	management: [3, 4, 5, 6, 7],
	reader: [3, 4, 5, 6, 7],
	technician: [1, 3, 4, 5, 6, 7],
	consumer: [3, 4, 5, 6, 7],
	metrology: [3, 4, 5, 6, 7],
};

function parseMechanism(text: string, before: { readonly [client: string]: number }): { [client: string]: number } {
	const [client = "", number = ""] = text.split("=");
	if (!(mechanismChoices[client]?.includes(Number(number)) && /^\d$/.test(number))) {
		throw new InvalidArgumentError("It is written like management=6; a password (1) only for the technician.");
	}
	return { ...before, [client]: Number(number) };
}

/** One more title of a client, which is then one of those that it must have. */
function parseTitle(
	text: string,
	before: { readonly [client: string]: readonly Uint8Array[] },
): { readonly [client: string]: readonly Uint8Array[] } {
	const [, client, title] = /^(\w+)=([0-9A-Fa-f]{16})$/.exec(text) ?? [];
	const isClient = client === "preEstablished" || Object.hasOwn(mechanismChoices, client ?? "");
	if (client === undefined || title === undefined || !isClient)
		throw new InvalidArgumentError("It is written like management=4D4D4D0000BC614E.");
	return { ...before, [client]: [...(before[client] ?? []), Uint8Array.from(Buffer.from(title, "hex"))] };
}

function parseShortest(text: string): number {
	const octets = Number(text);
	if (!Number.isInteger(octets) || octets < 8 || octets > 16)
		throw new InvalidArgumentError("It is a number of octets from 8 to 16.");
	return octets;
}

/** One more `NAME=off`. */
function parseOption(text: string, others: readonly OptionName[]): readonly OptionName[] {
	const name = /^(\w+)=off$/.exec(text)?.[1];
	if (name === undefined || !Object.hasOwn(optionBit, name) || name === "base")
		throw new InvalidArgumentError("An option is left out like io=off.");
	return [...others, name as OptionName];
}

const relayFunctions = {
	load: relayFunction.loadControl,
	tariff: relayFunction.tariff,
	alarm: relayFunction.alarm,
	warning: relayFunction.limiterWarning,
};

/** One more `N=FUNCTION` or `N=load/STATE`. */
function parseRelay(text: string, others: readonly RelayOrder[] | undefined): readonly RelayOrder[] {
	const [, number, name = "", state = "last"] =
		/^([123])=(load|tariff|alarm|warning)(?:\/(last|open|closed))?$/.exec(text) ?? [];
	if (number === undefined)
		throw new InvalidArgumentError("It is written like 2=tariff or 1=load/open, with load, tariff, alarm or warning.");
	const orders = [...(others ?? [usualRelay, usualRelay, usualRelay])];
	const before = orders[Number(number) - 1]!;
	if (before !== usualRelay) {
		const first = Object.entries(relayFunctions).find(([, value]) => value === before.function)![0];
		throw new InvalidArgumentError(`Relay ${number} is claimed twice: for ${first} and for ${name}.`);
	}
	orders[Number(number) - 1] = {
		...usualRelay,
		function: relayFunctions[name as keyof typeof relayFunctions],
		afterPowerCut: afterPowerCut[state as keyof typeof afterPowerCut],
	};
	return orders;
}

/** Some of `delay=SECONDS`, `confirm`, `cover` and `force`, in this order. */
function parseSwitching(text: string): SwitchingOrder {
	const pattern = /^(?=.)(?:delay=(\d{1,3})(?:,(?=.)|$))?(?:(confirm)(?:,(?=.)|$))?(?:(cover)(?:,(?=.)|$))?(force)?$/;
	const [found, delay, confirm, cover, force] = pattern.exec(text) ?? [];
	const longestDelay_s = Number(delay ?? 0);
	if (found === undefined || longestDelay_s > longestSwitchingDelay_s)
		throw new InvalidArgumentError(
			"It is written like delay=300, confirm, or delay=60,confirm,cover,force, in this order; from 0 to 300 s.",
		);
	return {
		longestDelay_s,
		needsConfirmation: confirm !== undefined,
		staysOpenUncovered: cover !== undefined,
		breaksOverload: force !== undefined,
	};
}

function parseText(text: string): string {
	if (text === "") throw new InvalidArgumentError("It must not be empty.");
	return text;
}

function command(): Command {
	return new Command("sx402")
		.description("A smart electricity meter one can read, with a household behind it.")
		.addOption(
			new Option("--model <name>", "model to start").choices(models.map((model) => model.name)).default("ST402D"),
		)
		.addOption(
			new Option("--voltage <volts>", "nominal voltage between line and neutral, 110 to 230")
				.argParser(parseVoltage)
				.default(undefined, "230"),
		)
		.addOption(new Option("--frequency <hertz>", "nominal frequency (default: 50)").choices(["50", "60"]))
		.addOption(
			new Option("--option <name=off>", "make the meter without an order option; may be repeated")
				.argParser(parseOption)
				.default(defaultOptions.withoutOptions, "all that the model has"),
		)
		.addOption(new Option("--tcp <port>", "DLMS over TCP wrapper").argParser(parsePort).default(defaultOptions.tcp))
		.addOption(
			new Option("--optical <port>", "optical port as a TCP byte stream, or pty for a pseudo-terminal")
				.argParser(parseSerial)
				.default(defaultOptions.optical),
		)
		.addOption(
			new Option("--rs485 <port>", "RS485 port 1 (HDLC) as a TCP byte stream, or pty for a pseudo-terminal")
				.argParser(parseSerial)
				.default(undefined, `${usualRs485}, or any free port where that is taken`),
		)
		.addOption(new Option("--panel <port>", "web front panel").argParser(parsePort).default(8080))
		.addOption(new Option("--no-panel", "no web front panel"))
		.addOption(new Option("--host <address>", "bind address").argParser(parseText).default(defaultOptions.host))
		.addOption(
			new Option("--data <folder>", "folder of the non-volatile memory (default: .meter/<model>)").argParser(parseText),
		)
		.addOption(new Option("--fresh", "start as from the factory").default(false))
		.addOption(
			new Option(
				"--fram",
				"a board with FRAM: a hard cut of the supply costs a second of energy, not a minute",
			).default(false),
		)
		.addOption(new Option("--seed <number>", "source of all randomness").argParser(parseSeed).default(1))
		.addOption(
			new Option("--suite <number>", "security suite as from the factory").choices(["0", "1", "2"]).default("0"),
		)
		.addOption(
			new Option("--mechanism <client=number>", "authentication mechanism of a client, repeatable")
				.argParser(parseMechanism)
				.default({}, "5, or 7 for management and metrology in suites 1 and 2"),
		)
		.addOption(
			new Option("--client-title <client=title>", "a system title that the client may have, repeatable")
				.argParser(parseTitle)
				.default({}, "any"),
		)
		.addOption(
			new Option("--shortest-challenge <octets>", "least length of a client's challenge")
				.argParser(parseShortest)
				.default(8),
		)
		.addOption(new Option("--anonymous", "the public client is not told which meter this is").default(false))
		.addOption(
			new Option("--programming", "programming mode of the optical port (mode C), once its password is set").default(
				false,
			),
		)
		.addOption(
			new Option("--sum <way>", "three-phase totals of a new meter: by the sign of the sum, or of each phase")
				.choices(["vector", "arithmetic"])
				.default(defaultOptions.sum),
		)
		.addOption(
			new Option("--apparent <way>", "apparent energy of a new meter: sum of U·I, or root of P² + Q²")
				.choices(["rms", "vectorial"])
				.default(defaultOptions.apparent),
		)
		.addOption(
			new Option("--relay <n=function>", "what relay n of a new meter is ordered for; may be repeated")
				.argParser(parseRelay)
				.default(undefined, "load control, as before the power cut"),
		)
		.addOption(
			new Option(
				"--switching <order>",
				"a new meter reconnects by itself after a random delay (delay=SECONDS), asks for a disconnection by script twice (confirm), stays open while the terminal cover is open (cover), opens above Imax too (force)",
			)
				.argParser(parseSwitching)
				.default(undefined, "none of these"),
		)
		.addOption(new Option("--clock <time>", "start of meter time, ISO 8601 (default: now)").argParser(parseClock))
		.addOption(
			new Option("--speed <factor>", "how fast meter time runs: a factor, max, or 0 for stepping")
				.argParser(parseSpeed)
				.default(1),
		)
		.addOption(
			new Option("--gear <name>", "measuring chip by phasors (fast), or sample by sample with filters and noise")
				.choices(["phasor", "waveform"])
				.default(defaultOptions.gear),
		)
		.addOption(new Option("--waveform <file>", "COMTRADE .cfg looped on the terminals").argParser(parseText))
		.addOption(
			new Option("--capture <file>", "pcapng file of the traffic of every link, for Wireshark").argParser(parseText),
		)
		.addOption(new Option("--json", "print JSON lines instead of text").default(false))
		.allowExcessArguments(false)
		.exitOverride()
		.configureOutput({ writeErr: () => undefined });
}

/**
 * Reads a command line (without the program's name).
 *
 * @returns undefined when help was asked for and has been printed
 * @throws StartError with one clear line for anything that is not understood
 */
export function parseCommandLine(line: readonly string[]): SimulatorOptions | undefined {
	const program = command();
	try {
		program.parse(line, { from: "user" });
	} catch (error) {
		if (!(error instanceof CommanderError)) throw error;
		if (error.exitCode === 0) return undefined;
		throw new StartError(`${error.message.replace(/^error: /, "").replaceAll("\n", " ")} (see --help)`);
	}
	const given = program.opts();
	return {
		model: given["model"],
		nominalVoltage_V: given["voltage"],
		nominalFrequency_Hz: given["frequency"] === undefined ? undefined : given["frequency"] === "60" ? 60 : 50,
		withoutOptions: given["option"],
		tcp: given["tcp"],
		optical: given["optical"],
		rs485: given["rs485"],
		panel: given["panel"],
		host: given["host"],
		data: given["data"] ?? `.meter/${given["model"]}`,
		fresh: given["fresh"],
		fram: given["fram"],
		seed: given["seed"],
		suite: Number(given["suite"]),
		mechanisms: given["mechanism"],
		clientTitles: given["clientTitle"],
		shortestChallenge: given["shortestChallenge"],
		isAnonymous: given["anonymous"],
		programming: given["programming"],
		isRepeatable: program.getOptionValueSource("seed") === "cli",
		sum: given["sum"],
		apparent: given["apparent"],
		relays: given["relay"],
		switching: given["switching"],
		clock_s: given["clock"],
		speed: given["speed"],
		gear: given["gear"],
		waveform: given["waveform"],
		capture: given["capture"],
		json: given["json"],
	};
}
