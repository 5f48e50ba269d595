// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { PowerQualityParameters, parameter } from "../../src/power-quality/parameters.js";
import { SlowVoltage, slowKind } from "../../src/power-quality/slow-voltage.js";
import { FakeRecordStore } from "../metrology/fake-record-store.js";

const { sag, swell, cut } = slowKind;

class World {
	readonly parameters = new PowerQualityParameters(new FakeRecordStore(), 230);
	readonly told: string[] = [];
	readonly detector = new SlowVoltage(3, this.parameters, {
		slowVoltageBegan: (kind, phase) => this.told.push(`${this.second} begin ${kind} L${phase + 1}`),
		slowVoltageEnded: (kind, phase) => this.told.push(`${this.second} end ${kind} L${phase + 1}`),
	});
	second = 0;

	/** So many seconds of `volts` on L1. */
	hold(volts: number, seconds: number): void {
		for (let n = 0; n < seconds; n++) this.detector.next(0, volts * 1000, ++this.second * 1000);
	}
}

describe("power-quality/slow-voltage", () => {
	it("F119 200 V for 90 s is one event pair: begins after 60 s, ends after 10 s of normal voltage, 90 s, 200 V", () => {
		const world = new World();
		world.hold(230, 100);
		world.hold(200, 90);
		world.hold(230, 30);
		assert.deepEqual(world.told, [`160 begin ${sag} L1`, `200 end ${sag} L1`]);
		const { detector } = world;
		assert.equal(detector.count(sag * 3), 1);
		assert.equal(detector.duration_s(sag * 3), 90);
		assert.equal(detector.extreme_dV(sag * 3), 2000);
	});

	it("F119 200 V for 30 s, or for 59 s, is none", () => {
		const world = new World();
		world.hold(200, 30);
		world.hold(230, 5);
		world.hold(200, 59);
		world.hold(230, 100);
		assert.deepEqual(world.told, []);
	});

	it("F120 260 V for 90 s is an over-voltage of 90 s with its highest voltage", () => {
		const world = new World();
		world.hold(260, 45);
		world.hold(262.5, 5);
		world.hold(255, 40);
		world.hold(230, 10);
		world.hold(230, 10);
		assert.deepEqual(
			world.told.map((line) => line.slice(line.indexOf(" ") + 1)),
			[`begin ${swell} L1`, `end ${swell} L1`],
		);
		assert.equal(world.detector.duration_s(swell * 3), 90);
		assert.equal(world.detector.extreme_dV(swell * 3), 2625);
	});

	it("F119 a short return to normal, or into the hysteresis of 1 %, does not end it", () => {
		const world = new World();
		world.hold(200, 70);
		world.hold(230, 8);
		world.hold(200, 10);
		world.hold(208, 60); // above 207.0, below 209.3
		assert.equal(world.detector.active(0), sag);
		world.hold(209.4, 20);
		assert.equal(world.detector.active(0), -1);
		assert.equal(world.detector.count(sag * 3), 1);
		assert.equal(world.detector.duration_s(sag * 3), 148);
	});

	it("F119 207.0 V and 253.0 V are normal", () => {
		const world = new World();
		world.hold(207, 100);
		world.hold(253, 100);
		assert.deepEqual(world.told, []);
	});

	it("F119 a voltage below 50 % for 60 s is missing, and takes the place of an under-voltage", () => {
		const world = new World();
		world.hold(200, 80);
		world.hold(0, 70);
		world.hold(230, 20);
		assert.deepEqual(world.told, [`60 begin ${sag} L1`, `140 begin ${cut} L1`, `160 end ${cut} L1`]);
		assert.equal(world.detector.duration_s(sag * 3), 80);
		assert.equal(world.detector.duration_s(cut * 3), 70);
		assert.equal(world.detector.count(cut * 3), 1);
	});

	it("F119 thresholds and times are those of the objects", () => {
		const world = new World();
		assert.equal(world.parameters.set(parameter.threshold + sag, 2200), true);
		assert.equal(world.parameters.set(parameter.raise + sag, 5), true);
		assert.equal(world.parameters.set(parameter.clear + sag, 2), true);
		world.hold(219, 5);
		assert.equal(world.detector.active(0), sag);
		world.hold(230, 3);
		assert.equal(world.detector.active(0), -1);
	});

	it("F119 F120 a threshold of 0, or under-voltage above over-voltage, is refused", () => {
		const { parameters } = new World();
		const before = [0, 1, 2].map((kind) => parameters.threshold_dV(kind));
		assert.equal(parameters.set(parameter.threshold + sag, 0), false);
		assert.equal(parameters.set(parameter.threshold + sag, 2530), false);
		assert.equal(parameters.set(parameter.threshold + swell, 2070), false);
		assert.equal(parameters.set(parameter.threshold + cut, 0), false);
		assert.equal(parameters.set(parameter.threshold + cut, 2071), false);
		assert.equal(parameters.set(parameter.reference, 0), false);
		assert.equal(parameters.set(parameter.longOutage, 0), false);
		assert.deepEqual(
			[0, 1, 2].map((kind) => parameters.threshold_dV(kind)),
			before,
		);
	});

	it("F115 parameters are found again after a restart", () => {
		const store = new FakeRecordStore();
		new PowerQualityParameters(store, 230).set(parameter.reference, 2400);
		assert.equal(new PowerQualityParameters(store, 230).value(parameter.reference), 2400);
		assert.equal(new PowerQualityParameters(store, 230).value(parameter.longOutage), 180);
	});

	it("G5 counters and the event in force survive a restart", () => {
		const world = new World();
		world.hold(200, 90);
		const view = new DataView(new ArrayBuffer(200));
		const end = world.detector.encode(view, 3, 90_000);
		const again = new World();
		assert.equal(again.detector.decode(view, 3, 0), end);
		assert.equal(again.detector.active(0), sag);
		again.hold(200, 10);
		again.hold(230, 12);
		assert.equal(again.detector.count(sag * 3), 1);
		assert.equal(again.detector.duration_s(sag * 3), 100);
		assert.equal(again.detector.extreme_dV(sag * 3), 2000);
	});
});
