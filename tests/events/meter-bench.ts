// SPDX-License-Identifier: Apache-2.0
import { Grid } from "../../hosts/simulator/grid/grid.js";
import { manufacture } from "../../hosts/simulator/identity.js";
import { SeededRandom } from "../../hosts/simulator/random.js";
import { SimulatedMeter } from "../../hosts/simulator/simulated-meter.js";
import { MemoryFlash } from "../../hosts/simulator/storage/memory-flash.js";
import type { PortKind } from "../../src/cosem/apdu-handler.js";
import { WrapperSession } from "../../src/cosem/wrapper/wrapper-session.js";
import { type ModelDescriptor, optionBit, st402d } from "../../src/models/model.js";
import type { Flash } from "../../src/ports/flash.js";
import type { Outlet } from "../../src/ports/outlet.js";
import type { Pace } from "../../src/ports/pace.js";
import type { Random } from "../../src/ports/random.js";
import { flashLayout } from "../../src/storage/layout.js";
import { DlmsClient } from "../support/client/client.js";
import { asNumber, asOctets, ref } from "../support/client/data.js";
import { type DateTime, decodeDateTime, toUnix_ms } from "../support/client/date-time.js";
import type { Duplex } from "../support/client/duplex.js";
import type { ClientSecurity, InvocationCounter } from "../support/client/security.js";
import type { Selection } from "../support/client/services.js";
import { clientSap, testSecurity } from "../support/client/test-client.js";

const { disconnector, limiter, mbus, pq } = optionBit;

/** A model ordered without any option. */
const plain: ModelDescriptor = Object.freeze({ ...st402d, options: optionBit.base });

/** A model with every option that brings an event log. */
export const fullyLogged: ModelDescriptor = Object.freeze({
	...st402d,
	options: optionBit.base | disconnector | limiter | mbus | pq,
});

/** One entry as a client reads it. */
export interface ReadEntry {
	readonly code: number;
	/** UTC, seconds since 1970. */
	readonly unix_s: number;
	readonly stamp: DateTime;
	/** Third column in hex; undefined for a log of two. */
	readonly third: string | number | undefined;
}

/** A whole meter in virtual time, and clients on links in the same process. */
export class MeterBench {
	readonly simulated: SimulatedMeter;
	readonly grid: Grid;
	readonly #counters: Map<number, InvocationCounter>;

	/** @param options.before the same meter before its restart, whose clients count on */
	constructor(
		options: {
			flash?: Flash;
			model?: ModelDescriptor;
			rtc_s?: number | undefined;
			before?: MeterBench;
			outlet?: Outlet;
			random?: Random;
			allowsProgramming?: boolean;
			pace?: Pace;
		} = {},
	) {
		this.#counters = options.before === undefined ? new Map() : options.before.#counters;
		const model = options.model ?? plain;
		this.grid = new Grid({ phases: model.phases, frequency_Hz: 50, voltage_V: 230 });
		this.simulated = new SimulatedMeter({
			model,
			identity: manufacture(model, 1),
			terminals: this.grid,
			seed: 1,
			hasNoise: false,
			flash: options.flash ?? new MemoryFlash(flashLayout("desktop").sectorCount),
			random: options.random ?? new SeededRandom(1, "links"),
			rtc_s: "rtc_s" in options ? options.rtc_s : 820_000_000,
			...(options.outlet && { outlet: options.outlet }),
			allowsProgramming: options.allowsProgramming ?? false,
			...(options.pace && { pace: options.pace }),
			log: { write: () => undefined },
		});
	}

	run(seconds: number): void {
		this.simulated.runTo(this.simulated.monotonic_ms() + seconds * 1000);
	}

	cutPower(seconds: number): void {
		this.simulated.cutPower();
		this.run(seconds);
		this.simulated.restorePower();
	}

	duplex(port: PortKind): Duplex {
		return lineTo(this.simulated, port);
	}

	security(sap: number): ClientSecurity {
		const counter = this.#counters.get(sap) ?? { next: 1 };
		this.#counters.set(sap, counter);
		return testSecurity({ counter });
	}

	/** An associated client. */
	async connect(
		client: "public" | "management" | "reader" | "technician",
		port: PortKind = "tcp",
	): Promise<DlmsClient> {
		const sap = clientSap[client];
		const security = client === "public" ? undefined : this.security(sap);
		const opened = DlmsClient.overWrapper(this.duplex(port), { clientSap: sap, security });
		await opened.associate();
		return opened;
	}

	async with<Value>(use: (client: DlmsClient) => Promise<Value>): Promise<Value> {
		const client = await this.connect("management");
		try {
			return await use(client);
		} finally {
			await client.close();
		}
	}

	/** Entries of the log 0-`b`:99.98.`e`. */
	entries(e: number, b = 0, selection?: Selection): Promise<ReadEntry[]> {
		return this.with((client) => readEntries(client, e, b, selection));
	}

	async codes(e: number, b = 0): Promise<number[]> {
		return (await this.entries(e, b)).map(({ code }) => code);
	}

	read(name: string): Promise<number> {
		return this.with(async (client) => asNumber(await client.read(ref(1, `${name}.255`), 2)));
	}
}

/** A line to a meter, as a port of that kind would give it. */
export function lineTo(simulated: SimulatedMeter, port: PortKind): Duplex {
	const { handler } = simulated;
	const line: Duplex = {
		write(bytes) {
			session.receive(bytes, simulated.monotonic_ms());
			// the turns of a request that takes more than one
			while (handler.nextDeadline_ms === 0) handler.advance(simulated.monotonic_ms());
		},
		close: () => session.close(),
		onData: () => undefined,
		onClose: () => undefined,
	};
	const sink = { send: (bytes: Uint8Array) => line.onData(bytes.slice()), disconnect: () => line.onClose() };
	const setup = { inactivityTimeout_s: 0 } as ConstructorParameters<typeof WrapperSession>[3];
	const info = { port, name: "test" };
	const session = new WrapperSession(sink, handler, info, setup, { maximumApdu: 0xffff }, 0);
	return line;
}

export async function readEntries(client: DlmsClient, e: number, b = 0, selection?: Selection): Promise<ReadEntry[]> {
	const { rows } = await client.readProfile(`0-${b}:99.98.${e}.255`, selection);
	return rows.map((row) => {
		const stamp = decodeDateTime(asOctets(row[0]!));
		const value = row[2]?.value;
		return {
			code: asNumber(row[1]!),
			unix_s: toUnix_ms(stamp) / 1000,
			stamp,
			third: value instanceof Uint8Array ? Buffer.from(value).toString("hex") : (value as number | undefined),
		};
	});
}
