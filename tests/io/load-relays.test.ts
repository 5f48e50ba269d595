// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { SimulatedIo } from "../../hosts/simulator/simulated-io.js";
import { controlOutcome } from "../../src/control/control-outcome.js";
import { controlState, controlTrigger } from "../../src/control/disconnect-transitions.js";
import { DeviceError } from "../../src/core/device-error.js";
import { IoLines } from "../../src/io/io-lines.js";
import type { IoParts } from "../../src/io/io-parts.js";
import { IoSettings } from "../../src/io/io-settings.js";
import { LoadRelays } from "../../src/io/load-relays.js";
import { afterPowerCut, relayFunction, usualRelay, writeRelayOrders } from "../../src/io/relay-order.js";
import { st402d } from "../../src/models/model.js";
import { housingSignal } from "../../src/ports/housing.js";
import { recordKey } from "../../src/storage/keys.js";
import { arrows, isThere, lettersOf, triggers } from "../control/diagram.js";
import { MemoryStore } from "../support/stores.js";

const { disconnected, connected, readyForReconnection } = controlState;
const { remoteDisconnect, remoteReconnect, localDisconnect, localReconnect } = controlTrigger;
/** Event of relay 1 for each of the switch. */
const eventOf: { readonly [code: number]: number } = { 62: 224, 63: 227, 60: 230, 61: 233, 64: 230, 69: 233 };

/** The relays of a meter on simulated contacts, in stepped time. */
class RelayBench {
	now_ms = 1_000_000;
	store = new MemoryStore();
	io = new SimulatedIo(3);
	readonly events: number[] = [];
	isButtonHeld = false;
	isBlocked = false;
	remotely = 0;
	released = 0;
	isRefusing = false;
	relays: LoadRelays = this.#start();

	advance(duration_ms: number): void {
		const end_ms = this.now_ms + duration_ms;
		while (this.relays.deadline_ms <= end_ms) {
			this.now_ms = Math.max(this.now_ms, this.relays.deadline_ms);
			this.relays.run(this.now_ms);
		}
		this.now_ms = end_ms;
	}

	restart(): void {
		this.io.powerDown();
		this.now_ms += 60_000;
		this.relays = this.#start();
		this.advance(2000);
	}

	/** Puts relay 1 into a state of a mode, as if it had always been so. */
	prepare(mode: number, state: number): void {
		this.store.write(recordKey.relays, Uint8Array.of(1, state, mode, 0, 0, 0, 1, 4, 0, 0, 0, 1, 4, 0, 0, 0));
		this.restart();
		this.events.length = 0;
	}

	get isClosed(): boolean {
		return this.io.state().relays[0]!.isClosed;
	}

	#start(): LoadRelays {
		const parts = {
			model: st402d,
			lines: new IoLines(this.io),
			settings: new IoSettings(this.store, 1000),
			clock: { monotonic_ms: () => this.now_ms },
			journal: {
				read: (key: number, into: Uint8Array) => this.store.read(key, into),
				write: (key: number, bytes: Uint8Array, length?: number) => {
					if (this.isRefusing) throw new DeviceError("flash", "refused");
					this.store.write(key, bytes, length);
				},
			},
			parameters: this.store,
			events: {
				event: (_log: number, code: number) => this.events.push(code),
				eventAt: () => undefined,
				memoryFailed: () => undefined,
			},
			housing: { signals: () => (this.isButtonHeld ? housingSignal.serviceButton : 0), fieldStrength: () => 0 },
			host: {},
		} as unknown as IoParts;
		const relays = new LoadRelays(parts);
		relays.guard = {
			blocksReconnection: () => this.isBlocked,
			holdsReconnection: () => false,
			remotelyReconnected: () => void this.remotely++,
			remotelyReleased: () => void this.released++,
		};
		return relays;
	}
}

