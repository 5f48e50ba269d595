// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { optionBit, sm402d } from "../../src/models/model.js";
import { arrows, isThere, lettersOf, triggers } from "../control/diagram.js";
import { MeterBench } from "../events/meter-bench.js";
import type { DlmsClient } from "../support/client/client.js";
import { asNumber, data, ref } from "../support/client/data.js";
import { result } from "../support/client/services.js";

const mainSwitch = ref(70, "0-0:96.3.10.255");
const scripts = ref(9, "0-0:10.0.106.255");
const lastEvent = ref(1, "0-0:96.11.2.255");
const eventCount = ref(1, "0-0:96.15.2.255");
const zero = data.integer(0);
const [disconnected, connected, ready] = [0, 1, 2];
/** Long enough for the relay to rest. */
const rest_s = 12;
const stateNames = ["disconnected", "connected", "ready for reconnection"];

describe("state diagram of the switch, by client, script and button", () => {
	let bench: MeterBench;
	let client: DlmsClient;
	/** A new meter: a flood of events would leave only the first and the last ones in its log. */
	async function start(): Promise<void> {
		const model = { ...sm402d, options: optionBit.base | optionBit.disconnector };
		bench = new MeterBench({ model });
		bench.grid.setPhase(1, { voltage_V: 230, current_A: 5, angle_deg: 0 });
		bench.run(5);
		client = await bench.connect("management");
	}

	const number = async (object: ReturnType<typeof ref>, attribute = 2) =>
		asNumber(await client.read(object, attribute));
	const command = async (method: number) => (await client.action(mainSwitch, method, zero)).result;
	const script = async (id: number) => (await client.action(scripts, 1, data.longUnsigned(id))).result;
	const setMode = (mode: number) => client.set(mainSwitch, 4, data.enum(mode));
	const press = (seconds: number) => {
		bench.simulated.housing.set({ serviceButton: true });
		bench.run(seconds);
		bench.simulated.housing.set({ serviceButton: false });
	};
	/** What a person or client does; undefined where nobody is told a result. */
	const act: Readonly<Record<(typeof triggers)[number], () => Promise<number | undefined>>> = {
		remoteDisconnect: () => command(1),
		remoteReconnect: () => command(2),
		manualDisconnect: async () => void press(3),
		manualReconnect: async () => void press(3),
		localDisconnect: () => script(3),
		localReconnect: () => script(4),
	};

	async function prepare(mode: number, state: number): Promise<void> {
		bench.run(rest_s);
		assert.equal(await setMode(7), result.success);
		if ((await number(mainSwitch, 3)) !== connected) {
			assert.equal(await command(2), result.success);
			bench.run(rest_s);
		}
		if (state === disconnected) assert.equal(await command(1), result.success);
		if (state === ready) assert.equal(await script(3), result.success);
		bench.run(rest_s);
		assert.equal(await setMode(mode), result.success);
		bench.run(1);
		assert.equal(await number(mainSwitch, 3), state);
	}

	for (let mode = 0; mode <= 7; mode++)
		it(`F88 F89 F90: mode ${mode}: every trigger in every state moves contacts, state and log as the diagram says, or is refused and moves nothing`, async () => {
			const letters = lettersOf[mode]!;
			for (const state of mode === 0 ? [connected] : [disconnected, connected, ready]) {
				await start();
				for (const trigger of triggers) {
					// the button asks for the other state than that which is there
					if (trigger === (state === connected ? "manualReconnect" : "manualDisconnect")) continue;
					await prepare(mode, state);
					const where = `${trigger} while ${stateNames[state]}`;
					const letter = [...letters].find((name) => arrows[name]![0] === trigger && arrows[name]![1] === state);
					const arrow = letter === undefined ? undefined : arrows[letter]!;
					const freesButton = arrow === undefined && trigger === "localReconnect" && state === ready;
					const events = await number(eventCount);
					press(1.4);
					bench.run(3);
					assert.equal(await number(mainSwitch, 3), state, "a shorter press is ignored");
					const answer = await act[trigger]();
					bench.run(3);
					const now = arrow?.[2] ?? state;
					assert.equal(await number(mainSwitch, 3), now, where);
					assert.equal((await client.read(mainSwitch, 2)).value, now === connected, where);
					assert.equal(bench.simulated.supplySwitch!.closedPoles(), now === connected ? 1 : 0, where);
					assert.equal(await number(eventCount), events + (arrow !== undefined || freesButton ? 1 : 0), where);
					if (arrow !== undefined || freesButton) assert.equal(await number(lastEvent), arrow?.[3] ?? 59, where);
					if (answer === undefined) continue;
					const isGood = arrow !== undefined || freesButton || isThere(letters, trigger, state);
					assert.equal(answer, isGood ? result.success : result.otherReason, where);
				}
			}
		}).timeout(20_000);
});
