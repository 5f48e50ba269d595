// SPDX-License-Identifier: Apache-2.0
import { resolve } from "node:path";
import { unixEpochOffset_s } from "../../src/clock/calendar.js";
import {
	withoutOptions as leftOptions,
	type ModelDescriptor,
	models,
	optionBit,
	ratingsFault,
} from "../../src/models/model.js";
import type { Clock } from "../../src/ports/clock.js";
import type { Flash } from "../../src/ports/flash.js";
import type { Fram } from "../../src/ports/fram.js";
import type { Log } from "../../src/ports/log.js";
import { flashLayout } from "../../src/storage/layout.js";
import { Capture } from "./capture/capture.js";
import { DataFolder, NotingFlash } from "./data-folder.js";
import { ComtradeError } from "./grid/comtrade-error.js";
import { Grid } from "./grid/grid.js";
import { Household } from "./grid/household.js";
import { Recording } from "./grid/recording.js";
import { manufacture, packageVersion } from "./identity.js";
import { LinkTimers } from "./link-timers.js";
import { ListenError } from "./links/listen-error.js";
import { SimulatorOutlet } from "./links/simulator-outlet.js";
import { type Links, openLinks } from "./open-links.js";
import { defaultOptions, type SimulatorOptions } from "./options.js";
import { Pacer, realClock } from "./pacer.js";
import { createPanel, type Panel } from "./panel/panel.js";
import { SeededRandom } from "./random.js";
import { wallClock_s } from "./rtc.js";
import { SimulatedInstrument } from "./simulated-instrument.js";
import { SimulatedMeter } from "./simulated-meter.js";
import { StartError } from "./start-error.js";
import { FileFlash } from "./storage/file-flash.js";
import { FileFram } from "./storage/file-fram.js";
import { MemoryFlash } from "./storage/memory-flash.js";
import { MemoryFram } from "./storage/memory-fram.js";
import { StorageError } from "./storage/storage-error.js";
import { systemRandom } from "./system-random.js";

/** A meter that runs, and where to reach it. */
export interface Simulator {
	readonly options: SimulatorOptions;
	readonly simulated: SimulatedMeter;
	readonly pacer: Pacer;
	readonly tcp: number;
	readonly optical: number;
	/** Device file of the optical port where it is a pseudo-terminal. */
	readonly opticalTerminal: string | undefined;
	/** Undefined without RS485. */
	readonly rs485: number | undefined;
	readonly rs485Terminal: string | undefined;
	/** Undefined without panel. */
	readonly panel: number | undefined;
	/** Needed by every control request when the panel is bound to more than this machine. */
	readonly panelToken: string | undefined;
	readonly systemTitle: string;
	readonly logicalDeviceName: string;
	/** Commits everything, closes every port, gives the data folder back. */
	close(): Promise<void>;
}

/** Meter time that has passed when a paced simulator says it is ready: its first values are there. */
const longestWarmUp_s = 3;

const silent: Log = Object.freeze({ write: () => undefined });

/** The household of a meter behind 200:5 transformers is seen at a fortieth; that of a direct one as it is. */
const transformerScale = 1 / 40;

/**
 * Starts a meter with its world. Fields left out take their defaults, but nothing is written to disk unless `data` names
 * a folder, and neither panel nor RS485 port are opened unless they are asked for.
 *
 * ```ts
 * const meter = await startSimulator({ model: "ST402D", tcp: 0, optical: 0 });
 * ```
 * @throws StartError with one clear line when it can not be started; nothing stays open then
 */
export async function startSimulator(given: Partial<SimulatorOptions> = {}, log: Log = silent): Promise<Simulator> {
	const options: SimulatorOptions = { ...defaultOptions, panel: false, rs485: false, ...given };
	const model = orderedModel(options);
	const opened: (() => Promise<void> | void)[] = [];
	try {
		return await open(options, model, log, opened);
	} catch (error) {
		for (const close of opened.reverse()) await close();
		throw asStartError(error);
	}
}