describe("load relays", () => {
	it("F136: a client's reconnection of what the meter has opened ends the lock of the day in a mode that only frees the button", () => {
		const bench = new RelayBench();
		bench.advance(20_000);
		bench.relays.setMode(0, 5);
		assert.equal(bench.relays.command(0, localDisconnect), controlOutcome.success);
		bench.advance(20_000);
		assert.equal(bench.relays.command(0, remoteReconnect), controlOutcome.success);
		assert.deepEqual([bench.isClosed, bench.remotely, bench.released], [false, 0, 1]);
		bench.relays.command(0, remoteDisconnect);
		assert.equal(bench.relays.command(0, remoteReconnect), controlOutcome.success);
		assert.deepEqual([bench.isClosed, bench.remotely, bench.released], [false, 0, 2]);
	});

	for (let mode = 0; mode <= 7; mode++)
		it(`F67: mode ${mode} does what the diagram of class 70 says, for every state and every trigger, contacts and log included`, () => {
			const letters = lettersOf[mode]!;
			for (const state of [disconnected, connected, readyForReconnection])
				for (const trigger of triggers) {
					const bench = new RelayBench();
					bench.prepare(mode, state);
					const where = `${trigger} in state ${state}`;
					const letter = [...letters].find((l) => arrows[l]![0] === trigger && arrows[l]![1] === state);
					const outcome = bench.relays.command(0, controlTrigger[trigger]);
					bench.advance(3000);
					const arrow = letter === undefined ? undefined : arrows[letter]!;
					assert.equal(bench.relays.state(0), arrow?.[2] ?? state, where);
					assert.equal(bench.isClosed, bench.relays.state(0) === connected, where);
					assert.equal(bench.relays.isClosed(0), bench.isClosed, where);
					const event = arrow === undefined ? undefined : eventOf[arrow[3]];
					assert.deepEqual(bench.events, event === undefined ? [] : [event], where);
					const freesButton = arrow === undefined && trigger === "localReconnect" && state === readyForReconnection;
					const isGood = arrow !== undefined || freesButton || isThere(letters, trigger, state);
					assert.equal(outcome, isGood ? controlOutcome.success : controlOutcome.refused, where);
				}
		});

	it("F67: rests as ordered between two moves, each way", () => {
		const bench = new RelayBench();
		writeRelayOrders(bench.store, [{ ...usualRelay, minimumOn_s: 30, minimumOff_s: 5 }]);
		bench.restart();
		assert.equal(bench.relays.command(0, remoteDisconnect), controlOutcome.success);
		bench.advance(4900);
		assert.equal(bench.relays.command(0, remoteReconnect), controlOutcome.notNow);
		bench.advance(200);
		assert.equal(bench.relays.command(0, remoteReconnect), controlOutcome.success);
		bench.advance(29_900);
		assert.equal(bench.relays.command(0, remoteDisconnect), controlOutcome.notNow);
		bench.advance(200);
		assert.equal(bench.relays.command(0, remoteDisconnect), controlOutcome.success);
		for (const wrong of [0, 256, 1.5])
			assert.throws(() => writeRelayOrders(bench.store, [{ ...usualRelay, minimumOn_s: wrong }]), RangeError);
	});

	it("F67 F136: what the meter has opened for a reason closes when the guard lets it, and a client tells the guard", () => {
		const bench = new RelayBench();
		bench.prepare(7, connected);
		bench.relays.command(0, localDisconnect);
		bench.isBlocked = true;
		bench.advance(20_000);
		for (const trigger of [remoteReconnect, localReconnect])
			assert.equal(bench.relays.command(0, trigger), controlOutcome.notNow);
		bench.isButtonHeld = true;
		bench.advance(5000);
		assert.ok(!bench.isClosed);
		bench.isBlocked = false;
		bench.advance(1000);
		assert.ok(bench.isClosed, "held on, it closes as soon as nothing forbids it");
		bench.isButtonHeld = false;
		bench.advance(20_000);
		assert.equal(bench.remotely, 0);
		bench.relays.command(0, localDisconnect);
		bench.advance(20_000);
		assert.equal(bench.relays.command(0, remoteReconnect), controlOutcome.success);
		assert.equal(bench.remotely, 1);
		bench.advance(20_000);
		bench.relays.command(0, remoteDisconnect);
		bench.advance(20_000);
		bench.isBlocked = true;
		assert.equal(bench.relays.command(0, remoteReconnect), controlOutcome.success, "a client's own is not held back");
	});

	it("F67: a cut while it moves: state and log are what was asked for; one that a limit keeps open stays so, whatever was ordered", () => {
		const bench = new RelayBench();
		writeRelayOrders(bench.store, [{ ...usualRelay, afterPowerCut: afterPowerCut.closed }]);
		bench.restart();
		bench.relays.command(0, localDisconnect);
		bench.advance(50);
		bench.restart();
		assert.deepEqual(bench.events, [230]);
		assert.ok(!bench.isClosed);
		assert.equal(bench.relays.state(0), readyForReconnection);
	});

	it("G3: a medium that refuses leaves contact, state and mode as they were", () => {
		const bench = new RelayBench();
		bench.prepare(4, connected);
		bench.isRefusing = true;
		assert.throws(() => bench.relays.command(0, remoteDisconnect), DeviceError);
		assert.throws(() => bench.relays.setMode(0, 1), DeviceError);
		bench.advance(3000);
		assert.ok(bench.isClosed);
		assert.deepEqual([bench.relays.state(0), bench.relays.mode(0)], [connected, 4]);
		assert.deepEqual(bench.events, []);
	});

	it("F67 F70: a relay of another function refuses every command and mode; order records of version 1 stay readable", () => {
		const bench = new RelayBench();
		bench.store.write(
			recordKey.relayOrders,
			Uint8Array.of(1, relayFunction.alarm, 0, 10, 10, 0, 1, 20, 30, 0, 2, 1, 1),
		);
		bench.relays = new RelayBench().relays;
		bench.restart();
		for (const trigger of triggers)
			assert.equal(bench.relays.command(0, controlTrigger[trigger]), controlOutcome.refused);
		assert.equal(bench.relays.setMode(0, 4), controlOutcome.refused);
		assert.equal(bench.relays.command(1, remoteReconnect), controlOutcome.success);
	});
});
