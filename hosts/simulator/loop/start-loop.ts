// SPDX-License-Identifier: Apache-2.0
import { HdlcSession } from "../../../src/cosem/hdlc/hdlc-session.js";
import { defaultDeviceAddress, numberOf } from "../../../src/cosem/hdlc/hdlc-setup.js";
import { type ModelDescriptor, models } from "../../../src/models/model.js";
import type { Log } from "../../../src/ports/log.js";
import { manufacture } from "../identity.js";
import { LinkTimers } from "../link-timers.js";
import { Rs485Loop } from "../links/rs485-loop.js";
import { Rs485LoopServer } from "../links/rs485-loop-server.js";
import { hdlcOfStreams } from "../open-links.js";
import { realClock } from "../pacer.js";
import { type Simulator, startSimulator } from "../start.js";
import { StartError } from "../start-error.js";

/** Unit loads that a driver of EIA-485 bears besides the master. */
export const mostStations = 31;

/** Silence that a meter keeps between what it heard and what it says. */
const turnaround_ms = 5;

export interface LoopOptions {
	/** 1 to `mostStations`. */
	readonly meters: number;
	/** TCP port of the pair, 0 for any free one. */
	readonly port: number;
	/** Bind address of every port. */
	readonly host: string;
	/** Models in turn. */
	readonly models: readonly ModelDescriptor[];
	/** Of the first meter; the others have the next ones, but for those whose address is taken. */
	readonly seed: number;
	/** Rate of the pair. */
	readonly baud: number;
	/** How fast the time of the meters runs; that of the pair is real. */
	readonly speed: number;
}

export const usualLoop: LoopOptions = Object.freeze({
	meters: mostStations,
	port: 4062,
	host: "127.0.0.1",
	models,
	seed: 1,
	baud: 9600,
	speed: 1,
});

export interface LoopStation {
	/** Lower HDLC address. */
	readonly address: number;
	readonly simulator: Simulator;
}

/** Meters on one pair of RS485, and the port on which a master finds it. */
export interface RunningLoop {
	readonly port: number;
	readonly loop: Rs485Loop;
	readonly stations: readonly LoopStation[];
	close(): Promise<void>;
}

/** Seeds of meters whose addresses differ. */
function seedsOf({ meters, models: wanted, seed }: LoopOptions): number[] {
	const taken = new Set<number>();
	const seeds: number[] = [];
	for (let next = seed; seeds.length < meters; next = (next + 1) >>> 0) {
		const { serialNumber } = manufacture(wanted[seeds.length % wanted.length]!, next);
		const address = defaultDeviceAddress(numberOf(serialNumber));
		if (taken.has(address)) continue;
		taken.add(address);
		seeds.push(next);
	}
	return seeds;
}

/**
 * Starts meters on one simulated pair. Each has its TCP port, optical port and memory as well; nothing is written to disk.
 * @throws StartError with one line; nothing stays open then
 */
export async function startLoop(given: Partial<LoopOptions>, log?: Log): Promise<RunningLoop> {
	const options: LoopOptions = { ...usualLoop, ...given };
	const { host, meters, models: wanted, baud, speed } = options;
	if (!(Number.isInteger(meters) && meters >= 1 && meters <= mostStations))
		throw new StartError(`a pair has 1 to ${mostStations} meters`);
	const opened: (() => Promise<void> | void)[] = [];
	const close = async (): Promise<void> => {
		for (const end of opened.splice(0).reverse()) await end();
	};
	try {
		const loop = new Rs485Loop({ baud, turnaround_ms });
		const stations: LoopStation[] = [];
		for (const [n, seed] of seedsOf(options).entries()) {
			const { name: model } = wanted[n % wanted.length]!;
			const simulator = await startSimulator({ model, seed, host, tcp: 0, optical: 0, speed }, log);
			opened.push(() => simulator.close());
			const { handler, meter } = simulator.simulated;
			const setup = meter.application.rs485Hdlc;
			if (setup === undefined) throw new StartError(`${model} has no RS485`);
			const info = { port: "rs485" as const, name: `rs485 of ${simulator.logicalDeviceName}` };
			const name = `station ${setup.deviceAddress}`;
			loop.attach(name, (sink) => new HdlcSession(sink, handler, info, setup, hdlcOfStreams));
			stations.push({ address: setup.deviceAddress, simulator });
		}
		const timers = new LinkTimers(realClock, true);
		const server = new Rs485LoopServer({ host, port: options.port, time: timers, ...(log && { log }) }, loop);
		loop.advance(realClock.monotonic_ms());
		const port = await server.listen();
		opened.push(
			() => timers.stop(),
			() => server.close(),
		);
		timers.add(server);
		timers.deadlineChanged();
		return { port, loop, stations, close };
	} catch (error) {
		await close();
		throw error instanceof StartError ? error : new StartError((error as Error).message);
	}
}