/** @throws StartError for a model that is not there, ratings that it cannot have, or an option that it does not have */
function orderedModel({
	model: name,
	withoutOptions,
	nominalVoltage_V,
	nominalFrequency_Hz,
}: SimulatorOptions): ModelDescriptor {
	const model = models.find((candidate) => candidate.name === name);
	if (model === undefined) throw new StartError(`there is no model ${String(name)}`);
	for (const option of withoutOptions)
		if ((model.options & optionBit[option]) === 0)
			throw new StartError(`${name} has no option ${option} to be left out`);
	const ordered = Object.freeze({
		...model,
		options: leftOptions(model.options, withoutOptions),
		nominalVoltage_V: nominalVoltage_V ?? model.nominalVoltage_V,
		nominalFrequency_Hz: nominalFrequency_Hz ?? model.nominalFrequency_Hz,
	});
	const fault = ratingsFault(ordered);
	if (fault !== "") throw new StartError(fault);
	const isUsual = withoutOptions.length === 0 && nominalVoltage_V === undefined && nominalFrequency_Hz === undefined;
	return isUsual ? model : ordered;
}

async function open(
	options: SimulatorOptions,
	model: ModelDescriptor,
	log: Log,
	opened: (() => Promise<void> | void)[],
): Promise<Simulator> {
	const { seed } = options;
	const terminals = connectTerminals(options, model);
	const folder =
		options.data === undefined
			? undefined
			: new DataFolder(resolve(options.data), model, seed, options.fresh, options.suite);
	const flash = openFlash(folder);
	if (flash instanceof FileFlash) opened.push(() => flash.close());
	const isStepped = options.speed === 0;
	const noted_s = folder?.rtc.read();
	const ready_s = options.clock_s ?? noted_s ?? wallClock_s();
	// a clock that goes on must not go back by the warm-up
	const warmUp_s = isStepped || ready_s === noted_s ? 0 : longestWarmUp_s;
	const rtc_s = ready_s - warmUp_s;
	const household =
		terminals instanceof Grid
			? new Household(terminals, seed, {
					startOfDay_s: rtc_s % 86_400,
					startDay: Math.floor(rtc_s / 86_400),
					photovoltaic_W: 3000,
					scale: model.nominalRatio_A > 0 ? transformerScale : 1,
				})
			: undefined;
	const noteTime = (): void => {
		const now_s = started?.rtc.utc_s();
		if (now_s !== undefined) folder?.rtc.write(now_s);
	};
	let started: SimulatedMeter | undefined;
	const fram = options.fram ? openFram(folder, noteTime) : undefined;
	if (fram instanceof FileFram) opened.push(() => fram.close());
	const outlet = new SimulatorOutlet(options.host, log);
	opened.push(() => outlet.close());
	const simulated = new SimulatedMeter({
		model,
		identity: folder?.identity ?? manufacture(model, seed),
		terminals,
		household,
		seed,
		gear: options.gear,
		suite: options.suite,
		mechanisms: options.mechanisms,
		clientTitles: options.clientTitles,
		shortestChallenge: options.shortestChallenge,
		hidesName: options.isAnonymous,
		allowsProgramming: options.programming,
		summation: options.sum,
		apparentMethod: options.apparent,
		relays: options.relays,
		switching: options.switching,
		flash: new NotingFlash(flash, noteTime),
		fram,
		random: options.isRepeatable ? new SeededRandom(seed, "links") : systemRandom,
		rtc_s,
		outlet,
		...(folder === undefined ? {} : { rtcChanged: (utc_s: number) => folder.rtc.write(utc_s) }),
		...(isStepped ? {} : { lineClock: realClock }),
		log,
	});
	started = simulated;
	opened.push(() => {
		if (simulated.isPowered) simulated.meter.commit();
		noteTime();
	});
	const line: Clock = isStepped ? simulated : realClock;
	const timers = new LinkTimers(line, !isStepped);
	opened.push(() => timers.stop());
	const pacer = new Pacer({
		monotonic_ms: () => simulated.monotonic_ms(),
		runTo(target_ms) {
			simulated.runTo(target_ms);
			if (isStepped) timers.run();
		},
		settled: noteTime,
	});
	opened.push(() => pacer.stop());

	const { handler } = simulated;
	timers.add(handler);
	const capture = openCapture(options, log, () =>
		isStepped ? ((simulated.rtc.utc_s() ?? 0) + unixEpochOffset_s) * 1_000_000 : Date.now() * 1000,
	);
	if (capture !== undefined) opened.push(() => capture.close());
	outlet.onDatagram = capture && ((receiver, meter, payload) => capture.datagram(receiver, meter, false, payload));
	const links = await openLinks(options, simulated, timers, capture, log, opened);
	outlet.adopt = links.adopt;
	let moving = links.moveTo(outlet.port);
	await moving;
	// one after the other; the answer to the change goes out first
	outlet.onPort = (port) => {
		moving = moving.then(() => links.moveTo(port));
	};
	const panel = await openPanel(options, simulated, pacer, log, links, opened);
	simulated.runTo(warmUp_s * 1000);
	pacer.setSpeed(options.speed);
	// behind the line that says the meter is ready
	for (const path of folder?.openToOthers() ?? [])
		setImmediate(() => log.write("warning", "data", `${path}: not only its owner can read the keys in it (chmod 600)`));
	return {
		options,
		simulated,
		pacer,
		tcp: links.tcp,
		optical: links.optical.port,
		opticalTerminal: links.optical.terminal,
		rs485: links.rs485?.port,
		rs485Terminal: links.rs485?.terminal,
		panel: panel?.port,
		panelToken: panel?.token,
		systemTitle: Buffer.from(simulated.meter.application.identity.systemTitle).toString("hex").toUpperCase(),
		logicalDeviceName: Buffer.from(simulated.meter.application.identity.logicalDeviceName).toString("latin1"),
		async close() {
			for (const close of opened.reverse()) await close();
		},
	};
}

