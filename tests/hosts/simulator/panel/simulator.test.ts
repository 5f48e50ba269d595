// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { type Simulator, startSimulator } from "../../../../hosts/simulator/start.js";
import { testKeys } from "../../../../hosts/simulator/test-keys.js";

// biome-ignore lint/suspicious/noExplicitAny: JSON of another program
type Json = any;

describe("control interface of a running simulator", () => {
	let simulator: Simulator;

	before(async () => {
		simulator = await startSimulator({ model: "ST402D", tcp: 0, optical: 0, panel: 0, speed: 0, seed: 7 });
	});
	after(() => simulator?.close());

	async function call(method: string, path: string, body?: object): Promise<Json> {
		const response = await fetch(`http://127.0.0.1:${simulator.panel}/api${path}`, {
			method,
			...(body === undefined ? {} : { headers: { "content-type": "application/json" }, body: JSON.stringify(body) }),
		});
		assert.equal(response.status, 200, await response.clone().text());
		return response.json();
	}

	it("S1 S5 F47: counts the energy that the loads set through it take, in registers and pulses", async () => {
		await call("PUT", "/mains/household", { enabled: false });
		for (const phase of [1, 2, 3]) {
			await call("PUT", `/mains/phases/${phase}`, { voltage_V: 230, current_A: 10, powerFactor: 0.5 });
		}
		const before = await call("POST", "/time/step", { seconds: 10 });
		const after = await call("POST", "/time/step", { seconds: 1800 });
		assert.equal(after.time.monotonic_s - before.time.monotonic_s, 1800);
		const difference = (code: string) => {
			const value = (state: Json) => state.registers.find((register: Json) => register.code === code).value;
			return value(after) - value(before);
		};
		// 3 · 230 V · 10 A for half an hour; class B allows 1 % at PF 1 and 0.5 inductive
		const apparent_kVAh = 3.45;
		const active_kWh = apparent_kVAh / 2;
		const reactive_kvarh = apparent_kVAh * Math.sin(Math.PI / 3);
		assert.ok(Math.abs(difference("1.8.0") / active_kWh - 1) < 0.01, `${difference("1.8.0")} kWh`);
		assert.ok(Math.abs(difference("3.8.0") / reactive_kvarh - 1) < 0.02, `${difference("3.8.0")} kvarh`);
		assert.equal(difference("2.8.0"), 0);
		const pulses = after.leds.active.count - before.leds.active.count;
		assert.ok(Math.abs(pulses - 1000 * difference("1.8.0")) <= 2, `${pulses} pulses`);
		assert.ok(after.leds.active.lastEdge_s <= after.time.monotonic_s);
		assert.ok(after.leds.active.lastEdge_s > after.time.monotonic_s - 3); // a pulse every 1.04 s
	});

	it("shows measured values that are those of the terminals", async () => {
		await call("PUT", "/mains/phases/3", { voltage_V: 240, current_A: 20, powerFactor: -0.8, reactive: "capacitive" });
		const { measured } = await call("POST", "/time/step", { seconds: 5 });
		const [, , l3] = measured.phases;
		const near = (actual: number, expected: number, share: number) =>
			assert.ok(Math.abs(actual / expected - 1) < share, `${actual} instead of ${expected}`);
		near(l3.voltage_V, 240, 0.005);
		near(l3.current_A, 20, 0.005);
		near(l3.activePower_W, -3840, 0.01);
		near(l3.reactivePower_var, -2880, 0.02);
		assert.ok(Math.abs(l3.voltageAngle_deg - 120) < 0.3);
		// Q < 0: the current leads its voltage by 180° − acos 0.8
		const expected_deg = 120 - 360 + (180 - (Math.acos(0.8) * 180) / Math.PI);
		assert.ok(Math.abs(l3.currentAngle_deg - expected_deg) < 0.3, `${l3.currentAngle_deg}`);
	});

	it("SEC-store: never serves a key", async () => {
		const texts: string[] = [];
		for (const path of ["/", "/app/main.js", "/api/state", "/api/leds", "/api/openapi.json"]) {
			texts.push(await (await fetch(`http://127.0.0.1:${simulator.panel}${path}`)).text());
		}
		const served = texts.join("\n").toUpperCase();
		let keys = 0;
		for (const secret of Object.values(testKeys)) {
			if (!(secret instanceof Uint8Array)) continue;
			keys++;
			for (const encoding of ["hex", "base64", "latin1"] as const) {
				assert.equal(served.includes(Buffer.from(secret).toString(encoding).toUpperCase()), false);
			}
		}
		assert.ok(keys >= 4);
	});

	it("S2 O9: keeps the registers over a cut of the supply", async () => {
		const cut = await call("POST", "/power", { action: "cut" });
		assert.deepEqual([cut.isPowered, cut.display], [false, { code: "", value: "", unit: "", symbols: [] }]);
		const { registers } = await call("POST", "/power", { action: "restore" });
		assert.equal(registers[0].code, "1.8.0");
		// hard cut: at most 60 s of energy are missing, and never too much is there
		const missing_kWh = cut.registers[0].value - registers[0].value;
		assert.ok(missing_kWh >= 0 && missing_kWh < 0.2, `${missing_kWh} kWh`);
	});
});
