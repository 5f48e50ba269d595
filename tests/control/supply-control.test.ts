// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { controlOutcome } from "../../src/control/control-outcome.js";
import { controlState, controlTrigger } from "../../src/control/disconnect-transitions.js";
import { recordKey } from "../../src/storage/keys.js";
import { SwitchBench } from "./bench.js";
import { arrows, isThere, lettersOf, triggers } from "./diagram.js";

const { disconnected, connected, readyForReconnection } = controlState;
describe("switch control", () => {
	for (let mode = 0; mode <= 7; mode++)
		it(`F88: mode ${mode} does what its diagram says, for every state and every trigger, contacts and log included`, () => {
			const letters = lettersOf[mode]!;
			for (const state of [disconnected, connected, readyForReconnection])
				for (const trigger of triggers) {
					const bench = new SwitchBench();
					bench.prepare(mode, state);
					const where = `${trigger} in state ${state}`;
					const letter = [...letters].find((l) => arrows[l]![0] === trigger && arrows[l]![1] === state);
					const outcome = bench.control.command(controlTrigger[trigger]);
					bench.advance(3000);
					const arrow = letter === undefined ? undefined : arrows[letter]!;
					assert.equal(bench.control.state, arrow?.[2] ?? state, where);
					assert.equal(bench.relay.closedPoles(), bench.control.state === connected ? 7 : 0, where);
					assert.equal(bench.control.isConnected, bench.control.state === connected, where);
					// without h a local reconnection frees the button, and says so
					const freesButton = arrow === undefined && trigger === "localReconnect" && state === readyForReconnection;
					assert.deepEqual(bench.events, arrow === undefined ? (freesButton ? [59] : []) : [arrow[3]], where);
					const isGood = arrow !== undefined || freesButton || isThere(letters, trigger, state);
					assert.equal(outcome, isGood ? controlOutcome.success : controlOutcome.refused, where);
				}
		});

	it("F88: pulses last 100 ms, never both coils, and only to change state", () => {
		const bench = new SwitchBench();
		bench.control.command(controlTrigger.remoteReconnect);
		bench.advance(60_000);
		assert.deepEqual(bench.relay.pulses, { close: 0, open: 0 });
		bench.control.command(controlTrigger.remoteDisconnect);
		bench.advance(99);
		assert.equal(bench.relay.closedPoles(), 7);
		bench.advance(1);
		assert.equal(bench.relay.closedPoles(), 0);
		assert.equal(bench.control.state, connected, "not before it is confirmed");
		bench.advance(1000);
		assert.equal(bench.control.state, disconnected);
		assert.deepEqual([bench.relay.pulses, bench.relay.badPulses], [{ close: 0, open: 1 }, 0]);
	});

	it("F88: a command within ten seconds of the last operation is refused, and changes nothing", () => {
		const bench = new SwitchBench();
		bench.control.command(controlTrigger.remoteDisconnect);
		bench.advance(9999);
		assert.equal(bench.control.command(controlTrigger.remoteReconnect), controlOutcome.notNow);
		assert.deepEqual([bench.control.state, bench.control.record.operations], [disconnected, 1]);
		bench.advance(1);
		assert.equal(bench.control.command(controlTrigger.remoteReconnect), controlOutcome.success);
	});

	it("F91: a welded pole is tried four times, then event 68, state disconnected with the output still on", () => {
		const bench = new SwitchBench();
		bench.relay.setPole(2, { fault: "welded" });
		bench.control.command(controlTrigger.remoteDisconnect);
		bench.advance(20_000);
		assert.equal(bench.relay.pulses.open, 4);
		assert.deepEqual(bench.events, [68]);
		const { control } = bench;
		assert.deepEqual([control.state, control.isConnected, control.record.hasFailed], [disconnected, true, true]);
		bench.relay.setPole(2, { fault: "none" });
		bench.advance(10_000);
		assert.equal(bench.relay.pulses.open, 4, "no endless retry");
	});

	it("F88: a pole that sticks open leaves the state as it was, with event 68", () => {
		const bench = new SwitchBench();
		bench.prepare(2, disconnected);
		bench.relay.setPole(1, { fault: "stuck" });
		bench.control.command(controlTrigger.remoteReconnect);
		bench.advance(20_000);
		assert.deepEqual([bench.control.state, bench.events], [disconnected, [68]]);
	});

	it("F91: current above the starting current for five seconds through open contacts is a failure, once", () => {
		const bench = new SwitchBench();
		bench.prepare(2, disconnected);
		bench.current_mA = 21;
		bench.advance(4000);
		assert.deepEqual(bench.events, []);
		bench.advance(60_000);
		assert.deepEqual(bench.events, [68]);
		assert.equal(bench.control.record.hasFailed, true);
	});

	it("F92: nothing is opened above Imax; the break waits for up to 60 s, then event 68 and no change", () => {
		const bench = new SwitchBench();
		bench.current_mA = 100_001;
		assert.equal(bench.control.command(controlTrigger.remoteDisconnect), controlOutcome.success);
		bench.advance(30_000);
		assert.equal(bench.relay.pulses.open, 0);
		bench.current_mA = 100_000;
		bench.advance(3000);
		assert.deepEqual([bench.control.state, bench.events], [disconnected, [62]]);
		const other = new SwitchBench();
		other.current_mA = 100_001;
		other.control.command(controlTrigger.remoteDisconnect);
		other.advance(62_000);
		assert.deepEqual([other.control.state, other.relay.pulses.open, other.events], [connected, 0, [68]]);
	});

	it("F92: counts operations over restarts, warns at 8000, and takes a corrupt counter as worn", () => {
		const bench = new SwitchBench();
		bench.control.record.operations = 7999;
		bench.control.command(controlTrigger.remoteDisconnect);
		bench.advance(3000);
		assert.deepEqual(bench.events, [243, 62]);
		bench.restart();
		assert.equal(bench.control.record.operations, 8000);
		const stored = new Uint8Array(18);
		bench.store.read(recordKey.supplySwitch, stored);
		stored[8]! ^= 1;
		bench.store.write(recordKey.supplySwitch, stored);
		bench.events.length = 0;
		bench.restart();
		assert.deepEqual([bench.control.record.operations, bench.events], [8000, [243]]);
	});

	for (const at_ms of [0, 20, 60, 101, 350])
		it(`F93: a cut ${at_ms} ms into an opening ends disconnected, into a closing never in an unrequested state`, () => {
			const opening = new SwitchBench();
			opening.control.command(controlTrigger.remoteDisconnect);
			opening.advance(at_ms);
			opening.restart();
			opening.advance(3000);
			assert.deepEqual([opening.control.state, opening.relay.closedPoles(), opening.events], [disconnected, 0, [62]]);
			const closing = new SwitchBench();
			closing.prepare(2, disconnected);
			closing.control.command(controlTrigger.remoteReconnect);
			closing.advance(at_ms);
			closing.restart();
			closing.advance(3000);
			const hasClosed = closing.relay.closedPoles() === 7;
			assert.equal(hasClosed, at_ms >= 50);
			assert.equal(closing.control.state, hasClosed ? connected : disconnected);
			assert.deepEqual(closing.events, [hasClosed ? 63 : 68]);
		});

	it("F93: stored disconnected is enforced once, stored connected never", () => {
		const bench = new SwitchBench();
		bench.prepare(2, readyForReconnection);
		for (const phase of [1, 2, 3] as const) bench.relay.setPole(phase, { isClosed: true } as object);
		bench.restart();
		bench.advance(3000);
		assert.deepEqual([bench.control.state, bench.relay.closedPoles(), bench.events], [2, 0, [64]]);
		const welded = new SwitchBench();
		welded.prepare(2, disconnected);
		welded.relay.setPole(1, { isClosed: true, fault: "welded" } as object);
		const { open } = welded.relay.pulses;
		welded.restart();
		welded.advance(30_000);
		assert.deepEqual([welded.relay.pulses.open - open, welded.events], [1, [68]]);
		const open3 = new SwitchBench();
		for (const phase of [1, 2, 3] as const) open3.relay.setPole(phase, { isClosed: false } as object);
		open3.restart();
		open3.advance(30_000);
		assert.deepEqual([open3.relay.pulses.close, open3.control.state, open3.events], [0, 2, [68]]);
	});

	it("F90: only a press of two seconds reconnects; shorter ones and presses while disconnected do nothing", () => {
		const bench = new SwitchBench();
		bench.prepare(2, readyForReconnection);
		bench.isButtonHeld = true;
		bench.advance(1900);
		bench.isButtonHeld = false;
		bench.advance(2000);
		assert.equal(bench.control.state, readyForReconnection);
		bench.isButtonHeld = true;
		bench.advance(5000);
		assert.deepEqual([bench.control.state, bench.events], [connected, [61]]);
		bench.isButtonHeld = false;
		bench.advance(20_000);
		assert.equal(bench.control.state, connected, "the press that reconnects is used up");
		bench.prepare(2, disconnected);
		bench.isButtonHeld = true;
		bench.advance(10_000);
		assert.deepEqual([bench.control.state, bench.events], [disconnected, []]);
	});

	for (let mode = 1; mode <= 7; mode++)
		it(`F90: in mode ${mode} the button ${[1, 2, 5].includes(mode) ? "disconnects" : "does not disconnect"}`, () => {
			const bench = new SwitchBench();
			bench.prepare(mode, connected);
			bench.isButtonHeld = true;
			bench.advance(3000);
			bench.isButtonHeld = false;
			bench.advance(3000);
			const disconnects = [1, 2, 5].includes(mode);
			assert.deepEqual([bench.control.state, bench.events], disconnects ? [2, [60]] : [1, []]);
		});

	it("F88: voltage behind open contacts forbids every reconnection", () => {
		const bench = new SwitchBench();
		bench.prepare(7, disconnected);
		bench.relay.setPole(3, { isBackFed: true });
		assert.equal(bench.control.command(controlTrigger.remoteReconnect), controlOutcome.notNow);
		assert.equal(bench.control.setMode(0), controlOutcome.notNow);
		assert.deepEqual([bench.control.record.mode, bench.control.state, bench.relay.pulses.close], [7, 0, 0]);
	});

	it("F88: mode 0 closes the switch; mode 8 is refused", () => {
		const bench = new SwitchBench();
		bench.prepare(2, disconnected);
		assert.equal(bench.control.setMode(8), controlOutcome.refused);
		assert.equal(bench.control.setMode(0), controlOutcome.success);
		bench.advance(3000);
		assert.deepEqual([bench.control.state, bench.control.record.mode, bench.events], [connected, 0, [63]]);
	});

	it("F131: fraud of an enabled cause disconnects for good, also while the relay rests; others do nothing", () => {
		const bench = new SwitchBench();
		assert.equal(bench.control.fraudDetected(2), false);
		bench.control.setFraudMask(0x2000); // bit-string 0010 0000 0000 0000
		bench.control.command(controlTrigger.localDisconnect);
		bench.advance(3000);
		assert.equal(bench.control.fraudDetected(3), false);
		assert.equal(bench.control.fraudDetected(2), true);
		assert.equal(bench.control.state, readyForReconnection);
		bench.advance(10_000);
		assert.deepEqual([bench.control.state, bench.events], [disconnected, [64, 64, 233]]);
	});

	it("G3: a command that the medium refuses moves nothing", () => {
		const bench = new SwitchBench();
		bench.store.write = () => {
			throw new RangeError("refused");
		};
		assert.throws(() => bench.control.command(controlTrigger.remoteDisconnect));
		assert.deepEqual([bench.control.record.move, bench.control.record.operations], [0, 0]);
		bench.advance(5000);
		assert.equal(bench.relay.closedPoles(), 7);
	});
});