function connectTerminals(options: SimulatorOptions, model: ModelDescriptor): Grid | Recording {
	if (options.waveform !== undefined) return openRecording(options.waveform, model);
	return new Grid({
		phases: model.phases,
		frequency_Hz: model.nominalFrequency_Hz,
		voltage_V: model.nominalVoltage_V,
		seed: options.seed,
	});
}

function openRecording(path: string, model: ModelDescriptor): Recording {
	try {
		return Recording.fromFile(path, { phases: model.phases });
	} catch (error) {
		const reason = (error as Error).message;
		throw new StartError(`--waveform ${error instanceof ComtradeError ? "" : `${path}: `}${reason}`);
	}
}

function openCapture(options: SimulatorOptions, log: Log, now_us: () => number): Capture | undefined {
	if (options.capture === undefined) return undefined;
	try {
		return new Capture(options.capture, `sx402 ${packageVersion}`, now_us, log);
	} catch (error) {
		throw new StartError(`--capture: ${(error as Error).message}`);
	}
}

function openFlash(folder: DataFolder | undefined): Flash {
	return folder === undefined
		? new MemoryFlash(flashLayout("desktop").sectorCount)
		: new FileFlash(folder.flashPath, { sectorCount: flashLayout("desktop").sectorCount });
}

function openFram(folder: DataFolder | undefined, willWrite: () => void): Fram {
	return folder === undefined ? new MemoryFram() : new FileFram(folder.framPath, willWrite);
}

async function openPanel(
	options: SimulatorOptions,
	simulated: SimulatedMeter,
	pacer: Pacer,
	log: Log,
	links: Links,
	opened: (() => Promise<void> | void)[],
): Promise<Panel | undefined> {
	if (options.panel === false) return undefined;
	try {
		const panel = await createPanel({
			host: options.host,
			port: options.panel,
			onFault: (error) =>
				log.write("error", "panel", error instanceof Error ? (error.stack ?? error.message) : String(error)),
			instrument: new SimulatedInstrument(simulated, pacer, () => links.dropAll()),
		});
		opened.push(() => panel.close());
		return panel;
	} catch (error) {
		throw new StartError(`--panel: ${(error as Error).message}`);
	}
}

/** What went wrong in words for the user; anything unexpected is passed on. */
function asStartError(error: unknown): unknown {
	if (error instanceof StorageError || error instanceof ListenError) return new StartError(error.message);
	return error;
}
