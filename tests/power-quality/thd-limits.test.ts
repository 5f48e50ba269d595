// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { type HarmonicsView, noHarmonics } from "../../src/metrology/harmonics-view.js";
import { PowerQualityParameters, parameter } from "../../src/power-quality/parameters.js";
import { ThdLimits, thdLimitsLength } from "../../src/power-quality/thd-limits.js";
import { recordKey } from "../../src/storage/keys.js";
import { MemoryStore } from "../support/stores.js";

class World {
	readonly codes: number[] = [];
	readonly parameters = new PowerQualityParameters(new MemoryStore(), 230);
	readonly limits = new ThdLimits(this.parameters, {
		event: (_log, code) => void this.codes.push(code),
		eventAt: (_log, code) => void this.codes.push(code),
	});
	/** THD of U1 and I1, 0.01 %; undefined while not valid. */
	voltage: number | undefined = 0;
	current: number | undefined = 0;
	#now_ms = 0;

	blocks(seconds: number): void {
		const view: HarmonicsView = {
			...noHarmonics,
			isVoltageValid: (phase) => phase === 1 && this.voltage !== undefined,
			isCurrentValid: (phase) => phase === 1 && this.current !== undefined,
			voltageThd_permyriad: () => this.voltage ?? 0,
			currentThd_permyriad: () => this.current ?? 0,
		};
		const end_ms = this.#now_ms + seconds * 1000;
		for (; this.#now_ms < end_ms; this.#now_ms += 3000)
			this.limits.blockFinished(view, this.#now_ms - 100, this.#now_ms);
	}
}

describe("power-quality/thd-limits", () => {
	it("F121: 9 % for ten minutes is one event and one count, and another event when it is normal again", () => {
		const world = new World();
		world.voltage = 900;
		world.blocks(598);
		assert.deepEqual(world.codes, []);
		world.blocks(1200);
		assert.deepEqual([world.codes, world.limits.count(0), world.limits.count(1)], [[230], 1, 0]);
		world.voltage = 750; // within the return share of the limit: still over
		world.blocks(60);
		assert.deepEqual(world.codes, [230]);
		world.voltage = 500;
		world.blocks(15);
		assert.deepEqual([world.codes, world.limits.count(0)], [[230, 233], 1]);
	});

	it("F121: 8 % is not over 8 %; 9 % that stops for a block begins anew", () => {
		const world = new World();
		world.voltage = 800;
		world.blocks(1200);
		for (let n = 0; n < 4; n++) {
			world.voltage = 900;
			world.blocks(590);
			world.voltage = 100;
			world.blocks(3);
		}
		assert.deepEqual(world.codes, []);
	});

	it("F121, F122: what is not valid is no event, and ends none", () => {
		const world = new World();
		world.voltage = undefined;
		world.current = undefined;
		world.blocks(1200);
		assert.deepEqual(world.codes, []);
		world.current = 3000;
		world.blocks(700);
		assert.deepEqual(world.codes, [236]);
		world.current = undefined;
		world.blocks(700);
		assert.deepEqual(world.codes, [236]);
		world.current = 100;
		world.blocks(15);
		assert.deepEqual([world.codes, world.limits.count(3)], [[236, 239], 1]);
	});

	it("F122: limit and time are the parameters'", () => {
		const world = new World();
		assert.ok(world.parameters.set(parameter.thdLimit + 1, 500));
		assert.ok(world.parameters.set(parameter.thdTime + 1, 30));
		for (const index of [parameter.thdLimit, parameter.thdLimit + 1, parameter.thdTime, parameter.thdTime + 1]) {
			assert.equal(world.parameters.set(index, 0), false);
		}
		assert.equal(world.parameters.set(parameter.thdLimit, 10_001), false);
		world.current = 600;
		world.blocks(36);
		assert.deepEqual(world.codes, [236]);
	});

	it("G5: counts and what is over its limit go on from the record", () => {
		const world = new World();
		world.current = 3000;
		world.blocks(700);
		const view = new DataView(new ArrayBuffer(thdLimitsLength));
		world.limits.encode(view, 0);
		const other = new World();
		other.limits.decode(view, 0);
		assert.equal(other.limits.count(3), 1);
		other.current = 3000;
		other.blocks(1000);
		assert.deepEqual(other.codes, [], "it was told before");
		other.current = 0;
		other.blocks(15);
		assert.deepEqual(other.codes, [239]);
	});

	it("G5: parameters of version 1 keep their values and get the limits of the factory", () => {
		const store = new MemoryStore();
		const record = new Uint8Array(27);
		record[0] = 1;
		const view = new DataView(record.buffer);
		for (const [n, value] of [2300, 2000, 2600, 1000, 61, 62, 63, 11, 12, 13, 25, 60, 200].entries()) {
			view.setUint16(1 + 2 * n, value);
		}
		store.write(recordKey.powerQualityParameters, record);
		const parameters = new PowerQualityParameters(store, 230);
		assert.deepEqual(
			[parameter.threshold, parameter.longOutage, parameter.thdLimit, parameter.thdTime + 1].map((index) =>
				parameters.value(index),
			),
			[2000, 200, 800, 600],
		);
		assert.ok(parameters.set(parameter.thdLimit, 700));
		const again = new PowerQualityParameters(store, 230);
		assert.deepEqual([again.value(parameter.threshold), again.value(parameter.thdLimit)], [2000, 700]);
	});
});
