// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import fc from "fast-check";
import type { FastifyInstance } from "fastify";
import { Recording } from "../../../../hosts/simulator/grid/recording.js";
import { ConflictError } from "../../../../hosts/simulator/panel/instrument.js";
import { buildPanel } from "../../../../hosts/simulator/panel/panel.js";
import { sm402d } from "../../../../src/models/model.js";
import { housingSignal } from "../../../../src/ports/housing.js";
import { FakeInstrument, type FakeOptions } from "./fake-instrument.js";

type Method = "GET" | "PUT" | "POST" | "DELETE" | "OPTIONS";

interface Answer {
	readonly statusCode: number;
	// biome-ignore lint/suspicious/noExplicitAny: JSON of another program
	readonly body: any;
}

const headers = { host: "127.0.0.1:8080" };

describe("control interface", () => {
	let instrument: FakeInstrument;
	let app: FastifyInstance;
	const faults: Error[] = [];

	async function start(options: FakeOptions = {}, isReadOnly = false): Promise<void> {
		await app?.close();
		instrument = new FakeInstrument(options);
		const onFault = (error: Error) => faults.push(error);
		({ app } = await buildPanel({ host: "127.0.0.1", port: 0, instrument, isReadOnly, onFault }));
	}

	async function call(method: Method, path: string, payload?: unknown): Promise<Answer> {
		const body = payload === undefined ? {} : { payload: JSON.stringify(payload) };
		const type = payload === undefined ? {} : { "content-type": "application/json" };
		const answer = await app.inject({ method, url: `/api${path}`, headers: { ...headers, ...type }, ...body });
		return { statusCode: answer.statusCode, body: answer.json() };
	}

	beforeEach(() => {
		faults.length = 0;
		return start({ household: 1, startOfDay_s: 66_600 });
	});
	after(() => app.close());

	it("S1: gives the state complete, field for field", async () => {
		instrument.step(5000);
		instrument.setPhase(1, { voltageHarmonics: [{ order: 5, fraction: 0.04, phase_deg: 30 }] });
		assert.deepEqual((await call("GET", "/state")).body, JSON.parse(JSON.stringify(instrument.state())));
		instrument.speed = Number.POSITIVE_INFINITY;
		assert.equal((await call("GET", "/state")).body.time.speed, "max");
	});

	it("SEC-wrong: lets the meter answer wrongly, in one of the ways there are, and right again", async () => {
		const wrong = await call("PUT", "/answers", { way: "badTag" });
		assert.deepEqual([wrong.statusCode, wrong.body.answers], [200, "badTag"]);
		assert.equal((await call("PUT", "/answers", { way: "sometimes" })).statusCode, 400);
		assert.equal((await call("PUT", "/answers", {})).statusCode, 400);
		assert.equal((await call("GET", "/state")).body.answers, "badTag");
		assert.equal((await call("PUT", "/answers", { way: "right" })).body.answers, "right");
	});

	it("S1: changes mains and phases and answers with the state after it", async () => {
		const mains = await call("PUT", "/mains", { frequency_Hz: 50.4, phaseOrder: "132" });
		assert.equal(mains.statusCode, 200);
		assert.deepEqual([mains.body.mains.frequency_Hz, mains.body.mains.phaseOrder], [50.4, "132"]);
		const setting = { voltage_V: 241.5, current_A: 12, powerFactor: 0.8, reactive: "capacitive" };
		const { body } = await call("PUT", "/mains/phases/2", setting);
		const { voltage_V, current_A, activePower_W, reactivePower_var } = body.measured.phases[1];
		assert.ok(Math.abs(voltage_V - 241.5) < 1e-9 && Math.abs(current_A - 12) < 1e-9);
		assert.ok(Math.abs(activePower_W - 241.5 * 12 * 0.8) < 1e-6);
		assert.ok(Math.abs(reactivePower_var + 241.5 * 12 * 0.6) < 1e-6);
		assert.equal(body.mains.phases[1].isHousehold, false);
		assert.equal(body.mains.phases[0].isHousehold, true);
	});

	it("gives a phase back to the household, and all of them", async () => {
		await call("PUT", "/mains/phases/1", { current_A: 4 });
		assert.equal(
			(await call("PUT", "/mains/phases/1/household", { enabled: true })).body.mains.phases[0].isHousehold,
			true,
		);
		const { body } = await call("PUT", "/mains/household", { enabled: false });
		assert.ok(body.mains.phases.every((phase: { isHousehold: boolean }) => !phase.isHousehold));
	});

	it("S5: sets the speed, also to as fast as possible and to stopped", async () => {
		assert.equal((await call("PUT", "/time", { speed: "max" })).statusCode, 200);
		assert.equal(instrument.speed, Number.POSITIVE_INFINITY);
		await call("PUT", "/time", { speed: 0 });
		assert.equal(instrument.speed, 0);
		await call("PUT", "/time", { speed: 0.5 });
		assert.equal(instrument.speed, 0.5);
	});

	it("S5: steps in pieces of a minute at most, and answers when all of it has been run", async () => {
		const { body } = await call("POST", "/time/step", { seconds: 150.0004 });
		assert.deepEqual(instrument.steps, [60_000, 60_000, 30_000]);
		assert.equal(body.time.monotonic_s, 150);
	});

	it("S5: runs steps one after the other, however they are asked for", async () => {
		await Promise.all([call("POST", "/time/step", { seconds: 61 }), call("POST", "/time/step", { seconds: 2 })]);
		assert.deepEqual(instrument.steps, [60_000, 1000, 2000]);
	});

	it("serves other requests while a long step runs", async () => {
		let isOver = false;
		const step = call("POST", "/time/step", { seconds: 86_400 }).then(() => {
			isOver = true;
		});
		const { body } = await call("GET", "/state");
		assert.ok(body.time.monotonic_s < 86_400);
		assert.equal(isOver, false);
		await step;
		assert.equal((await call("GET", "/state")).body.time.monotonic_s, 86_400);
	});

	it("F47 F49: gives the pulse counts with the time of the last edge", async () => {
		assert.deepEqual((await call("GET", "/leds")).body, {
			monotonic_s: 0,
			active: { count: 0, lastEdge_s: null },
			reactive: { count: 0, lastEdge_s: null },
		});
		await call("PUT", "/mains/household", { enabled: false });
		await call("PUT", "/mains/phases/1", { current_A: 10, powerFactor: 1 });
		await call("POST", "/time/step", { seconds: 60 });
		// 2300 W for a minute are 38.33 Wh
		assert.deepEqual((await call("GET", "/leds")).body.active, { count: 38, lastEdge_s: 60 });
		assert.equal((await call("GET", "/leds")).body.reactive.count, 0);
	});

	it("S2: cuts and restores the supply", async () => {
		const cut = await call("POST", "/power", { action: "cut" });
		assert.deepEqual([cut.body.isPowered, cut.body.display.value, cut.body.measured.isValid], [false, "", false]);
		assert.equal((await call("POST", "/power", { action: "restore" })).body.isPowered, true);
	});

	it("F91: gives a pole of the switch a fault", async () => {
		const welded = await call("PUT", "/switch/poles/2", { fault: "welded", isBackFed: true });
		assert.deepEqual(welded.body.supplySwitch?.poles[1], { isClosed: true, fault: "welded", isBackFed: true });
		assert.deepEqual(welded.body.supplySwitch?.poles[0], { isClosed: true, fault: "none", isBackFed: false });
	});

	it("S3: opens and closes the seal and the covers, brings a magnet and a field", async () => {
		const sealed = (await call("GET", "/state")).body.housing;
		assert.ok(Object.values(sealed).every((value) => value === false || value === 0));
		const open = await call("PUT", "/housing", { sealOpen: true, fieldStrength: 200 });
		assert.deepEqual(open.body.housing, { ...sealed, sealOpen: true, fieldStrength: 200 });
		assert.equal(instrument.housing.signals(), housingSignal.sealOpen);
		const both = await call("PUT", "/housing", { meterCoverOpen: true, sealOpen: false });
		assert.deepEqual(both.body.housing, { ...sealed, meterCoverOpen: true, fieldStrength: 200 });
		assert.equal(instrument.housing.signals(), housingSignal.meterCoverOpen);
	});

	it("S5 S9: sets temperature, quartz and backup cell of the clock part", async () => {
		const before = (await call("GET", "/state")).body.clockPart;
		const cold = await call("PUT", "/clock", { temperature_degC: -40, cell_mV: 2500 });
		assert.deepEqual(cold.body.clockPart, { ...before, temperature_degC: -40, cell_mV: 2500 });
		assert.equal(instrument.rtc.cell_mV(), 2500);
	});

	it("F67 F68: puts voltage on an input, gives a relay a fault; a relay that was not ordered is a conflict", async () => {
		const input = await call("PUT", "/inputs/3", { isEnergised: true });
		assert.deepEqual(input.body.io?.inputs, [false, false, true, false]);
		const relay = await call("PUT", "/relays/2", { fault: "stuck" });
		assert.deepEqual(relay.body.io?.relays[1], { isClosed: false, fault: "stuck" });
		assert.equal((await call("PUT", "/relays/3", { fault: "stuck" })).statusCode, 409);
	});

	const refused: readonly (readonly [Method, string, unknown, RegExp])[] = [
		["PUT", "/mains", {}, /body/],
		["PUT", "/mains", { frequency_Hz: 201 }, /frequency_Hz must be <= 200/],
		["PUT", "/mains", { frequency_Hz: "50" }, /frequency_Hz must be number/],
		["PUT", "/mains", { frequency_Hz: null }, /frequency_Hz/],
		["PUT", "/mains", { frequency_Hz: 49, phaseOrder: "321" }, /phaseOrder .*123, 132/],
		["PUT", "/mains", { frequency_Hz: 49, neutralConnected: 1 }, /neutralConnected/],
		["PUT", "/mains", { frequency_Hz: 49, colour: "red" }, /colour/],
		["PUT", "/mains", [], /body must be object/],
		["PUT", "/mains", null, /body must be object/],
		["PUT", "/mains", undefined, /body must be object/],
		["PUT", "/mains/phases/0", { voltage_V: 1 }, /phase .*1, 2, 3/],
		["PUT", "/mains/phases/4", { voltage_V: 1 }, /phase/],
		["PUT", "/mains/phases/one", { voltage_V: 1 }, /phase/],
		["PUT", "/mains/phases/1", { voltage_V: -1 }, /voltage_V/],
		["PUT", "/mains/phases/1", { voltage_V: 100, current_A: 10_001 }, /current_A/],
		["PUT", "/mains/phases/1", { voltage_V: 100, powerFactor: 1.01 }, /powerFactor/],
		["PUT", "/mains/phases/1", { voltage_V: 100, reactive: "resistive" }, /reactive/],
		["PUT", "/mains/phases/1", { voltage_V: 100, currentHarmonics: [{ order: 3 }] }, /fraction/],
		["PUT", "/mains/phases/1", { voltage_V: 100, voltageHarmonics: [{ order: 1, fraction: 0.1 }] }, /fundamental/],
		["PUT", "/mains/phases/1", { voltageHarmonics: Array(65).fill({ order: 3, fraction: 0 }) }, /voltageHarmonics/],
		["PUT", "/mains/phases/1/household", { enabled: "yes" }, /enabled/],
		["PUT", "/mains/household", {}, /enabled/],
		["PUT", "/time", { speed: -1 }, /speed/],
		["PUT", "/time", { speed: 1e7 }, /speed/],
		["PUT", "/time", { speed: "fast" }, /speed/],
		["POST", "/time/step", { seconds: 0 }, /seconds/],
		["POST", "/time/step", { seconds: 1e9 }, /seconds/],
		["PUT", "/housing", {}, /body/],
		["PUT", "/clock", {}, /body/],
		["PUT", "/clock", { temperature_degC: 200 }, /temperature_degC must be <= 120/],
		["PUT", "/switch/poles/1", { fault: "molten" }, /fault/],
		["PUT", "/inputs/5", { isEnergised: true }, /input/],
		["PUT", "/inputs/1", { isEnergised: 1 }, /isEnergised/],
		["PUT", "/relays/1", { fault: "molten" }, /fault/],
		["PUT", "/housing", { sealOpen: 1 }, /sealOpen/],
		["PUT", "/housing", { sealOpen: true, fieldStrength: 256 }, /fieldStrength must be <= 255/],
		["PUT", "/housing", { sealOpen: true, fieldStrength: 0.5 }, /fieldStrength must be integer/],
		["POST", "/power", { action: "off" }, /action .*cut, restore/],
	];
	for (const [method, path, body, message] of refused) {
		it(`refuses ${method} ${path} ${JSON.stringify(body)?.slice(0, 70)} in words and changes nothing`, async () => {
			const before = JSON.stringify(instrument.state());
			const answer = await call(method, path, body);
			assert.equal(answer.statusCode, 400);
			assert.deepEqual([answer.body.statusCode, answer.body.error], [400, "Bad Request"]);
			assert.match(answer.body.message, message);
			assert.equal(JSON.stringify(instrument.state()), before);
		});
	}

	it("refuses a phase that a single-phase meter has not got", async () => {
		await start({ model: sm402d });
		const answer = await call("PUT", "/mains/phases/2", { voltage_V: 100 });
		assert.equal(answer.statusCode, 400);
		assert.match(answer.body.message, /phases 1 to 1, not 2/);
	});

	it("refuses with 409 what the simulator can not do as it was started", async () => {
		const file = (end: string) =>
			readFileSync(new URL(`../../../data/waveforms/s05_quadrants.${end}`, import.meta.url));
		await start({ recording: Recording.fromBytes(file("cfg"), file("dat"), { name: "quadrants" }) });
		for (const [path, body] of [
			["/mains", { frequency_Hz: 49 }],
			["/mains/phases/1", { voltage_V: 200 }],
			["/mains/household", { enabled: true }],
		] as const) {
			const answer = await call("PUT", path, body);
			assert.equal(answer.statusCode, 409);
			assert.match(answer.body.message, /recording quadrants/);
		}
		await start({});
		assert.equal((await call("PUT", "/mains/household", { enabled: true })).statusCode, 409);
	});

	it("keeps a fault of its own to itself and tells the host", async () => {
		instrument.fault = new Error("secret detail");
		const answer = await call("GET", "/state");
		assert.equal(answer.statusCode, 500);
		assert.doesNotMatch(JSON.stringify(answer.body), /secret/);
		assert.deepEqual(faults, [instrument.fault]);
	});

	it("answers 409 for a step that can not be run, and runs the next one", async () => {
		const step = instrument.step.bind(instrument);
		instrument.step = () => {
			throw new ConflictError("no step now");
		};
		assert.equal((await call("POST", "/time/step", { seconds: 1 })).statusCode, 409);
		instrument.step = step;
		assert.equal((await call("POST", "/time/step", { seconds: 1 })).statusCode, 200);
	});

	it("SEC-ctl: changes nothing for anybody when started for reading only", async () => {
		await start({}, true);
		const before = JSON.stringify(instrument.state());
		for (const [method, path, body] of [
			["PUT", "/mains", { frequency_Hz: 49 }],
			["POST", "/power", { action: "cut" }],
			["POST", "/time/step", { seconds: 1 }],
		] as const) {
			assert.equal((await call(method, path, body)).statusCode, 403);
		}
		assert.equal(JSON.stringify(instrument.state()), before);
		assert.equal((await call("GET", "/state")).statusCode, 200);
	});

	it("G8: answers any JSON with 200 or a refusal, and changes nothing when it refuses", async () => {
		const paths = ["/mains", "/mains/phases/1", "/mains/phases/3/household", "/time"] as const;
		const field = fc.constantFrom(
			"voltage_V",
			"current_A",
			"powerFactor",
			"speed",
			"enabled",
			"frequency_Hz",
			"angle_deg",
			"__proto__",
		);
		const value = fc.oneof(fc.double(), fc.integer(), fc.boolean(), fc.string(), fc.jsonValue());
		await fc.assert(
			fc.asyncProperty(
				fc.constantFrom(...paths),
				fc.oneof(fc.dictionary(field, value), fc.jsonValue()),
				async (path, body) => {
					const before = JSON.stringify(instrument.state());
					const { statusCode } = await call("PUT", path, body);
					assert.ok(statusCode === 200 || statusCode === 400, `${statusCode}`);
					if (statusCode === 400) assert.equal(JSON.stringify(instrument.state()), before);
				},
			),
			{ numRuns: 200 },
		);
	});

	it("refuses bytes that are no JSON, other types and long bodies", async () => {
		const put = (type: string, payload: string) =>
			app.inject({ method: "PUT", url: "/api/mains", headers: { ...headers, "content-type": type }, payload });
		assert.equal((await put("application/json", '{"frequency_Hz":')).statusCode, 400);
		assert.equal((await put("application/json", '{"__proto__":{"frequency_Hz":49}}')).statusCode, 400);
		assert.equal((await put("text/plain", '{"frequency_Hz":49}')).statusCode, 415);
		assert.equal((await put("application/x-www-form-urlencoded", "frequency_Hz=49")).statusCode, 415);
		assert.equal((await put("application/json", `{"a":"${"x".repeat(70_000)}"}`)).statusCode, 413);
		assert.equal(instrument.grid.frequency_Hz, 50);
	});

	it("answers 404 in JSON for what is not there", async () => {
		for (const [method, path] of [
			["GET", "/keys"],
			["DELETE", "/state"],
			["OPTIONS", "/mains"],
			["GET", "/mains/../../package.json"],
		] as const) {
			assert.equal((await call(method, path)).statusCode, 404);
		}
	});
});
