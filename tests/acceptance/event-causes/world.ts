// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { Grid } from "../../../hosts/simulator/grid/grid.js";
import type { Phase, PhaseSetting } from "../../../hosts/simulator/grid/phase-setting.js";
import type { Data } from "../../support/client/axdr.js";
import type { DlmsClient } from "../../support/client/client.js";
import { asNumber, data, type ObjectRef } from "../../support/client/data.js";
import { result } from "../../support/client/services.js";
import { RunningMeter } from "../../support/running-meter.js";
import { since2000_s } from "../../support/since-2000.js";
import type { ModelName } from "../../support/specified-meter.js";

/** Codes by the log 0-0:99.98.E that they are found in. */
export type LoggedCodes = { readonly [log: number]: readonly number[] };

/** Something that happens to a meter, and the events that it leaves. */
export interface Cause {
	readonly name: string;
	readonly codes: LoggedCodes;
	readonly model?: ModelName;
	/** UTC; a Tuesday morning unless given. */
	readonly from?: string;
	readonly options?: Parameters<typeof RunningMeter.start>[1];
	provoke(world: World): Promise<void> | void;
}

/** A meter of which only terminals, buttons, covers and links are touched. */
export class World {
	readonly meter: RunningMeter;
	/** Opens the management client where it is another one than usual. */
	connect: (() => Promise<DlmsClient>) | undefined;

	private constructor(meter: RunningMeter) {
		this.meter = meter;
	}

	/** Nothing flows yet. */
	static async start({ model = "ST402D", from = "2026-03-10T10:00:00Z", options = {} }: Cause): Promise<World> {
		const clock_s = since2000_s(from);
		const world = new World(await RunningMeter.start(model, { clock_s, speed: 0, seed: 7, ...options }));
		for (const phase of world.phases) world.simulated.household?.setActive(phase, false);
		world.phase({ voltage_V: 230, current_A: 0, angle_deg: 0 });
		world.step(3);
		return world;
	}

	get simulated(): RunningMeter["simulator"]["simulated"] {
		return this.meter.simulator.simulated;
	}

	get housing(): RunningMeter["simulator"]["simulated"]["housing"] {
		return this.simulated.housing;
	}

	get grid(): Grid {
		const { terminals } = this.simulated;
		assert.ok(terminals instanceof Grid);
		return terminals;
	}

	get phases(): Phase[] {
		return ([1, 2, 3] as const).slice(0, this.grid.phases);
	}

	step(seconds: number): void {
		this.meter.simulator.pacer.step(seconds * 1000);
	}

	/** Sets all phases, or some. */
	phase(setting: PhaseSetting, which: readonly Phase[] = this.phases): void {
		this.grid.change(() => {
			for (const phase of which) this.grid.setPhase(phase, setting);
		});
	}

	cutPower(seconds: number): void {
		this.simulated.cutPower();
		this.step(seconds);
		this.simulated.restorePower();
		this.step(3);
	}

	async manage<Value>(use: (client: DlmsClient) => Promise<Value>): Promise<Value> {
		if (this.connect === undefined) return this.meter.with("management", use);
		const client = await this.connect();
		try {
			return await use(client);
		} finally {
			await client.close();
		}
	}

	/** The client of the verification, behind the open seal. */
	verify<Value>(use: (client: DlmsClient) => Promise<Value>): Promise<Value> {
		return this.meter.with("metrology", use, "direct HDLC");
	}

	set(object: ObjectRef, attribute: number, value: Data): Promise<void> {
		return this.manage((client) => write(client, object, attribute, value));
	}

	invoke(object: ObjectRef, method: number, parameter: Data = data.integer(0)): Promise<void> {
		return this.manage((client) => call(client, object, method, parameter));
	}

	/** Codes of a log, in order. */
	codes(log: number): Promise<number[]> {
		return this.manage(async (client) =>
			(await client.readProfile(`0-0:99.98.${log}.255`)).rows.map((row) => asNumber(row[1]!)),
		);
	}

	close(): Promise<void> {
		return this.meter.close();
	}
}

export async function write(client: DlmsClient, object: ObjectRef, attribute: number, value: Data): Promise<void> {
	assert.equal(await client.set(object, attribute, value), result.success, `${JSON.stringify(object)} ${attribute}`);
}

export async function call(
	client: DlmsClient,
	object: ObjectRef,
	method: number,
	parameter: Data = data.integer(0),
): Promise<void> {
	assert.equal((await client.action(object, method, parameter)).result, result.success, JSON.stringify(object));
}
